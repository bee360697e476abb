// Which tables go with a month: partitions of the events, and nothing that only looks like one.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/db/connection/connection.ts'
import { retain } from '../../src/db/retention.ts'
import { engines, type TestDatabase, withStore } from '../support/database.ts'
import { aPastMonth, aPlace } from './past.ts'

const isThere = async (database: TestDatabase, table: string): Promise<boolean> => {
  const [found] = await database.rows<{ there: boolean }>(
    sql`select to_regclass(${table}) is not null as there`,
  )
  return found?.there === true
}

const loginsBefore = async (database: TestDatabase, moment: string) =>
  await database.rows(sql`select id from login where started < ${moment}::timestamptz`)

describe.each(engines)('the tables of a month that goes on %s', engine => {
  test('a partition that somebody has detached to keep it stays, though its logins go', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      await aPastMonth(database, await aPlace(store, 1), '2024-02-01', { count: 5 })
      await database.rows(sql`alter table login_event detach partition login_event_2024_02`)
      expect(await retain(connection, { days: 30 })).toEqual({ waits: null, changed: true })
      expect(await isThere(database, 'public.login_event_2024_02')).toBe(true)
      expect(await loginsBefore(database, '2024-03-01')).toEqual([])
    }))

  test('one that is detached while the dropping looks for it stays too', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      await aPastMonth(database, await aPlace(store, 1), '2024-02-01', { count: 5 })
      // Before the statement that takes the table of events for itself, after the first look.
      const detaching: Connection = {
        ...connection,
        transaction: work =>
          connection.transaction(db =>
            work(
              new Proxy(db, {
                get: (target, key) => {
                  if (key !== 'execute') return Reflect.get(target, key) as unknown
                  return async (statement: Parameters<typeof db.execute>[0]) => {
                    if (JSON.stringify(statement).includes('access exclusive'))
                      await target.execute(sql`alter table login_event detach partition login_event_2024_02`)
                    return await target.execute(statement)
                  }
                },
              }),
            ),
          ),
      }
      expect(await retain(detaching, { days: 30 })).toEqual({ waits: null, changed: true })
      expect(await isThere(database, 'public.login_event_2024_02')).toBe(true)
    }))

  test('a table that only has the name of a month stays, in whichever schema', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      await aPastMonth(database, await aPlace(store, 1), '2024-02-01', { count: 5, partition: false })
      await database.rows(sql`create table login_event_2024_02 (note text)`)
      await aPastMonth(database, await aPlace(store, 1), '2024-03-01', { count: 5 })
      await database.rows(sql`create schema archive`)
      await database.rows(sql`create table archive.login_event_2024_03 (note text)`)
      expect(await retain(connection, { days: 30 })).toEqual({ waits: null, changed: true })
      expect(await isThere(database, 'public.login_event_2024_02')).toBe(true)
      expect(await isThere(database, 'public.login_event_2024_03')).toBe(false)
      expect(await isThere(database, 'archive.login_event_2024_03')).toBe(true)
    }))

  test('a partition goes wherever it lies', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      await aPastMonth(database, await aPlace(store, 1), '2024-02-01', { count: 5 })
      await database.rows(sql`create schema "Old events"`)
      await database.rows(sql`alter table login_event_2024_02 set schema "Old events"`)
      expect(await retain(connection, { days: 30 })).toEqual({ waits: null, changed: true })
      expect(await isThere(database, '"Old events".login_event_2024_02')).toBe(false)
    }))
})
