// The parts of retention stand by themselves: what holds one, or fails in it, holds none of the others.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Connection, Database } from '../../src/db/connection/connection.ts'
import { foldLock } from '../../src/db/fold.ts'
import { newId } from '../../src/db/ids.ts'
import { retain } from '../../src/db/retention.ts'
import { tidyWith } from '../../src/db/tidying.ts'
import { engines, freshDatabase, type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant } from './given.ts'
import { aPastMonth, aPlace } from './past.ts'

const day = 24 * 3_600_000

/** Each transaction is told before it begins, and each statement of it once it has answered. */
const watched = (
  connection: Connection,
  { began, answered }: { began?: () => void; answered?: (db: Database) => Promise<void> },
): Connection => ({
  ...connection,
  transaction: work => {
    began?.()
    return connection.transaction(db =>
      work(
        new Proxy(db, {
          get: (target, key) => {
            if (key !== 'execute' || answered === undefined) return Reflect.get(target, key) as unknown
            return async (statement: Parameters<typeof db.execute>[0]) => {
              const answer = await target.execute(statement)
              await answered(target)
              return answer
            }
          },
        }),
      ),
    )
  },
})

/** Sign-ins whose login is not there any more. */
const dangle = (database: TestDatabase, count: number) =>
  database.rows(sql`
    insert into sign_in (id, tenant, account_id, device_id, login_id, began, ended, end_reason)
    select gen_random_uuid(), tenant, account_id, device_id, ${newId(Date.parse('2024-01-01'))}::uuid, began, now(), 'OTHER'
    from sign_in cross join generate_series(1, ${count}::int)`)

/** Ended operations of one device, older than any retention of the tests. */
const operate = (database: TestDatabase, count: number) =>
  database.rows(sql`
    insert into device_operation (id, tenant, device_id, kind, state, requested_by, requested, ended)
    select gen_random_uuid(), tenant, id, 'RESET', 'DONE', 'past', moment, moment
    from (select tenant, id from device limit 1) d
    cross join lateral (select now() - n * interval '1 minute' - interval '2 years' as moment
      from generate_series(1, ${count}::int) n) moments`)

const left = async (database: TestDatabase) => {
  const [row] = await database.rows<{ pointers: number; operations: number }>(sql`
    select (select count(*)::int from sign_in s where login_id is not null
        and not exists (select from login l where l.id = s.login_id)) as pointers,
      (select count(*)::int from device_operation where requested_by = 'past') as operations`)
  return row
}

describe.each(engines)('the parts of retention on %s', engine => {
  test('asked to stop it begins no step any more, whichever part is under way', () =>
    withStore(engine, async (store, database) => {
      const place = await aPlace(store, 1)
      await aPastMonth(database, place, '2024-02-01', { count: 3, partition: false })
      await dangle(database, 1_200)
      await operate(database, 3)
      const connection = await database.connect()
      // However far it comes: in one step more each time, until nothing is left to stop.
      for (let most = 0; ; most += 1) {
        expect(most).toBeLessThan(30)
        let steps = 0
        const counted = watched(connection, {
          began: () => {
            steps += 1
          },
        })
        const retained = await retain(counted, { days: 30, stopped: () => steps >= most })
        expect(steps).toBeLessThanOrEqual(most)
        if (retained.waits === null) break
        expect([steps, retained.waits]).toEqual([most, 'STOPPED'])
      }
      expect(await left(database)).toEqual({ pointers: 0, operations: 0 })
    }))

  test('a month that waits holds back no pointers and no operations', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      await aPlace(store, 1)
      await aLogin(store, await aDevice(store), { terms: { started: Date.parse('2024-02-29T23:59:59Z') } })
      await dangle(database, 1_200)
      await operate(database, 3)
      expect(await retain(connection, { days: 30 })).toEqual({ waits: 'IN_USE', changed: true })
      expect(await left(database)).toEqual({ pointers: 0, operations: 0 })
    }))

  test('a month that fails holds back neither them nor what expires, and the failure is told', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      const [old] = await aPastMonth(database, await aPlace(store, 1), '2024-02-01', { count: 5 })
      await database.rows(sql`create table note (login_id uuid references login (id))`)
      await database.rows(sql`insert into note values (${old?.id}::uuid)`)
      await database.rows(sql`
        insert into login_key (tenant, key, login_id, input_hash, expires)
        values (${tenant}, 'old', gen_random_uuid(), '', now() - interval '1 day')`)
      await dangle(database, 1)
      await operate(database, 3)
      await expect(tidyWith(connection, 30)(() => false)).rejects.toMatchObject({ code: '23503' })
      expect(await database.rows(sql`select key from login_key`)).toEqual([])
      expect(await left(database)).toEqual({ pointers: 0, operations: 0 })
    }))

  test('operations go some thousand at a time, all of them', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      await aDevice(store)
      await operate(database, 10_001)
      let steps = 0
      const counted = watched(connection, {
        began: () => {
          steps += 1
        },
      })
      expect(await retain(counted, { days: 30 })).toEqual({ waits: null, changed: true })
      expect(await left(database)).toEqual({ pointers: 0, operations: 0 })
      // The clock, the oldest month, the pointers, and three times operations.
      expect(steps).toBe(6)
    }))

  test('a clock far beyond the newest login takes nothing away, and says so once', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      await aPastMonth(database, await aPlace(store, 1), '2024-02-01', { count: 5 })
      await operate(database, 3)
      const [newest] = await database.rows<{ started: number }>(
        sql`select extract(epoch from max(started))::float8 * 1000 as started from login`,
      )
      const edge = (newest?.started ?? 0) + 400 * day
      expect(await retain(connection, { days: 30, now: edge + 1_000 })).toEqual({
        waits: 'CLOCK',
        changed: false,
      })
      expect((await left(database))?.operations).toBe(3)
      expect(await retain(connection, { days: 30, now: edge - 1_000 })).toEqual({
        waits: null,
        changed: true,
      })
      // Nobody has logged in since: it is told as what it is.
      await database.rows(sql`delete from login`)
      await aPastMonth(database, await aPlace(store, 1), '2024-02-01', { count: 5 })
      await database.rows(sql`delete from login where started > '2024-03-01'`)
      const said: Record<string, unknown>[] = []
      const tidy = tidyWith(connection, 30, {
        info: fields => void said.push(fields),
        error: fields => void said.push(fields),
      })
      for (let round = 0; round < 2; round += 1)
        expect(await tidy(() => false)).toMatchObject({ again: true })
      expect(said.filter(fields => 'waits' in fields)).toEqual([{ waits: expect.stringContaining('clock') }])
    }))
})

test('who waits for the counting of logins is told that, and goes on when it has ended', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  const [connection, folding] = [await database.connect(), await database.connect()]
  await aPastMonth(database, await aPlace(store, 1), '2024-02-01', { count: 5 })
  // What it would wait for seconds for it waits for a moment here.
  const impatient = watched(connection, {
    answered: async db => {
      await db.execute(sql`set local lock_timeout = '50ms'`)
    },
  })
  await folding.transaction(async db => {
    await db.execute(sql`select pg_advisory_xact_lock(${sql.raw(String(foldLock))})`)
    expect(await retain(impatient, { days: 30 })).toEqual({ waits: 'COUNTED', changed: false })
  })
  expect(await retain(impatient, { days: 30 })).toEqual({ waits: null, changed: true })
})
