// What the verbs of the API are given to work with. Assembled once, in `app.ts`.

import type { Bus } from '../bus/bus.ts'
import type { Carried, Store } from '../db/store.ts'
import type { PresenceHint } from '../login/presence.ts'
import type { Deadlines, Limits } from '../login/terms.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { CallFailure, Provider } from '../provider/port.ts'
import type { Feeds } from './feeds.ts'
import type { PictureLinks } from './login-view.ts'

export interface Services extends PictureLinks {
  readonly store: Store
  readonly bus: Bus<Carried>
  readonly feeds: Feeds
  readonly providers: ReadonlyMap<string, Provider>
  readonly limits: Limits
  /** In place of what is usual for an upstream. */
  readonly deadlines: Partial<Deadlines>
  /** Why an operation came to nothing; null: not known here (any more). */
  failureOf(operationId: string): CallFailure | null
  /**
   * Somebody says that an account may have gone: whoever keeps presence looks for itself, soon and once however often it is
   * said. Names that nobody here has come to nothing.
   */
  hintPresence(hint: PresenceHint): void
  /** Asks the upstream now whether that account is signed in. Rejects with what stood in the way. */
  checkPresence(provider: string, accountId: string): Promise<void>
  /** Where the phones of a provider can be played with; null: they are real ones. */
  phonesUrl(provider: string): string | null
  /** A UUIDv7 of that moment: a login's month is known from its id. */
  newLoginId(at: Millis): string
  /** A keyed mark of a verify code, so that the same one is known again without keeping it. */
  markOf(loginId: string, code: string): string
  /** How long a mutation waits for the upstream before it answers with what is known, in milliseconds. */
  readonly patience: number
}
