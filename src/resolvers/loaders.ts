// The reads by id that the fields of one request share, bound to the tenant of its viewer.

import type { LoginFilter, MomentCursor, Page } from '../db/filters.ts'
import type { DeviceStanding } from '../db/presence-store.ts'
import type {
  AccountProfileRecord,
  AccountRecord,
  DeviceRecord,
  DeviceVersionRecord,
  LoginRecord,
  LoginSecrets,
  OperationRecord,
  PresenceChangeRecord,
  RecordedEvent,
  SignInRecord,
} from '../db/records.ts'
import { batched } from './batch.ts'
import { batchedBy, batchedPages, type LoadPage } from './batched-pages.ts'
import { type LoginView, viewLogin } from './login-view.ts'
import type { Services } from './services.ts'

type Load<Value> = (id: string) => Promise<Value | null>

/** Which logins of a device or of an account. */
export interface LoginsOf {
  readonly whose: 'device' | 'account'
  readonly where: LoginFilter
}

export interface LoginsPage extends LoginsOf {
  readonly order: 'STARTED_AT_DESC' | 'STARTED_AT_ASC'
  readonly page: Page<MomentCursor>
}

export interface Loaders {
  readonly login: Load<LoginView>
  readonly device: Load<DeviceRecord>
  readonly account: Load<AccountRecord>
  /** Id of the login that holds the turn of a device; null: none. */
  readonly activeLoginId: Load<string>
  /** The operation of a device that is under way, or its last. */
  readonly newestOperation: Load<OperationRecord>
  readonly secrets: Load<LoginSecrets>
  /** What the newest sign-in on a device says of it. */
  readonly standing: Load<DeviceStanding>
  readonly loginsOf: (id: string, asked: LoginsPage) => Promise<readonly LoginRecord[]>
  readonly loginCountOf: (id: string, asked: LoginsOf) => Promise<number>
  readonly events: (loginId: string, page: Page<number>) => Promise<readonly RecordedEvent[]>
  readonly deviceVersions: LoadPage<DeviceVersionRecord, number>
  readonly profiles: LoadPage<AccountProfileRecord, number>
  readonly presenceChangesOf: LoadPage<PresenceChangeRecord, number>
  readonly signInsOnDevice: LoadPage<SignInRecord, MomentCursor>
  readonly signInsOfAccount: LoadPage<SignInRecord, MomentCursor>
}

export const createLoaders = (services: Services, tenant: string): Loaders => {
  const { store } = services
  return {
    login: batched(async ids => {
      const records = await store.readLogins(tenant, ids)
      return new Map([...records].map(([id, record]) => [id, viewLogin(services, record, null)]))
    }),
    device: batched(ids => store.readDevices(tenant, ids)),
    account: batched(ids => store.readAccounts(tenant, ids)),
    activeLoginId: batched(ids => store.readActiveLogins(tenant, ids)),
    newestOperation: batched(ids => store.readNewestOperations(tenant, ids)),
    standing: batched(ids => store.readDeviceStandings(tenant, ids)),
    loginsOf: batchedBy(
      (ids, { whose, where, order, page }) => store.readLoginsOf(tenant, whose, ids, where, order, page),
      [],
    ),
    loginCountOf: batchedBy((ids, { whose, where }) => store.countLoginsOf(tenant, whose, ids, where), 0),
    events: batchedBy((ids, page) => store.readEventsOf(tenant, ids, page), []),
    deviceVersions: batchedPages((ids, page) => store.readDeviceVersions(tenant, ids, page)),
    profiles: batchedPages((ids, page) => store.readAccountProfiles(tenant, ids, page)),
    presenceChangesOf: batchedPages((ids, page) => store.readPresenceChangesOf(tenant, ids, page)),
    signInsOnDevice: batchedPages((ids, page) => store.readSignInsOfDevices(tenant, ids, page)),
    signInsOfAccount: batchedPages((ids, page) => store.readSignInsOfAccounts(tenant, ids, page)),
    secrets: batched(ids => store.readSecretsOf(tenant, ids)),
  }
}
