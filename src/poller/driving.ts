// What a drive may use: one turn for one login, which asks the upstream and tells what it said.

import type { CallTarget, Store } from '../db/store.ts'
import type { Observation } from '../login/observation.ts'
import type { LoginState } from '../login/state.ts'
import type { Target } from '../provider/port.ts'
import type { Calls } from './calls.ts'
import type { Held } from './held.ts'
import type { Pictures } from './options.ts'

/** GONE: ended, or no longer driven here. CONTENDED: not written though it would have changed something; what is owed comes again. */
export type Told = 'RECORDED' | 'UNCHANGED' | 'GONE' | 'CONTENDED'

export interface Driving {
  readonly store: Store
  readonly pictures: Pictures
  readonly calls: Calls
  /** Records what was observed, rings, and takes what follows. Reads and writes nothing where nothing changes. */
  tell(held: Held, observation: Observation): Promise<Told>
  /** Goes on beside the login's own turns. */
  beside(held: Held, work: () => Promise<unknown>): void
  /** The device was just asked by something that counts as a poll. */
  asked(held: Held): void
}

export type Drive = (held: Held, driving: Driving) => Promise<void>

/** The waiting code is in it: for the tick in which it is sent, and never kept. Null: the login has ended. */
export const readTarget = async (held: Held, { store }: Driving): Promise<CallTarget | null> =>
  held.gone ? null : await store.readTarget(held.id)

/** As the login is driven now, which may have become a MAC or have another QR code out by now. Without the code. */
export const targetOf = (held: Held, { code: _, ...target }: CallTarget): Target => ({
  ...target,
  deviceType: held.turn.state.deviceType,
  handle: handleOf(held.turn.state),
})

/** The upstream's name for the QR code that is out; null: none is, or the device's name is enough. */
export const handleOf = (state: LoginState): string | null =>
  'prompt' in state && state.prompt.kind === 'QR_CODE' ? state.prompt.handle : null
