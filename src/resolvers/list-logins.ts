// Logins, a page at a time: of everybody, or of one device or account.

import type { LoginFilter } from '../db/filters.ts'
import type { LoginRecord } from '../db/records.ts'
import type { Context } from './context.ts'
import { markOf, momentCursor, parseMomentCursor } from './cursor.ts'
import type { LoginsPage } from './loaders.ts'
import { filterOf, type LoginWhere } from './login-filter.ts'
import { type LoginView, viewLogin } from './login-view.ts'
import { type Connection, connectionOf, type PageArgs, pageOf } from './page.ts'
import { demand } from './viewer.ts'

export type LoginOrder = 'STARTED_AT_DESC' | 'STARTED_AT_ASC'

/** One device or one account. */
type Within = Pick<LoginFilter, 'device' | 'account'>

/** Throws RequestError BAD_USER_INPUT. */
export const listLogins = async (
  context: Context,
  args: PageArgs & {
    readonly where?: LoginWhere | null | undefined
    readonly orderBy?: LoginOrder | null | undefined
  },
  within: Within = {},
): Promise<Connection<LoginView>> => {
  const { viewer, services } = context
  demand(viewer, 'LOGIN_READ')
  const asked = filterOf(args.where ?? {})
  const where = inside(asked, within)
  const order = args.orderBy ?? 'STARTED_AT_DESC'
  const mark = markOf(asked, order, within)
  const page = pageOf(args, (text, given) => parseMomentCursor('login', mark, text, given))
  const list = where === null ? nothing : listOf(context, where, within)
  return connectionOf(page, await list.read(order, page), {
    cursor: (row: LoginRecord) => momentCursor('login', mark, { at: row.started, id: row.id }),
    node: row => viewLogin(services, row, null),
    count: list.count,
  })
}

interface List {
  read(order: LoginOrder, page: LoginsPage['page']): Promise<readonly LoginRecord[]>
  count(): Promise<number>
}

const nothing: List = { read: async () => [], count: async () => 0 }

const listOf = ({ viewer, services, loaders }: Context, where: LoginFilter, within: Within): List => {
  const { store } = services
  const whose = within.device === undefined ? 'account' : 'device'
  const id = within[whose]
  if (id === undefined)
    return {
      read: (order, page) => store.pageLogins(viewer.tenant, where, order, page),
      count: () => store.countLogins(viewer.tenant, where),
    }
  // The same page of other devices or accounts is asked for beside it: by all of them without the id.
  const { [whose]: _, ...others } = where
  return {
    read: (order, page) => loaders.loginsOf(id, { whose, where: others, order, page }),
    count: () => loaders.loginCountOf(id, { whose, where: others }),
  }
}

/** Null: nothing can fit, since another one is asked for. */
const inside = (where: LoginFilter, within: Within): LoginFilter | null => {
  const isOutside = (whose: keyof Within) =>
    within[whose] !== undefined && where[whose] !== undefined && where[whose] !== within[whose]
  return isOutside('device') || isOutside('account') ? null : { ...where, ...within }
}
