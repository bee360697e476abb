// What is asked of the database about how things came to be: versions of devices and profiles, sign-ins, changes of
// presence. Newest first everywhere, and forward only.

import type { MomentCursor, PresenceChangeFilter, SignInFilter } from './filters.ts'
import type {
  AccountProfileRecord,
  DeviceVersionRecord,
  PresenceChangeRecord,
  SignInRecord,
} from './records.ts'

/** `limit` rows after a cursor; the caller asks for one more than it shows. */
export interface Ahead<Cursor> {
  readonly limit: number
  /** Null: from the newest. */
  readonly after: Cursor | null
}

/** A change's place among all: of one moment there may be several, of several accounts. */
export interface ChangeCursor extends Pick<PresenceChangeRecord, 'at' | 'accountId' | 'number'> {}

/** The same page of many things in one statement, by thing; absent: it has none, or is of another tenant. */
export type PagesOf<Row, Cursor> = (
  tenant: string,
  things: readonly string[],
  page: Ahead<Cursor>,
) => Promise<ReadonlyMap<string, readonly Row[]>>

export interface HistoryStore {
  /** Versions are paged by their numbers. */
  readonly readDeviceVersions: PagesOf<DeviceVersionRecord, number>
  readonly readAccountProfiles: PagesOf<AccountProfileRecord, number>
  /** Of each account, by their numbers. */
  readonly readPresenceChangesOf: PagesOf<PresenceChangeRecord, number>
  /** By their beginning. */
  readonly readSignInsOfDevices: PagesOf<SignInRecord, MomentCursor>
  readonly readSignInsOfAccounts: PagesOf<SignInRecord, MomentCursor>
  pageSignIns(
    tenant: string,
    where: SignInFilter,
    page: Ahead<MomentCursor>,
  ): Promise<readonly SignInRecord[]>
  pagePresenceChanges(
    tenant: string,
    where: PresenceChangeFilter,
    page: Ahead<ChangeCursor>,
  ): Promise<readonly PresenceChangeRecord[]>
}
