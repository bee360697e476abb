// Statistics where clocks go back, zones have names of their own, and the calendar ends.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { newId } from '../../src/db/ids.ts'
import { everything } from '../../src/db/statistics.ts'
import type { StatisticsQuestion } from '../../src/db/statistics-store.ts'
import type { Store } from '../../src/db/store.ts'
import { type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, tenant } from './given.ts'

const counted = async (store: Store, question: Partial<StatisticsQuestion>) => {
  const answer = await store.readLoginStatistics(tenant, { ...everything, ...question })
  if (answer.kind !== 'COUNTED') throw new Error(answer.kind)
  return answer.rows
}

/** A login that was cancelled a minute after it started. */
const anEnded = async (
  store: Store,
  database: TestDatabase,
  started: string,
  province: string | null = '广东',
): Promise<void> => {
  const device = await aDevice(store)
  await database.rows(sql`
    insert into login (id, tenant, device_id, provider, strategy, method, device_type, province, proxied, first_on_device,
      started_by, state, sequence, version, reason, advisories, qr_codes_asked, started, updated, ended)
    values (${newId(Date.parse(started))}::uuid, ${tenant}, ${device}::uuid, 'demo', 'AUTO', 'QR_CODE', 'IPAD', ${province}::text,
      false, false, 'test', 'CANCELLED', 2, 2, 'CANCELLED_BY_CALLER', '[]', '[]', ${started}::timestamptz,
      ${started}::timestamptz, ${started}::timestamptz + interval '1 minute')`)
}

const days = (rows: Awaited<ReturnType<typeof counted>>) =>
  rows.map(({ bucket, started }) => [bucket === null ? null : new Date(bucket).toISOString(), started])

describe('statistics', () => {
  test('an empty province is no word for "none": no login has it, folded or not', () =>
    withStore('pglite', async (store, database) => {
      await anEnded(store, database, '2026-05-04T10:00:00Z', null)
      const asked = async () => (await counted(store, { where: { province: [''] } }))[0]?.started
      expect(await asked()).toBe(0)
      await store.foldLogins()
      expect(await asked()).toBe(0)
    }))

  test('where the clock goes back at one in the morning, the first of the two hours is of the new day', () =>
    withStore('pglite', async (store, database) => {
      // 00:30 twice on 25 October 2026: at 00:30 UTC (summer time), and at 01:30 UTC.
      await anEnded(store, database, '2026-10-24T12:00:00Z')
      await anEnded(store, database, '2026-10-25T00:30:00Z')
      await anEnded(store, database, '2026-10-25T01:30:00Z')
      expect(days(await counted(store, { interval: 'DAY', timeZone: 'Atlantic/Azores' }))).toEqual([
        ['2026-10-24T00:00:00.000Z', 1],
        ['2026-10-25T00:00:00.000Z', 2],
      ])
    }))

  test('where it goes back by three hours over midnight, the day and its weekday begin with the first', () =>
    withStore('pglite', async (store, database) => {
      // At Casey 9 March 2023 began at 13:00 UTC, and again three hours later.
      for (const started of ['2023-03-06T10:00:00Z', '2023-03-08T14:00:00Z', '2023-03-12T10:00:00Z'])
        await anEnded(store, database, started)
      await store.foldLogins()
      const timeZone = 'Antarctica/Casey'
      expect(days(await counted(store, { interval: 'DAY', timeZone }))[1]).toEqual([
        '2023-03-08T13:00:00.000Z',
        1,
      ])
      const weekdays = await counted(store, { groupBy: ['DAY_OF_WEEK'], timeZone })
      expect(weekdays.map(({ keys }) => keys[0])).toEqual(['1', '4', '7'])
    }))

  test('no day begins in 1970 where the first login fell into the first of the two hours', () =>
    withStore('pglite', async (store, database) => {
      await anEnded(store, database, '2026-10-25T00:30:00Z')
      const [row] = await counted(store, { interval: 'DAY', timeZone: 'Atlantic/Azores' })
      expect(days(row === undefined ? [] : [row])).toEqual([['2026-10-25T00:00:00.000Z', 1]])
    }))

  test.each([
    ['CET', '2026-07-01T22:30:00Z', '2026-07-01T22:00:00.000Z'],
    ['EET', '2026-07-01T21:30:00Z', '2026-07-01T21:00:00.000Z'],
    ['MET', '2026-07-01T22:30:00Z', '2026-07-01T22:00:00.000Z'],
    ['WET', '2026-07-01T23:30:00Z', '2026-07-01T23:00:00.000Z'],
  ])('%s is the IANA zone with its summer time, not the abbreviation', (timeZone, started, begins) =>
    withStore('pglite', async (store, database) => {
      await anEnded(store, database, started)
      expect(days(await counted(store, { interval: 'DAY', timeZone }))).toEqual([[begins, 1]])
    }),
  )

  test('hours of Lord Howe, whose clock moves by half an hour, neither overlap nor begin before each other', () =>
    withStore('pglite', async (store, database) => {
      // 5 April 2026, 15:00 UTC: from 02:00 back to 01:30.
      for (const started of ['14:10', '14:50', '15:10', '15:40'])
        await anEnded(store, database, `2026-04-04T${started}:00Z`)
      const rows = await counted(store, { interval: 'HOUR', timeZone: 'Australia/Lord_Howe' })
      const found = rows.map(({ bucket }) => bucket ?? 0)
      // The hour that was cut short by half, the half that came again, and the whole one after it.
      expect(found.map(at => new Date(at).toISOString().slice(11, 16))).toEqual(['14:00', '15:00', '15:30'])
    }))

  test('the last moments that can be named are asked about like any other', () =>
    withStore('pglite', async (store, database) => {
      await anEnded(store, database, '2026-05-04T10:00:00Z')
      const startedFrom = Date.parse('9999-12-31T23:59:00Z')
      expect((await counted(store, { where: { startedFrom } }))[0]?.started).toBe(0)
    }))
})
