// What an operation is done with, and what it comes to. How each kind is done is its own file's.

import type { Store } from '../db/store.ts'
import type { CallFailure } from '../provider/port.ts'
import type { Calls } from './calls.ts'

export type OperationEnd = Parameters<Store['endOperation']>[1]

/** What it came to, and why where that is not the upstream's to say. Null: not ours to end, or not now. */
export type Outcome = { readonly end: OperationEnd; readonly failure: CallFailure | null } | null

/** What doing an operation takes. */
export interface Performing {
  readonly store: Store
  readonly calls: Calls
  /** False: the poller stops. */
  readonly pause: (ms: number) => Promise<boolean>
  /** Of ours, and in nobody's way. */
  readonly failed: (error: unknown) => void
}
