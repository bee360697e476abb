// What the database can be asked, as one object with plain verbs. The poller and the resolvers know this and no SQL.
// Every verb that a caller reaches carries the tenant; a login changes only through `record`.

import type { Observation } from '../login/observation.ts'
import type { DeviceFacts } from '../login/rules.ts'
import type { LoginState } from '../login/state.ts'
import type { Terms } from '../login/terms.ts'
import type { Advisory, DeviceType, Millis } from '../login/vocabulary.ts'
import type { ActivityStore } from './activity-store.ts'
import type { AccountFilter, DeviceFilter, LoginFilter, MomentCursor, Page } from './filters.ts'
import type { HistoryStore } from './history-store.ts'
import type { ImportStore } from './import-store.ts'
import type { PresenceStore } from './presence-store.ts'
import type {
  AccountRecord,
  DeviceRecord,
  LoginRecord,
  LoginSecrets,
  OperationRecord,
  Progress,
  RecordedEvent,
} from './records.ts'
import type { StatisticsStore } from './statistics-store.ts'
import type { StreamLogins } from './stream-logins.ts'

/** The database's clock, followed by this process's own monotonic one. */
export interface Clock {
  now(): Millis
}

export interface Store
  extends LoginStore,
    DeviceStore,
    ImportStore,
    PresenceStore,
    ActivityStore,
    HistoryStore,
    StatisticsStore,
    PictureStore {
  readonly clock: Clock
  readonly engine: 'pglite' | 'postgres'
  /** Statements sent since the start, by whether they may write. */
  readonly statistics: { readonly reads: number; readonly writes: number }
  /** Asks once, to say whether the database answers; and what upkeep saw last: whether events lie in no partition of their own. */
  ping(): Promise<{ readonly strayEvents: boolean }>
  close(): Promise<void>
}

// ---------------------------------------------------------------- the turn that a login has on a device

/** What the owner of a login holds in memory to drive it. Rows of older versions are read by a total decoder. */
export interface Turn {
  readonly loginId: string
  readonly deviceId: string
  readonly tenant: string
  readonly provider: string
  readonly version: number
  readonly epoch: number
  readonly state: LoginState
}

export interface LoginStore {
  /**
   * Takes every turn whose owner is not among the living, in one statement (Postgres: lease of 5 s; PGlite: all). One that
   * cannot be read here is not among them; it ends TIMED_OUT once its fifteen minutes are over.
   */
  claim(): Promise<readonly Turn[]>
  /** Renews this instance's heartbeat; false: the lease was lost, stop calling upstreams. */
  beat(): Promise<boolean>
  /** Gives every owned turn back, so that the next instance need not wait for the lease. */
  release(): Promise<void>
  /** Versions of the turns that this instance owns. */
  ownedVersions(): Promise<ReadonlyMap<string, number>>
  /** The same of those written since, and how many there are in all: the once-a-second look that a lost ring costs at most. */
  changedVersions(since: Millis): Promise<{
    readonly owned: number
    readonly versions: ReadonlyMap<string, number>
  }>
  /** One turn as it is now; null: it has ended. */
  readTurn(loginId: string): Promise<Turn | null>
  /** The one writer. `from` is where the caller believes the login stands, which saves a read; `epoch` is asked for where the upstream or the clock speaks. */
  record(
    loginId: string,
    observation: Observation,
    options?: { from?: Turn; epoch?: number },
  ): Promise<Recorded>
  /** What a call must be told, with the proxy's password and the waiting verify code in clear. Never kept. */
  readTarget(loginId: string): Promise<CallTarget | null>
  /** Sets the picture of who scanned; the next snapshot shows it. */
  attachScannerPicture(loginId: string, pictureId: string): Promise<void>
  /** Sets the picture of an account's newest profile. */
  attachAccountPicture(tenant: string, provider: string, wcId: string, pictureId: string): Promise<void>

