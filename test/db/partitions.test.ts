import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { DatabaseError } from '../../src/db/errors.ts'
import { openStore } from '../../src/db/open-store.ts'
import { ensureEventPartitions, makeEventPartition, strayEvents } from '../../src/db/partitions.ts'
import { engines, freshDatabase, testSecret, withStore } from '../support/database.ts'
import { eventsOf } from './given.ts'
import { aPastMonth, aPlace, monthsBefore } from './past.ts'

describe.each(engines)('the partition of a month on %s', engine => {
  test('is made once, by any of its days, and takes what lay in the default one', () =>
    withStore(engine, async (store, database) => {
      const [login] = await aPastMonth(database, await aPlace(store, 1), '2024-02-01', {
        count: 1,
        partition: false,
      })
      const [other] = await aPastMonth(database, await aPlace(store, 1), '2024-03-01', {
        count: 1,
        partition: false,
      })
      expect(await makeEventPartition(database, '2024-02-29')).toBe(true)
      expect(await makeEventPartition(database, '2024-02-01')).toBe(false)
      const homes = await database.rows<{ login: string; home: string }>(sql`
        select distinct login_id as login, tableoid::regclass::text as home from login_event
        where login_id in (${login?.id}::uuid, ${other?.id}::uuid)`)
      expect(new Map(homes.map(({ login, home }) => [login, home]))).toEqual(
        new Map([
          [login?.id, 'login_event_2024_02'],
          [other?.id, 'login_event_default'],
        ]),
      )
      expect(await eventsOf(store, login?.id ?? '')).toHaveLength(login?.events ?? 0)
    }))

  test('is not a table that only has its name: that is left alone and told of, and the other months are made', () =>
    withStore(engine, async (store, database) => {
      const now = store.clock.now()
      const [taken, free] = [monthsBefore(now, -1), monthsBefore(now, -2)]
      await database.rows(sql`alter table login_event detach partition ${sql.identifier(nameOf(taken))}`)
      await database.rows(sql`drop table ${sql.identifier(nameOf(free))}`)
      await expect(makeEventPartition(database, taken)).rejects.toMatchObject({ code: '42P07' })
      for (let start = 0; start < 2; start += 1)
        expect(await ensureEventPartitions(database)).toEqual({
          kind: 'HINDERED',
          by: expect.stringMatching(`^${nameOf(taken)} has the name of a month and is no partition`),
        })
      expect(await makeEventPartition(database, free)).toBe(false)
    }))

  test('is looked for among the tables of the gateway, whatever an operator has elsewhere', () =>
    withStore(engine, async (_, database) => {
      await database.rows(sql`create schema archive`)
      await database.rows(sql`create table archive.login_event_2024_02 (note text)`)
      expect(await makeEventPartition(database, '2024-02-01')).toBe(true)
      expect(await makeEventPartition(database, '2024-02-01')).toBe(false)
    }))

  test('is missed by events that were filed without it', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      expect(await strayEvents(connection)).toBe(false)
      await aPastMonth(database, await aPlace(store, 1), '2024-02-01', { count: 1, partition: false })
      expect(await strayEvents(connection)).toBe(true)
      await makeEventPartition(database, '2024-02-01')
      expect(await strayEvents(connection)).toBe(false)
    }))
})

const nameOf = (month: string) => `login_event_${month.slice(0, 7).replace('-', '_')}`

test('a month that is being made makes no gateway look dead, and nobody wait who looks for stray events', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  const [maker, other] = [await database.connect(), await database.connect()]
  await maker.transaction(async db => {
    await db.execute(sql`lock table login_event_default in access exclusive mode`)
    expect(await store.ping()).toEqual({ strayEvents: false })
    expect(await strayEvents(other)).toBeNull()
  })
  expect(await strayEvents(other)).toBe(false)
})

test('events that take longer to move than a statement may keep no gateway from starting', async () => {
  const canceled = new DatabaseError('canceling statement due to statement timeout', {
    code: '57014',
    constraint: null,
    lost: false,
  })
  expect(await ensureEventPartitions({ rows: () => Promise.reject(canceled) })).toEqual({
    kind: 'HINDERED',
    by: expect.stringContaining('too many events'),
  })
})

test('a reader of the default partition keeps a month from being made, and no gateway from starting', async () => {
  await using database = await freshDatabase('postgres')
  const reader = await database.connect()
  const [month] = await database.rows<{ name: string }>(sql`
    select relname as name from pg_class where relname ~ '^login_event_[0-9]{4}_[0-9]{2}$' order by 1 desc limit 1`)
  await database.rows(sql`drop table ${sql.identifier(month?.name ?? '')}`)
  await reader.transaction(async db => {
    await db.execute(sql`select count(*) from login_event`)
    expect(await ensureEventPartitions(database)).toEqual({ kind: 'LATER' })
    const store = await openStore({
      engine: { kind: 'postgres', url: database.url ?? '' },
      secret: testSecret,
    })
    await store.close()
  })
  expect(await ensureEventPartitions(database)).toEqual({ kind: 'READY' })
  expect(await database.rows(sql`select to_regclass(${month?.name}) is not null as there`)).toEqual([
    { there: true },
  ])
})
