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
  // The order of times within a cell is nobody's business.
  const sorted = (hex: string) => (hex.match(/.{4}/g) ?? []).toSorted()
  return cells.map(cell => ({ ...cell, to_scan: sorted(cell.to_scan), to_confirm: sorted(cell.to_confirm) }))
}