  startLogin(start: LoginStart): Promise<LoginStarted>
  /** What `startLogin` must know to decide: read in one statement. Null: no such device in this tenant. */
  readStartFacts(tenant: string, deviceId: string, now: Millis): Promise<StartFacts | null>
  /** What an idempotency key was answered with, so that no rule refuses what was granted already. Null: unknown, or expired. */
  readLoginKey(
    tenant: string,
    key: string,
  ): Promise<{ readonly loginId: string; readonly inputHash: string } | null>
  readLogin(tenant: string, loginId: string): Promise<LoginRecord | null>
  readLogins(tenant: string, loginIds: readonly string[]): Promise<ReadonlyMap<string, LoginRecord>>
  /** The login and its events above `after`, oldest first, `limit` at most, read in one statement so that both agree. */
  readProgress(tenant: string, loginId: string, after: number, limit: number): Promise<Progress | null>
  /** The same page of the logs of many logins, by login, in one statement; one without events has none. */
  readEventsOf(
    tenant: string,
    loginIds: readonly string[],
    page: Page<number>,
  ): Promise<ReadonlyMap<string, readonly RecordedEvent[]>>
  pageLogins(
    tenant: string,
    where: LoginFilter,
    order: 'STARTED_AT_DESC' | 'STARTED_AT_ASC',
    page: Page<MomentCursor>,
  ): Promise<readonly LoginRecord[]>
  countLogins(tenant: string, where: LoginFilter): Promise<number>
  /** The same page of the logins of many devices or accounts, by device or account, in one statement. */
  readLoginsOf(
    tenant: string,
    whose: 'device' | 'account',
    ids: readonly string[],
    where: LoginFilter,
    order: 'STARTED_AT_DESC' | 'STARTED_AT_ASC',
    page: Page<MomentCursor>,
  ): Promise<ReadonlyMap<string, readonly LoginRecord[]>>
  countLoginsOf(
    tenant: string,
    whose: 'device' | 'account',
    ids: readonly string[],
    where: LoginFilter,
  ): Promise<ReadonlyMap<string, number>>
  readonly streamLogins: StreamLogins
  readSecrets(tenant: string, loginId: string): Promise<LoginSecrets>
  /** The same for a page of logins, in one statement. */
  readSecretsOf(tenant: string, loginIds: readonly string[]): Promise<ReadonlyMap<string, LoginSecrets>>
}

export interface CallTarget {
  readonly upstreamId: string
  readonly deviceType: DeviceType
  readonly province: string | null
  readonly city: string | null
  readonly proxy: { host: string; port: number; username: string | null; password: string | null } | null
  readonly ttuid: string | null
  readonly wcId: string | null
  /** The upstream's handles of the sign-ins that the device and its account have had last; none where the device is the handle. */
  readonly knownHandles: readonly string[]
  readonly code: string | null
}

export type Recorded =
  | {
      readonly kind: 'RECORDED'
      readonly turn: Turn
      readonly events: readonly RecordedEvent[]
      /** When it was observed. */
      readonly at: Millis
      /** Name of who scanned, where that was just told. */
      readonly scanner?: { readonly nickName: string | null }
    }
  /** The transition gave back the same state and no event: nothing was written. */
  | { readonly kind: 'UNCHANGED'; readonly turn: Turn }
  /** Its turn is over. Where the observation shows somebody signed in, that is recorded of the device, unless something later is known. */
  | { readonly kind: 'ENDED' }
  /** Another instance owns it: stop at once. */
  | { readonly kind: 'NOT_MINE' }
  /** Five attempts lost the race. */
  | { readonly kind: 'CONTENDED' }

/** What a ring of the bus carries inside one process: what was just recorded. */
export type Carried = Extract<Recorded, { kind: 'RECORDED' }>

export interface LoginStart {
  readonly loginId: string
  readonly tenant: string
  readonly deviceId: string
  readonly startedBy: string
  readonly reference: string | null
  readonly continues: string | null
  readonly terms: Terms
  readonly state: LoginState
  readonly advisories: readonly Advisory[]
  readonly idempotency: { readonly key: string; readonly inputHash: string } | null
  /** The live login that is a good answer (RETURN_ACTIVE): the key is kept with it. Any other is a refusal, and stores nothing. */
  readonly settledOn?: string | null
  /** REPLACE: the live login that is ended as SUPERSEDED in the same statement. */
  readonly replaces: { readonly loginId: string; readonly version: number } | null
}

export type LoginStarted =
  | { readonly kind: 'CREATED'; readonly turn: Turn; readonly replaced: Turn | null }
  | { readonly kind: 'ACTIVE'; readonly loginId: string }
  | { readonly kind: 'SAME_KEY'; readonly loginId: string; readonly sameInput: boolean }
  | { readonly kind: 'OPERATION'; readonly operationId: string }
  | { readonly kind: 'NO_DEVICE' }
  /** What was to be replaced has moved on: decide again. */
  | { readonly kind: 'MOVED' }

/**
 * What the rules look at before a login starts: what a device has been through, the device, and who has its turn. Moments
 * of the last hour come oldest first; pushes in a row are counted from the newest.
 */
export interface StartFacts extends Omit<DeviceFacts, 'province' | 'proxied' | 'ttuid' | 'resetRequired'> {
  readonly device: DeviceRecord
  readonly active: { readonly loginId: string; readonly version: number; readonly state: LoginState } | null
  /** Who was seen signed in here within five minutes; null: nobody. */
  readonly onlineWcId: string | null
}

// ---------------------------------------------------------------- devices and accounts

export interface DeviceSettings {
  readonly label: string | null
  readonly deviceType: DeviceType
  readonly province: string | null
  readonly city: string | null
  readonly proxy: {
    readonly host: string
    readonly port: number
    readonly username: string | null
    readonly password: string | null
  } | null
  readonly ttuid: string | null
}

