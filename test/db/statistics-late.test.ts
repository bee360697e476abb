// A login that comes between the statement that reads from when to when there are logins, and the one that counts them: as
// at midnight, or while a history is seeded.

import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { newId } from '../../src/db/ids.ts'
import { everything } from '../../src/db/statistics.ts'
import { type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, tenant } from './given.ts'

const add = (database: TestDatabase, device: string, started: string) =>
  database.rows(sql`
    insert into login (id, tenant, device_id, provider, strategy, method, device_type, proxied, first_on_device, started_by,
      state, sequence, version, reason, advisories, qr_codes_asked, started, updated, ended)
    values (${newId(Date.parse(started))}::uuid, ${tenant}, ${device}::uuid, 'demo', 'AUTO', 'QR_CODE', 'IPAD', false, false,
      'test', 'CANCELLED', 2, 2, 'CANCELLED_BY_CALLER', '[]', '[]', ${started}::timestamptz, ${started}::timestamptz,
      ${started}::timestamptz)`)

/** Sees the second statement wait for a lock. */
const untilItWaits = async (database: TestDatabase): Promise<void> => {
  for (;;) {
    const [found] = await database.rows<{ waiting: boolean }>(
      sql`select exists (select from pg_locks where not granted and relation = 'login_rollup'::regclass
        and database = (select oid from pg_database where datname = current_database())) as waiting`,
    )
    if (found?.waiting === true) return
  }
}

test.each([
  ['of the next day is not counted into the last one', '2026-05-05T00:00:01Z'],
  ['of an earlier day is not counted into 1970', '2026-05-01T10:00:00Z'],
])('a login %s', (_, late) =>
  withStore('postgres', async (store, database) => {
    const device = await aDevice(store)
    await add(database, device, '2026-05-04T10:00:00Z')
    const other = await connectPostgres({ url: database.url ?? '', statements: 1 })
    try {
      let asked: Promise<Awaited<ReturnType<typeof store.readLoginStatistics>>> | null = null
      await other.transaction(async db => {
        await db.execute(sql`lock table login_rollup in access exclusive mode`)
        asked = store.readLoginStatistics(tenant, { ...everything, interval: 'DAY' })
        await untilItWaits(database)
        await add(database, device, late)
      })
      const answer = await (asked as unknown as ReturnType<typeof store.readLoginStatistics>)
      if (answer.kind !== 'COUNTED') throw new Error(answer.kind)
      const days = new Map(answer.rows.map(row => [new Date(row.bucket ?? 0).toISOString(), row.started]))
      expect(days.get('2026-05-04T00:00:00.000Z')).toBe(1)
      expect([...days.keys()]).not.toContain('1970-01-01T00:00:00.000Z')
    } finally {
      await other.close()
    }
  }),
)
