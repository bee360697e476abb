// Counts and percentiles against a plain recount of the rows, for generated questions in several zones, while some logins
// are folded, some wait to be, and some are live.

import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DatabaseError } from '../../src/db/errors.ts'
import type { LoginFilter } from '../../src/db/filters.ts'
import type { Percentiles } from '../../src/db/histogram.ts'
import type {
  LoginCounts,
  LoginDimension,
  StatisticsQuestion,
  StatsInterval,
} from '../../src/db/statistics-store.ts'
import type { Store } from '../../src/db/store.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant } from './given.ts'
import { manyLogins } from './many-logins.ts'
import { countNames, type Recounted, recount } from './recount.ts'

const none: StatisticsQuestion = {
  where: {},
  groupBy: [],
  interval: null,
  timeZone: 'UTC',
  durations: true,
  dialects: { north: 'OPEN', south: 'IPAD' },
}

const counted = async (store: Store, question: Partial<StatisticsQuestion>, of = tenant) => {
  const answer = await store.readLoginStatistics(of, { ...none, ...question })
  if (answer.kind !== 'COUNTED') throw new Error(answer.kind)
  return answer.rows
}

/** Null: more rows, or more time, than an answer may have. */
const answered = async (
  store: Store,
  question: StatisticsQuestion,
): Promise<readonly LoginCounts[] | null> => {
  try {
    const answer = await store.readLoginStatistics(tenant, question)
    return answer.kind === 'COUNTED' ? answer.rows : null
  } catch (error) {
    if (error instanceof DatabaseError && error.tooExpensive) return null
    throw error
  }
}

const numbers = (row: LoginCounts): readonly number[] => countNames.map(name => row[name])

/** By their group, so that the order in which a database sorts texts does not matter. */
const byGroup = <Row extends Pick<LoginCounts, 'bucket' | 'keys'>>(rows: readonly Row[]) =>
  new Map(rows.map(row => [JSON.stringify([row.bucket, row.keys]), row]))

const within1Percent = (found: Percentiles | null, expected: readonly number[] | null): void => {
  if (expected === null || found === null) {
    expect(found).toBe(expected)
    return
  }
  ;[found.p50, found.p90, found.p95, found.p99].forEach((seconds, at) => {
    const exact = expected[at] ?? Number.NaN
    expect(Math.abs(seconds - exact)).toBeLessThanOrEqual(exact * 0.01)
  })
}

const equal = (rows: readonly LoginCounts[], expected: readonly Recounted[]): void => {
  const found = byGroup(rows)
  const wanted = byGroup(expected)
  expect(rows).toHaveLength(found.size)
  expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort())
  for (const [group, row] of found) {
    const plain = wanted.get(group)
    expect([group, numbers(row)]).toEqual([group, plain?.counts])
    within1Percent(row.toScan, plain?.toScan ?? null)
    within1Percent(row.toConfirm, plain?.toConfirm ?? null)
  }
}

// ---------------------------------------------------------------- generated questions

const some = <Value>(...values: readonly Value[]) => fc.subarray([...values], { minLength: 1 })
/** Around the changes of New York's clock, at any millisecond. */
const moment = fc.oneof(
  fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2026-11-20T00:00:00Z') }),
  fc.integer({ min: Date.parse('2026-03-07T22:00:00Z'), max: Date.parse('2026-03-09T06:00:00Z') }),
  fc.integer({ min: Date.parse('2026-10-31T22:00:00Z'), max: Date.parse('2026-11-02T06:00:00Z') }),
)
const range = fc.tuple(moment, moment).map(
  ([one, other]): LoginFilter => ({
    startedFrom: Math.min(one, other),
    startedTo: Math.max(one, other) + 1,
  }),
)

const oneFilter: fc.Arbitrary<LoginFilter> = fc.oneof(
  fc.record({ provider: some('north', 'south', 'gone', 'nobody') }),
  fc.record({ province: some('广东', '北京', '西藏') }),
  fc.record({ deviceType: some('IPAD' as const, 'MAC' as const) }),
  fc.record({ method: some('PUSH' as const, 'QR_CODE' as const) }),
  fc.record({ firstMethod: some('PUSH' as const, 'QR_CODE' as const) }),
  fc.record({ strategy: some('AUTO' as const, 'PUSH' as const, 'QR_CODE' as const) }),
  fc.record({
    state: some('CONFIRMED' as const, 'FAILED' as const, 'EXPIRED' as const, 'STARTING' as const),
  }),
  fc.record({ reason: some('SIGNED_IN' as const, 'PROXY_FAILED' as const, 'CODE_REJECTED' as const) }),
  fc.record({ firstOnDevice: fc.boolean() }),
  fc.record({ live: fc.boolean() }),
  fc.record({ startedBy: some('desk', 'night', 'test') }),
  fc.record({ endedFrom: moment }),
  fc.record({ endedTo: moment }),
)
const filter: fc.Arbitrary<LoginFilter> = fc
  .tuple(fc.option(range, { nil: {} }), fc.array(oneFilter, { maxLength: 2 }))
  .map(([when, others]) => Object.assign({}, when, ...others))