export interface DeviceStore {
  /** Inserts device, first version, REGISTER operation and its turn in one statement; a known key answers with its device. */
  registerDevice(input: {
    readonly tenant: string
    readonly provider: string
    readonly deviceKey: string
    readonly upstreamId: string
    readonly settings: DeviceSettings
    readonly inputHash: string
    readonly changedBy: string
    /** False: it exists upstream already, nothing is to be sent. */
    readonly create: boolean
  }): Promise<{
    readonly device: DeviceRecord
    readonly created: boolean
    readonly sameInput: boolean
    readonly operation: OperationRecord | null
  }>
  /**
   * Absent keys stay as they were, null removes. BUSY: the device's turn is taken. A signed-in device that gets another proxy has
   * the turn of an operation afterwards.
   */
  updateDevice(input: {
    readonly tenant: string
    readonly deviceId: string
    readonly change: Partial<Omit<DeviceSettings, 'deviceType'>>
    readonly changedBy: string
  }): Promise<{ readonly device: DeviceRecord; readonly operation: OperationRecord | null } | 'BUSY' | null>
  /** Keeps its history, frees its key. Null: no such device in use. */
  retireDevice(input: {
    readonly tenant: string
    readonly deviceId: string
    readonly changedBy: string
  }): Promise<DeviceRecord | 'BUSY' | 'SIGNED_IN' | null>
  /**
   * Takes the device's turn for a call that is sent once. SIGNED_IN: not on a device with an account. NOT_HERE: that account is
   * on it no more. Null: no such device in use.
   */
  requestOperation(input: {
    readonly tenant: string
    readonly deviceId: string
    readonly kind: 'RESET' | 'LOGOUT'
    /** Whom it logs out. */
    readonly accountId: string | null
    readonly requestedBy: string
  }): Promise<OperationRecord | 'BUSY' | 'SIGNED_IN' | 'NOT_HERE' | null>
  /** PENDING operations that this instance owns, for the poller. A REGISTER is safe to repeat: a device that exists is created. */
  claimOperations(): Promise<readonly PendingOperation[]>
  /** The intent: recorded before the call is sent, by whoever sends it. False: somebody did, or it is another's. */
  operationSent(operationId: string): Promise<boolean>
  /** It never left: whoever comes next may send it. */
  operationNotSent(operationId: string): Promise<void>
  /** The upstream took it, though it may not show yet. */
  operationTaken(operationId: string): Promise<void>
  /** What it did to the device and its account, where it is DONE, is written with it. False: it is over already. */
  endOperation(
    operationId: string,
    end: {
      readonly state: 'DONE' | 'FAILED' | 'UNCLEAR'
      readonly upstreamCode: string | null
      readonly upstreamMessage: string | null
    },
  ): Promise<boolean>
  readOperation(tenant: string, operationId: string): Promise<OperationRecord | null>
  /** The one under way, or the last, of each device. */
  readNewestOperations(
    tenant: string,
    deviceIds: readonly string[],
  ): Promise<ReadonlyMap<string, OperationRecord>>
  readDevices(tenant: string, deviceIds: readonly string[]): Promise<ReadonlyMap<string, DeviceRecord>>
  readAccounts(tenant: string, accountIds: readonly string[]): Promise<ReadonlyMap<string, AccountRecord>>
  /** Login that holds the turn of each device; absent: none. */
  readActiveLogins(tenant: string, deviceIds: readonly string[]): Promise<ReadonlyMap<string, string>>
  pageDevices(tenant: string, where: DeviceFilter, page: Page<MomentCursor>): Promise<readonly DeviceRecord[]>
  countDevices(tenant: string, where: DeviceFilter): Promise<number>
  pageAccounts(
    tenant: string,
    where: AccountFilter,
    page: Page<MomentCursor>,
  ): Promise<readonly AccountRecord[]>
  countAccounts(tenant: string, where: AccountFilter): Promise<number>
}

export interface PendingOperation extends OperationRecord {
  readonly provider: string
  readonly target: CallTarget
  /** When its call was about to be sent: never again. */
  readonly sent: Millis | null
  readonly taken: Millis | null
  /** Whom it is about; null: the device alone. */
  readonly account: { readonly id: string; readonly wcId: string; readonly handle: string | null } | null
}

// ---------------------------------------------------------------- pictures

export interface PictureStore {
  /** Kept once per tenant and hash. The id is `<tenant-bound hash>`; it says nothing of a person. */
  keepPicture(tenant: string, picture: { readonly bytes: Uint8Array; readonly type: string }): Promise<string>
  readPicture(
    tenant: string,
    pictureId: string,
  ): Promise<{ readonly bytes: Uint8Array; readonly type: string } | null>
}
