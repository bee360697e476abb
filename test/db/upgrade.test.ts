// A database that an older version has filled: what the newer migrations make of its rows.

import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { sql } from 'drizzle-orm'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import { migrate as migratePostgres } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/db/connection/connection.ts'
import { connectPglite } from '../../src/db/connection/pglite.ts'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { foldLogins } from '../../src/db/fold.ts'
import { migrationsFolder } from '../../src/db/migrations.ts'
import { openStoreOn } from '../../src/db/open-store.ts'
import { everything } from '../../src/db/statistics.ts'
import { type EngineName, emptyDatabase, engines, testSecret } from '../support/database.ts'
import { temporaryFolder } from '../support/gateway-process.ts'
import { expectCells } from './cells.ts'
import { tenant } from './given.ts'

/** The last migration before there were statistics. */
const before = '0003_presence'
const logins = 40

/** Ended logins, some of which met a slider, and a live one. */
const rows = `
  insert into device (id, tenant, provider, device_key, upstream_id, device_type, province, input_hash, created, version, settings_version)
  select gen_random_uuid(), '${tenant}', 'main', 'key', 'upstream', 'IPAD', '广东', '', '2026-05-01', 1, 1;
  insert into login (id, tenant, device_id, provider, strategy, method, first_method, device_type, province, proxied, first_on_device,
    started_by, state, sequence, version, reason, next_step, advisories, qr_codes_asked, started, updated, ended, qr_code_issued)
  select gen_random_uuid(), '${tenant}', device.id, 'main', 'AUTO', 'QR_CODE', 'QR_CODE', 'IPAD', '广东', false, n = 1, 'past',
    case when n = ${logins} then 'AWAITING_SCAN' else 'EXPIRED' end, 2, 2, case when n < ${logins} then 'QR_CODE_EXPIRED' end,
    case when n = ${logins} then 'SCAN_QR_CODE' else 'NONE' end, '[]', '[]', at, at, case when n < ${logins} then at + interval '5 minutes' end, at
  from device, generate_series(1, ${logins}) n, lateral (select timestamptz '2026-05-01' + n * interval '5 hours' as at) moments;
  insert into login_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
  select '2026-05-01', id, 1, tenant, case when extract(hour from started) < 6 then 'SliderRequired' else 'LoginStarted' end, 'STARTING', '{}', started
  from login`

const migrationsUpTo = async (last: string, folder: string): Promise<string> => {
  const text = await readFile(join(migrationsFolder, 'meta/_journal.json'), 'utf8')
  const journal = JSON.parse(text) as { entries: { tag: string }[] }
  const entries = journal.entries.slice(0, journal.entries.findIndex(({ tag }) => tag === last) + 1)
  const kept = join(folder, 'migrations')
  await mkdir(join(kept, 'meta'), { recursive: true })
  for (const { tag } of entries) await cp(join(migrationsFolder, `${tag}.sql`), join(kept, `${tag}.sql`))
  await writeFile(join(kept, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }))
  return kept
}

/** A database as the older version left it, with those rows, and brought to today. */
const upgraded = async (engine: EngineName, work: (connection: Connection) => Promise<void>) => {
  await using folder = await temporaryFolder()
  const older = await migrationsUpTo(before, folder.path)
  if (engine === 'pglite') {
    const at = join(folder.path, 'database')
    const client = await PGlite.create(at)
    await migratePglite(drizzlePglite(client), { migrationsFolder: older })
    await client.exec(rows)
    await client.close()
    return await broughtUp(await connectPglite(at), work)
  }
  await using database = await emptyDatabase()
  const client = postgres(database.url, { max: 1, onnotice: () => {} })
  await migratePostgres(drizzlePostgres(client), { migrationsFolder: older })
  await client.unsafe(rows)
  await client.end()
  await broughtUp(await connectPostgres({ url: database.url, statements: 2 }), work)
}

const broughtUp = async (connection: Connection, work: (connection: Connection) => Promise<void>) => {
  try {
    await connection.migrate()
    await work(connection)
  } finally {
    await connection.close()
  }
}

describe.each(engines)('a database of an older version on %s', engine => {
  test('has its logins in lists and statistics, as though they had been made today', () =>
    upgraded(engine, async connection => {
      const store = await openStoreOn(connection, { secret: testSecret })
      const counted = async () => {
        const answer = await store.readLoginStatistics(tenant, { ...everything, groupBy: ['PROVINCE'] })
        return answer.kind === 'COUNTED' ? answer.rows : []
      }
      const [challenged] = await connection.rows<{ count: number }>(
        sql`select count(*)::int as count from login_event where type = 'SliderRequired'`,
      )
      expect(challenged?.count).toBeGreaterThan(5)
      const expected = [
        { keys: ['广东'], started: logins, live: 1, expired: logins - 1, challenged: challenged?.count },
      ]
      expect(await counted()).toMatchObject(expected)
      expect((await foldLogins(connection)).logins).toBe(logins - 1)
      expect(await counted()).toMatchObject(expected)
      const page = { limit: 50, after: null, before: null, backward: false }
      const where = { firstMethod: ['QR_CODE'], reason: ['QR_CODE_EXPIRED'] } as const
      expect(await store.pageLogins(tenant, where, 'STARTED_AT_DESC', page)).toHaveLength(logins - 1)
    }))

  test('that was counted before there were sixths of a day has them', () =>
    upgraded(engine, async connection => {
      await foldLogins(connection)
      await connection.rows(sql`delete from login_rollup where span = 'SIXTH'`)
      const migration = await readFile(join(migrationsFolder, '0008_sixths_of_a_day.sql'), 'utf8')
      for (const statement of migration.split('--> statement-breakpoint'))
        await connection.rows(sql.raw(statement))
      const [sixths] = await connection.rows<{ count: number }>(
        sql`select sum(started)::int as count from login_rollup where span = 'SIXTH' and cube = 'WAY'`,
      )
      expect(sixths?.count).toBe(logins - 1)
      await expectCells(connection)
    }))
})
