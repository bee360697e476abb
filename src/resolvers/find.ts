// The things that an id of the API names, for this viewer. What is not there and what is somebody else's read alike.

import type { AccountRecord, DeviceRecord, OperationRecord } from '../db/records.ts'
import { NotFoundError, RequestError } from '../errors.ts'
import type { Context } from './context.ts'
import { idOf, parseGlobalId } from './global-id.ts'
import type { LoginView } from './login-view.ts'
import { pageSize } from './page.ts'
import { demand } from './viewer.ts'

export type Thing = LoginView | DeviceRecord | AccountRecord | OperationRecord

export const findLogin = async ({ viewer, loaders }: Context, id: string): Promise<LoginView | null> => {
  demand(viewer, 'LOGIN_READ')
  const loginId = idOf('Login', id)
  return loginId === null ? null : loaders.login(loginId)
}

export const findDevice = async ({ viewer, loaders }: Context, id: string): Promise<DeviceRecord | null> => {
  demand(viewer, 'LOGIN_READ')
  const deviceId = idOf('Device', id)
  return deviceId === null ? null : loaders.device(deviceId)
}

export const findAccount = async (
  { viewer, loaders }: Context,
  id: string,
): Promise<AccountRecord | null> => {
  demand(viewer, 'LOGIN_READ')
  const accountId = idOf('Account', id)
  return accountId === null ? null : loaders.account(accountId)
}

export const findNode = async (context: Context, id: string): Promise<Thing | null> => {
  demand(context.viewer, 'LOGIN_READ')
  const parsed = parseGlobalId(id)
  switch (parsed?.type) {
    case undefined:
      return null
    case 'Login':
      return context.loaders.login(parsed.id)
    case 'Device':
      return context.loaders.device(parsed.id)
    case 'Account':
      return context.loaders.account(parsed.id)
    case 'DeviceOperation':
      return context.services.store.readOperation(context.viewer.tenant, parsed.id)
  }
}

/** In the order of `ids`; null where one names nothing. */
export const findNodes = (context: Context, ids: readonly string[]): Promise<(Thing | null)[]> => {
  if (ids.length > pageSize.most)
    throw new RequestError('BAD_USER_INPUT', `Ask for ${pageSize.most} nodes at most.`)
  return Promise.all(ids.map(id => findNode(context, id)))
}

/** For what must be there. */
export const found = <Found>(thing: Found | null, what: string): Found => {
  if (thing === null) throw new NotFoundError(`There is no such ${what}.`)
  return thing
}
