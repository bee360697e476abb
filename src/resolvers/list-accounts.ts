// Accounts, a page at a time, newest first.

import type { AccountFilter } from '../db/filters.ts'
import type { AccountRecord } from '../db/records.ts'
import type { Context } from './context.ts'
import { markOf, momentCursor, parseMomentCursor } from './cursor.ts'
import { type Connection, connectionOf, type PageArgs, pageOf } from './page.ts'
import { demand } from './viewer.ts'
import { present } from './where.ts'

export type AccountWhere = { readonly [Key in keyof AccountFilter]?: AccountFilter[Key] | null | undefined }

/** Throws RequestError BAD_USER_INPUT. */
export const listAccounts = async (
  { viewer, services }: Context,
  args: PageArgs & { readonly where?: AccountWhere | null | undefined },
): Promise<Connection<AccountRecord>> => {
  demand(viewer, 'LOGIN_READ')
  const { store } = services
  const filter: AccountFilter = present(args.where ?? {})
  const mark = markOf(filter)
  const page = pageOf(args, (text, given) => parseMomentCursor('account', mark, text, given))
  return connectionOf(page, await store.pageAccounts(viewer.tenant, filter, page), {
    cursor: (row: AccountRecord) => momentCursor('account', mark, { at: row.created, id: row.id }),
    node: row => row,
    count: () => store.countAccounts(viewer.tenant, filter),
  })
}
