// What the verbs of the API are given to work with. Assembled once, in `app.ts`.

import type { Bus } from '../bus/bus.ts'
import type { Recorded, Store } from '../db/store.ts'
import type { Deadlines, Limits } from '../login/terms.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { CallFailure, Provider } from '../provider/port.ts'
import type { Feeds } from './feeds.ts'

/** What a ring carries inside one process: what was just recorded. */
export type Carried = Extract<Recorded, { kind: 'RECORDED' }>

export interface Services {
  readonly store: Store
  readonly bus: Bus<Carried>
  readonly feeds: Feeds
  readonly providers: ReadonlyMap<string, Provider>
  readonly limits: Limits
  readonly deadlines: Deadlines
  /** Why an operation came to nothing; null: not known here (any more). */
  failureOf(operationId: string): CallFailure | null
  /** Where the phones of a provider can be played with; null: they are real ones. */
  phonesUrl(provider: string): string | null
  /** A signed link to a kept picture, good for an hour. */
  pictureUrl(tenant: string, pictureId: string): string
  /** A UUIDv7 of that moment: a login's month is known from its id. */
  newLoginId(at: Millis): string
  /** A keyed mark of a verify code, so that the same one is known again without keeping it. */
  markOf(loginId: string, code: string): string
  /** How long a mutation waits for the upstream before it answers with what is known, in milliseconds. */
  readonly patience: number
}
