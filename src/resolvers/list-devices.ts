// Devices, a page at a time, newest first. Retired ones only where they are asked for.

import type { DeviceFilter } from '../db/filters.ts'
import type { DeviceRecord } from '../db/records.ts'
import type { Context } from './context.ts'
import { markOf, momentCursor, parseMomentCursor } from './cursor.ts'
import { type Connection, connectionOf, type PageArgs, pageOf } from './page.ts'
import { demand } from './viewer.ts'
import { present } from './where.ts'

export type DeviceWhere = { readonly [Key in keyof DeviceFilter]?: DeviceFilter[Key] | null | undefined }

/** Throws RequestError BAD_USER_INPUT. */
export const listDevices = async (
  { viewer, services }: Context,
  args: PageArgs & { readonly where?: DeviceWhere | null | undefined },
): Promise<Connection<DeviceRecord>> => {
  demand(viewer, 'LOGIN_READ')
  const { store } = services
  // `retired: null` is any, absent is false.
  const filter: DeviceFilter = present({ retired: false, ...args.where })
  const mark = markOf(filter)
  const page = pageOf(args, (text, given) => parseMomentCursor('device', mark, text, given))
  return connectionOf(page, await store.pageDevices(viewer.tenant, filter, page), {
    cursor: (row: DeviceRecord) => momentCursor('device', mark, { at: row.created, id: row.id }),
    node: row => row,
    count: () => store.countDevices(viewer.tenant, filter),
  })
}
