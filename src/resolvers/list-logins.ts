// Logins, a page at a time.

import type { LoginFilter } from '../db/filters.ts'
import type { LoginRecord } from '../db/records.ts'
import type { Context } from './context.ts'
import { momentCursor, parseMomentCursor } from './cursor.ts'
import { idOf } from './global-id.ts'
import { type LoginView, viewLogin } from './login-view.ts'
import { type Connection, connectionOf, type PageArgs, pageOf } from './page.ts'
import { demand } from './viewer.ts'
import { present } from './where.ts'

export type LoginOrder = 'STARTED_AT_DESC' | 'STARTED_AT_ASC'

/** A filter as the API spells it: null is absent, ids are global. */
export type LoginWhere = { readonly [Key in keyof LoginFilter]?: LoginFilter[Key] | null | undefined }

/** Throws RequestError BAD_USER_INPUT. */
export const listLogins = async (
  { viewer, services }: Context,
  args: PageArgs & {
    readonly where?: LoginWhere | null | undefined
    readonly orderBy?: LoginOrder | null | undefined
  },
  within: Pick<LoginFilter, 'device' | 'account'> = {},
): Promise<Connection<LoginView>> => {
  demand(viewer, 'LOGIN_READ')
  const { store } = services
  const page = pageOf(args, text => parseMomentCursor('login', text))
  const where = filterOf(args.where ?? {}, within)
  const rows =
    where === null
      ? []
      : await store.pageLogins(viewer.tenant, where, args.orderBy ?? 'STARTED_AT_DESC', page)
  return connectionOf(page, rows, {
    cursor: (row: LoginRecord) => momentCursor('login', { at: row.started, id: row.id }),
    node: row => viewLogin(services, row, null),
    count: async () => (where === null ? 0 : store.countLogins(viewer.tenant, where)),
  })
}

/** Null: nothing can fit, since an id names nothing, or something outside of `within`. */
export const filterOf = (
  where: LoginWhere,
  within: Pick<LoginFilter, 'device' | 'account'> = {},
): LoginFilter | null => {
  const { device, account, ...others } = present(where)
  const deviceId = device === undefined ? undefined : idOf('Device', device)
  const accountId = account === undefined ? undefined : idOf('Account', account)
  if (deviceId === null || accountId === null) return null
  if (within.device !== undefined && deviceId !== undefined && deviceId !== within.device) return null
  if (within.account !== undefined && accountId !== undefined && accountId !== within.account) return null
  return {
    ...others,
    ...(deviceId === undefined ? {} : { device: deviceId }),
    ...(accountId === undefined ? {} : { account: accountId }),
    ...within,
  }
}
