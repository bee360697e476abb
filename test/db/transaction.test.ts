import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/db/connection/connection.ts'
import { freshDatabase } from '../support/database.ts'

const uncaught: unknown[] = []
const meet = (error: unknown) => uncaught.push(error)
let usual: NodeJS.UncaughtExceptionListener[] = []

beforeEach(() => {
  uncaught.length = 0
  usual = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', meet)
})
afterEach(() => {
  process.removeListener('uncaughtException', meet)
  for (const listener of usual) process.on('uncaughtException', listener)
})

/** As many turns of the loop as a late write needs to come. */
const aMoment = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve))
}

const backend = async (db: Database): Promise<number> => {
  const [row] = await db.select({ pid: sql<number>`pg_backend_pid()` }).from(sql`(select 1) one`)
  return row?.pid ?? 0
}

test('work that fails with what another connection was lost by ends its own transaction at once', async () => {
  await using database = await freshDatabase('postgres')
  const connection = await database.connect()
  const elsewhere = Object.assign(new Error('write CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' })
  for (const error of [elsewhere, new Error('Failed query', { cause: elsewhere })]) {
    const failing = connection.transaction(async db => {
      await db.execute(sql`select pg_advisory_xact_lock(1)`)
      throw error
    })
    await expect(failing).rejects.toBe(error)
    const [lock] = await database.rows(sql`select pg_try_advisory_xact_lock(1) as free`)
    expect(lock).toEqual({ free: true })
  }
})

test.each([
  [
    'between two of its statements',
    async (db: Database, kill: (pid: number) => Promise<void>) => {
      await kill(await backend(db))
      await aMoment()
      await db.execute(sql`select 1`)
    },
  ],
  [
    'under a statement',
    async (db: Database, kill: (pid: number) => Promise<void>) => {
      const pid = await backend(db)
      await Promise.all([db.execute(sql`select pg_sleep(60)`), kill(pid)])
    },
  ],
  [
    'by its own statement',
    async (db: Database) => {
      await db.execute(sql`select pg_terminate_backend(pg_backend_pid())`)
    },
  ],
  [
    'before its end',
    async (db: Database, kill: (pid: number) => Promise<void>) => {
      await kill(await backend(db))
      await aMoment()
    },
  ],
])('a transaction whose connection is closed %s is lost, and the process goes on', async (_, work) => {
  await using database = await freshDatabase('postgres')
  const connection = await database.connect()
  const kill = async (pid: number) => {
    await database.rows(sql`select pg_terminate_backend(${pid}::int)`)
    const isThere = sql`select 1 from pg_stat_activity where pid = ${pid}::int`
    while ((await database.rows(isThere)).length > 0);
  }
  await expect(connection.transaction(db => work(db, kill))).rejects.toMatchObject({
    code: expect.stringMatching(/^(CONNECTION_CLOSED|ECONNRESET)$/),
  })
  await aMoment()
  expect(uncaught).toEqual([])
  expect(await connection.transaction(db => backend(db))).toBeGreaterThan(0)
})
