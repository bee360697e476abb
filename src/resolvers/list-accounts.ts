// Accounts, a page at a time, newest first.

import type { AccountFilter } from '../db/filters.ts'
import type { AccountRecord } from '../db/records.ts'
import { RequestError } from '../errors.ts'
import type { Context } from './context.ts'
import { momentCursor, parseMomentCursor } from './cursor.ts'
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
  const page = pageOf(args, text => parseMomentCursor('account', text))
  const filter: AccountFilter = present(args.where ?? {})
  if ((filter.search?.length ?? 0) > 200)
    throw new RequestError('BAD_USER_INPUT', 'Search for 200 characters at most.')
  return connectionOf(page, await store.pageAccounts(viewer.tenant, filter, page), {
    cursor: (row: AccountRecord) => momentCursor('account', { at: row.created, id: row.id }),
    node: row => row,
    count: () => store.countAccounts(viewer.tenant, filter),
  })
}
