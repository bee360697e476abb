import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { is, sql } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import { pendingMigration } from '../../scripts/pending-migration.ts'
import { connectPglite } from '../../src/db/connection/pglite.ts'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { migrationsFolder } from '../../src/db/migrations.ts'
import { ensureEventPartitions } from '../../src/db/partitions.ts'
import { emptyDatabase, engines, freshDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant } from './given.ts'

const tables = async (): Promise<readonly PgTable[]> => {
  const folder = fileURLToPath(new URL('../../src/db/tables/', import.meta.url))
  const modules = await Promise.all((await readdir(folder)).map(name => import(join(folder, name))))
  return modules.flatMap(module => Object.values(module)).filter(value => is(value, PgTable))
}

const spelled = (type: string) =>
  type.replace('timestamp (3)', 'timestamp(3)').replace(/^timestamp with/, 'timestamp with')

describe.each(engines)('the migrated database on %s', engine => {
  test('has the tables as they are written in code, column by column', async () => {
    await using database = await freshDatabase(engine)
    const found = await database.rows<{ table: string; column: string; type: string; required: boolean }>(sql`
      select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
        a.attnotnull as required
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and a.attnum > 0 and not a.attisdropped`)
    const written = (await tables()).flatMap(table => {
      const { name, columns } = getTableConfig(table)
      return columns.map(column => ({
        table: name,
        column: column.name,
        type: spelled(column.getSQLType()),
        required: column.notNull || column.primary,
      }))
    })
    const key = (row: { table: string; column: string }) => `${row.table}.${row.column}`
    const sorted = <Row extends { table: string; column: string }>(rows: readonly Row[]) =>
      rows.toSorted((one, other) => (key(one) < key(other) ? -1 : 1))
    expect(sorted(found)).toEqual(sorted(written))
  })

  test('files events by month, and the default partition is a net, not a home', () =>
    withStore(engine, async (store, database) => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const home = await database.rows<{ name: string }>(
        sql`select tableoid::regclass::text as name from login_event where login_id = ${loginId}`,
      )
      expect(home[0]?.name).toMatch(/^login_event_\d{4}_\d{2}$/)
    }))

  test('a month that was missed is made beside what the default partition holds, and takes it', () =>
    withStore(engine, async (store, database) => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const [home] = await database.rows<{ name: string }>(
        sql`select tableoid::regclass::text as name from login_event`,
      )
      const name = home?.name ?? ''
      // As though upkeep had never made this month.
      await database.rows(sql.raw(`alter table login_event detach partition ${name}`))
      await database.rows(sql.raw(`insert into login_event select * from ${name}`))
      await database.rows(sql.raw(`drop table ${name}`))
      expect(await database.rows(sql`select tableoid::regclass::text as name from login_event`)).toEqual([
        { name: 'login_event_default' },
      ])
      await ensureEventPartitions({ rows: database.rows })
      expect(await database.rows(sql`select tableoid::regclass::text as name from login_event`)).toEqual([
        { name },
      ])
      expect((await store.readProgress(tenant, loginId, 0, 10))?.events).toHaveLength(1)
      await ensureEventPartitions({ rows: database.rows })
    }))
})

test('each migration is newer than the one before, or it would be skipped without a word', async () => {
  const journal = JSON.parse(await readFile(join(migrationsFolder, 'meta/_journal.json'), 'utf8')) as {
    entries: readonly { idx: number; when: number; tag: string }[]
  }
  const moments = journal.entries.map(entry => entry.when)
  expect(moments).toEqual([...new Set(moments)].toSorted((one, other) => one - other))
  const files = (await readdir(migrationsFolder)).filter(name => name.endsWith('.sql')).toSorted()
  expect(files).toEqual(journal.entries.map(entry => `${entry.tag}.sql`))
})

test('the migrations are up to date with the tables', async () => {
  expect(await pendingMigration()).toEqual([])
})

test('six processes that start at once on an empty Postgres migrate it once', async () => {
  await using database = await emptyDatabase()
  const { url } = database
  const connections = await Promise.all(
    Array.from({ length: 6 }, () => connectPostgres({ url, statements: 1 })),
  )
  await Promise.all(
    connections.map(async connection => {
      await connection.migrate()
      await ensureEventPartitions(connection)
    }),
  )
  const applied = await connections[0]?.rows(sql`select 1 from drizzle.__drizzle_migrations`)
  expect(applied).toHaveLength((await readdir(migrationsFolder)).filter(file => file.endsWith('.sql')).length)
  await Promise.all(connections.map(connection => connection.close()))
})

test('a folder that was migrated is opened again as it was left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-folder-'))
  try {
    const first = await connectPglite(join(folder, 'database'))
    await first.migrate()
    await first.command('VACUUM (ANALYZE)')
    await first.command('CHECKPOINT')
    await first.close()
    await cp(join(folder, 'database'), join(folder, 'copy'), { recursive: true })
    const second = await connectPglite(join(folder, 'copy'))
    await second.migrate()
    expect(await second.rows(sql`select count(*)::int as count from device_turn`)).toEqual([{ count: 0 }])
    await second.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
