// What one transition gives back: the state that follows, the facts that happened, and what must be kept beside them
// because it may not stand in a state or an event (secrets, persons).

import type { LoginEvent } from './event.ts'
import type { QrSecret } from './observation.ts'
import type { LoginState } from './state.ts'
import type { Profile } from './vocabulary.ts'

/** The same state object and no event: the observation changed nothing, and nothing is written. */
export interface Step {
  readonly state: LoginState
  readonly events: readonly LoginEvent[]
  /** What changes of the secrets; absent: nothing does. Null in it: erase. */
  readonly secrets?: SecretsChange
  /** Who scanned, where the upstream just said so. */
  readonly scanner?: Scanner
  /** Who is signed in on the device now, for the account, its profile and its sign-in: at a confirmation, or at WRONG_ACCOUNT. */
  readonly signedIn?: Profile
}

export interface SecretsChange {
  readonly qrCode?: QrSecret | null
  readonly code?: string | null
  readonly sliderUrl?: string | null
}

export interface Scanner {
  readonly nickName: string | null
  readonly avatarUrl: string | null
}
