// The reads by id that the fields of one request share, bound to the tenant of its viewer.

import type { AccountRecord, DeviceRecord, LoginSecrets, OperationRecord } from '../db/records.ts'
import { batched } from './batch.ts'
import { type LoginView, viewLogin } from './login-view.ts'
import type { Services } from './services.ts'

type Load<Value> = (id: string) => Promise<Value | null>

export interface Loaders {
  readonly login: Load<LoginView>
  readonly device: Load<DeviceRecord>
  readonly account: Load<AccountRecord>
  /** Id of the login that holds the turn of a device; null: none. */
  readonly activeLoginId: Load<string>
  /** The operation of a device that is under way, or its last. */
  readonly newestOperation: Load<OperationRecord>
  readonly secrets: Load<LoginSecrets>
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
    secrets: batched(ids => store.readSecretsOf(tenant, ids)),
  }
}
