// What walls ask of the database: which logins changed, and how the presence of many accounts stands. They hear of changes
// by rings; this is what they read then, and what they look at now and then in case a ring was lost.

import type { PresenceState } from '../login/presence.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { AccountRecord, PresenceChangeRecord, RecordedEvent } from './records.ts'

export interface ActivityStore {
  /** The newest event of each, by login. Logins of another tenant have none. */
  readNewestEvents(
    tenant: string,
    logins: readonly { readonly id: string; readonly sequence: number }[],
  ): Promise<ReadonlyMap<string, RecordedEvent>>
  /**
   * Versions of the logins that changed then or later: of live ones, and of ended ones that started at `startedFrom` or
   * later. A change says when it was observed, which is up to the length of a statement before it can be seen.
   */
  readChangedLogins(
    tenant: string,
    changed: { readonly since: Millis; readonly startedFrom: Millis },
  ): Promise<ReadonlyMap<string, number>>
  /** When the oldest live login started; null: none lives. */
  readOldestLive(tenant: string): Promise<Millis | null>

  /** By id, `limit` at most; `after` null: from the first. */
  pageStandings(tenant: string, after: string | null, limit: number): Promise<readonly Standing[]>
  readStandings(tenant: string, accountIds: readonly string[]): Promise<readonly Standing[]>
  /** Little of many: of these accounts, or (null) of all. */
  readPresenceMarks(
    tenant: string,
    accountIds: readonly string[] | null,
  ): Promise<ReadonlyMap<string, PresenceMark>>
  /** Every change numbered above that of its account, in the order of their numbers. */
  readPresenceChangesAbove(
    tenant: string,
    numbers: ReadonlyMap<string, number>,
  ): Promise<readonly PresenceChangeRecord[]>
}

/** An account with the number of its newest change. Its presence is as it was told, however long ago that is. */
export interface Standing {
  readonly account: AccountRecord
  readonly number: number
}

export interface PresenceMark {
  /** Of its newest change. */
  readonly number: number
  readonly state: PresenceState
  readonly asOf: Millis
  /** Differs where anything else of the account does. */
  readonly rest: string
}
