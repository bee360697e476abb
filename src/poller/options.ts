// What the poller is given. Everything that touches the world comes in here, so that tests can hand in their own.

import type { Bus } from '../bus/bus.ts'
import type { Carried, Store } from '../db/store.ts'
import type { Picture } from '../pictures/fetch-picture.ts'
import type { Provider } from '../provider/port.ts'
import type { Time } from './time.ts'

export interface Pictures {
  /** Fetched and checked to be a picture. `origin` may be fetched from even where it is no public address. Rejects otherwise. */
  fetch(url: string, origin: string, signal: AbortSignal): Promise<Picture>
  /** What the QR code in it says; null: there is none to be read. */
  decode(picture: Picture): Promise<string | null>
}

/** The part of a logger that is used; what goes in holds no secrets. */
export interface Log {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface PollerOptions {
  readonly store: Store
  readonly bus: Bus<Carried>
  readonly providers: ReadonlyMap<string, Provider>
  readonly pictures: Pictures
  readonly log: Log
  /** S2:33: gone so soon after a sign-in is the exit's fault; 0: the upstream has no such rule. */
  readonly earlyDropSeconds: number
  /** This process's own by default. */
  readonly time?: Time
}

export interface Statistics {
  /** Polls sent. */
  readonly polls: number
  /** Answers to them that changed nothing and cost no statement. */
  readonly unchangedPolls: number
  /** Observations written. */
  readonly records: number
  /** Calls of upstreams that failed, were refused or went unanswered. */
  readonly failures: number
  /** Turns of a login that threw: a bug, or a database out of reach. */
  readonly errors: number
  /** Logins driven now. */
  readonly live: number
  /** Of signed-in accounts: lists of everybody that were asked for, and questions about single ones. */
  readonly presence: { readonly lists: number; readonly questions: number }
}
