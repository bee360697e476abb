// Sign-ins, a page at a time, newest first: of one device, of one account, or of everybody.

import type { MomentCursor, SignInFilter } from '../db/filters.ts'
import type { Ahead } from '../db/history-store.ts'
import type { SignInRecord } from '../db/records.ts'
import type { Context } from './context.ts'
import { markOf, momentCursor, parseMomentCursor } from './cursor.ts'
import { type Connection, connectionOf, type ForwardArgs, pageOf } from './page.ts'
import { demand } from './viewer.ts'
import { inOrder, present } from './where.ts'

export type SignInWhere = { readonly [Key in keyof SignInFilter]?: SignInFilter[Key] | null | undefined }

/** Throws RequestError BAD_USER_INPUT, FORBIDDEN. */
export const listSignIns = async (
  { viewer, services }: Context,
  args: ForwardArgs & { readonly where?: SignInWhere | null | undefined },
): Promise<Connection<SignInRecord>> => {
  demand(viewer, 'HISTORY_READ')
  const filter: SignInFilter = present(args.where ?? {})
  inOrder(['where.from', filter.from], ['where.to', filter.to])
  const read = (page: Ahead<MomentCursor>) => services.store.pageSignIns(viewer.tenant, filter, page)
  return pageWith(viewer, args, markOf(filter), read)
}

/** Throws RequestError BAD_USER_INPUT, FORBIDDEN. */
export const listSignInsOnDevice = (
  { viewer, loaders }: Context,
  deviceId: string,
  args: ForwardArgs,
): Promise<Connection<SignInRecord>> =>
  pageWith(viewer, args, markOf('device', deviceId), page => loaders.signInsOnDevice(deviceId, page))

/** Throws RequestError BAD_USER_INPUT, FORBIDDEN. */
export const listSignInsOfAccount = (
  { viewer, loaders }: Context,
  accountId: string,
  args: ForwardArgs,
): Promise<Connection<SignInRecord>> =>
  pageWith(viewer, args, markOf('account', accountId), page => loaders.signInsOfAccount(accountId, page))

const pageWith = async (
  viewer: Context['viewer'],
  args: ForwardArgs,
  mark: string,
  read: (page: Ahead<MomentCursor>) => Promise<readonly SignInRecord[]>,
): Promise<Connection<SignInRecord>> => {
  demand(viewer, 'HISTORY_READ')
  const page = pageOf(args, (text, given) => parseMomentCursor('sign-in', mark, text, given))
  return connectionOf(page, await read(page), {
    cursor: ({ began, id }: SignInRecord) => momentCursor('sign-in', mark, { at: began, id }),
    node: row => row,
    count: uncounted,
  })
}

/** These connections have no totalCount. */
const uncounted = (): Promise<number> => Promise.reject(new Error('Nobody counts sign-ins'))
