// The counted cells, held against what folding every login that is there makes anew.

import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import type { Connection } from '../../src/db/connection/connection.ts'
import { foldLogins } from '../../src/db/fold.ts'

/** Leaves them as they were. */
export const expectCells = async (connection: Connection): Promise<void> => {
  await foldLogins(connection)
  const left = await cellsOf(connection)
  await connection.rows(sql`delete from login_rollup`)
  await connection.rows(
    sql`insert into login_unfolded (login_id, tenant) select id, tenant from login where ended is not null`,
  )
  await foldLogins(connection)
  expect(left).toEqual(await cellsOf(connection))
}

const cellsOf = async (connection: Connection) => {
  const cells = await connection.rows<Record<string, unknown> & { to_scan: string; to_confirm: string }>(sql`
    select tenant, cube, span, bucket::text as bucket, provider, province, strategy, method, first_method, device_type,
      first_on_device, reason, started, prompted, scanned, challenged, confirmed, already_signed_in, expired, rejected,
      cancelled, failed, encode(to_scan, 'hex') as to_scan, encode(to_confirm, 'hex') as to_confirm
    from login_rollup order by 1, 2, 3, login_rollup.bucket, 5, 6, 7, 8, 9, 10, 11, 12`)
  return cells.map(cell => ({
    ...cell,
    to_scan: timesOf(cell.to_scan),
    to_confirm: timesOf(cell.to_confirm),
  }))
}

/** How many times of each bin, whatever was merged when: a bin may stand once for each time, or with their number behind it. */
const timesOf = (histogram: string): Readonly<Record<string, number>> => {
  const words = Buffer.from(histogram, 'hex')
  const times: Record<string, number> = {}
  for (let at = 0; at < words.length; at += 2) {
    const word = words.readUInt16BE(at)
    const bin = String(word & 0x7fff)
    times[bin] = (times[bin] ?? 0) + (word < 0x8000 ? 1 : words.readUInt32BE(at + 2))
    if (word >= 0x8000) at += 4
  }
  return times
}
