// Signs an account out of the device that it is on. The upstream takes a minute or two to show it, and the device does nothing
// else meanwhile (P 3.2).

import type { AccountRecord, OperationRecord } from '../db/records.ts'
import type { Context } from './context.ts'
import { deviceBusy } from './device-busy.ts'
import { found } from './find.ts'
import { idOf } from './global-id.ts'
import { createLoaders } from './loaders.ts'
import { demand } from './viewer.ts'
import { settledOperation } from './wait-for-operation.ts'

export interface AccountPayload {
  readonly account: AccountRecord
  /** Null: nothing was asked of the upstream. */
  readonly operation: OperationRecord | null
}

/** Throws NotFoundError, DeviceBusyError, UpstreamError. One that is signed out already answers as it is. */
export const logoutAccount = async (context: Context, id: string): Promise<AccountPayload> => {
  const { viewer, services, loaders } = context
  demand(viewer, 'LOGIN_WRITE')
  const accountId = found(idOf('Account', id), 'account')
  const account = found(await loaders.account(accountId), 'account')
  const device = account.deviceId === null ? null : await loaders.device(account.deviceId)
  const isHere = device !== null && device.retired === null && device.accountId === account.id
  if (!isHere || account.presence.state === 'OFFLINE') return { account, operation: null }
  const asked = await services.store.requestOperation({
    tenant: viewer.tenant,
    deviceId: device.id,
    kind: 'LOGOUT',
    accountId,
    requestedBy: viewer.name,
  })
  // Somebody else was signed in there a moment ago.
  if (asked === 'NOT_HERE') return { account: await accountNow(context, accountId), operation: null }
  if (asked === 'BUSY' || asked === 'SIGNED_IN') throw await deviceBusy(context, device.id)
  const operation = await settledOperation(context, found(asked, 'device'), device.provider)
  return { account: await accountNow(context, accountId), operation }
}

/** What was read before is kept by the loaders of this request. */
export const accountNow = async ({ services, viewer }: Context, accountId: string): Promise<AccountRecord> =>
  found(await createLoaders(services, viewer.tenant).account(accountId), 'account')