const dimensions: readonly LoginDimension[] = [
  'PROVIDER',
  'DIALECT',
  'METHOD',
  'FIRST_METHOD',
  'STRATEGY',
  'DEVICE_TYPE',
  'PROVINCE',
  'REASON',
  'FIRST_ON_DEVICE',
  'HOUR_OF_DAY',
  'DAY_OF_WEEK',
]

const question: fc.Arbitrary<StatisticsQuestion> = fc.record({
  where: filter,
  groupBy: fc.uniqueArray(fc.constantFrom(...dimensions), { maxLength: 3 }),
  interval: fc.option(fc.constantFrom<StatsInterval>('HOUR', 'DAY', 'WEEK', 'MONTH')),
  timeZone: fc.constantFrom('UTC', 'Asia/Shanghai', 'Asia/Kathmandu', 'America/New_York'),
  durations: fc.constant(true),
  dialects: fc.constant(none.dialects),
})

const folded = { pglite: 3_000, postgres: 200_000 }

describe.each(engines)('statistics on %s', engine => {
  test('equal a plain recount, whatever is asked', { timeout: 600_000 }, () =>
    withStore(engine, async (store, database) => {
      await manyLogins(store, database, { logins: folded[engine], tenant, seed: 1 })
      // The store folds by itself meanwhile, and one at a time does.
      const waiting = () => database.rows(sql`select login_id from login_unfolded limit 1`)
      while ((await waiting()).length > 0) await store.foldLogins()
      await manyLogins(store, database, { logins: 300, tenant, seed: 2 })
      await manyLogins(store, database, { logins: 200, tenant: 'another', seed: 3 })
      for (let n = 0; n < 5; n += 1) await aLogin(store, await aDevice(store))
      const seen = { rows: 0, ranged: 0, grouped: 0 }
      await fc.assert(
        fc.asyncProperty(question, async asking => {
          const rows = await answered(store, asking)
          // Another question is generated in its place.
          fc.pre(rows !== null)
          if (rows === null) return
          equal(rows, await recount(database, tenant, asking))
          seen.rows += rows.length
          if (asking.where.startedFrom !== undefined) seen.ranged += 1
          if (asking.groupBy.length > 0) seen.grouped += 1
        }),
        { numRuns: 200, seed: 6, maxSkipsPerRun: 1 },
      )
      // They were worth asking.
      expect(seen.rows).toBeGreaterThan(5_000)
      expect(Math.min(seen.ranged, seen.grouped)).toBeGreaterThan(80)
    }),
  )

  test('a login is counted once, before it ends, after, and when it is folded', () =>
    withStore(engine, async store => {
      const one = async () => numbers((await counted(store, {}))[0] as LoginCounts)
      const { loginId } = await aLogin(store, await aDevice(store))
      expect(await one()).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
      await store.record(
        loginId,
        { kind: 'CancelAsked', at: store.clock.now(), by: 'CANCELLED_BY_CALLER' },
        {},
      )
      const ended = [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
      expect(await one()).toEqual(ended)
      expect(await store.foldLogins()).toBe(1)
      expect(await one()).toEqual(ended)
      expect(await store.foldLogins()).toBe(0)
      expect(await one()).toEqual(ended)
    }))

  test('nothing at all is one row of noughts, or no row where groups were asked for', () =>
    withStore(engine, async store => {
      expect(await counted(store, {})).toEqual([
        expect.objectContaining({ started: 0, live: 0, toScan: null }),
      ])
      expect(await counted(store, { groupBy: ['REASON'] })).toEqual([])
      expect(await counted(store, { interval: 'DAY' })).toEqual([])
    }))

  test('what cannot be answered is told apart', () =>
    withStore(engine, async (store, database) => {
      const kind = async (asking: Partial<StatisticsQuestion>) =>
        (await store.readLoginStatistics(tenant, { ...none, ...asking })).kind
      const since = { startedFrom: Date.parse('2026-01-01') }
      for (const asking of [
        { interval: 'DAY' },
        { interval: 'HOUR', where: since },
        { groupBy: ['HOUR_OF_DAY'], where: since },
        { groupBy: ['DAY_OF_WEEK'], where: since },
      ] as const)
        expect(await kind({ ...asking, timeZone: 'Atlantis/Capital' })).toBe('UNKNOWN_TIME_ZONE')
      await manyLogins(store, database, { logins: 50, tenant, seed: 4 })
      expect(await kind({ interval: 'DAY', timeZone: 'Atlantis/Capital' })).toBe('UNKNOWN_TIME_ZONE')
      const where = { startedFrom: Date.parse('2020-01-01'), startedTo: Date.parse('2026-01-01') }
      expect(await kind({ where, interval: 'HOUR' })).toBe('TOO_MANY_BUCKETS')
      expect(await kind({ where, interval: 'DAY' })).toBe('COUNTED')
    }))
})
