// Changes of presence, a page at a time, newest first: of one account, or of everybody.

import type { PresenceChangeFilter } from '../db/filters.ts'
import type { PresenceChangeRecord } from '../db/records.ts'
import type { Context } from './context.ts'
import { changeCursor, markOf, parseChangeCursor } from './cursor.ts'
import { type Connection, connectionOf, type ForwardArgs, pageOf } from './page.ts'
import { demand } from './viewer.ts'
import { inOrder, present } from './where.ts'

export type PresenceChangeWhere = {
  readonly [Key in keyof PresenceChangeFilter]?: PresenceChangeFilter[Key] | null | undefined
}

/** Throws RequestError BAD_USER_INPUT, FORBIDDEN. */
export const listPresenceChanges = async (
  { viewer, services }: Context,
  args: ForwardArgs & { readonly where?: PresenceChangeWhere | null | undefined },
): Promise<Connection<PresenceChangeRecord>> => {
  demand(viewer, 'HISTORY_READ')
  const filter: PresenceChangeFilter = present(args.where ?? {})
  inOrder(['where.from', filter.from], ['where.until', filter.until])
  const mark = markOf(filter)
  const page = pageOf(args, (text, given) => parseChangeCursor(mark, text, given))
  const rows = await services.store.pagePresenceChanges(viewer.tenant, filter, page)
  return connectionOf(page, rows, shownWith(mark))
}

/** By their numbers: clocks of several instances wrote their moments. Throws RequestError BAD_USER_INPUT, FORBIDDEN. */
export const listPresenceChangesOf = async (
  { viewer, loaders }: Context,
  accountId: string,
  args: ForwardArgs,
): Promise<Connection<PresenceChangeRecord>> => {
  demand(viewer, 'HISTORY_READ')
  const mark = markOf('account', accountId)
  const page = pageOf(args, (text, given) => parseChangeCursor(mark, text, given).number)
  return connectionOf(page, await loaders.presenceChangesOf(accountId, page), shownWith(mark))
}

const shownWith = (mark: string) => ({
  cursor: (row: PresenceChangeRecord) => changeCursor(mark, row),
  node: (row: PresenceChangeRecord) => row,
  /** These connections have no totalCount. */
  count: (): Promise<number> => Promise.reject(new Error('Nobody counts changes of presence')),
})
