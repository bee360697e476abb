// Histograms as the database merges them and as they are read here, against the times themselves.

import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { percentilesOf } from '../../src/db/histogram.ts'
import { engines, type TestDatabase, withStore } from '../support/database.ts'

/** The histogram of these times, merged one after the other in portions of this size. */
const merged = async (
  database: TestDatabase,
  times: readonly number[],
  portion: number,
): Promise<Uint8Array> => {
  const [found] = await database.rows<{ whole: string }>(sql`
    with recursive given as (
      select n, string_agg(int2send(duration_bin(timestamptz 'epoch', timestamptz 'epoch' + make_interval(secs => ms / 1000.0))), ''::bytea) as part
      from (select (place - 1) / ${portion}::int as n, ms::float8 as ms
        from jsonb_array_elements_text(${JSON.stringify(times)}::text::jsonb) with ordinality as list (ms, place)) as each
      group by n
    ), step as (
      select 0::bigint as n, ''::bytea as whole
      union all
      select step.n + 1, merge_histograms(step.whole, given.part) from step join given on given.n = step.n
    )
    select encode(whole, 'base64') as whole from step order by n desc limit 1`)
  return Buffer.from(found?.whole ?? '', 'base64')
}

const nearestRank = (times: readonly number[], share: number): number =>
  (times.toSorted((one, other) => one - other)[Math.ceil(times.length * share) - 1] ?? Number.NaN) / 1_000

describe.each(engines)('histograms on %s', engine => {
  test('tell the nearest rank within 1 %, however they were merged', () =>
    withStore(engine, async (_store, database) => {
      const time = fc.oneof(fc.integer({ min: 0, max: 900_000 }), fc.integer({ min: 0, max: 3_000 }))
      const times = fc.oneof(
        fc.array(time, { minLength: 1, maxLength: 40 }),
        fc.array(time, { minLength: 2_500, maxLength: 6_000, size: 'max' }),
      )
      await fc.assert(
        fc.asyncProperty(times, fc.constantFrom(1, 7, 500), async (given, portion) => {
          const found = percentilesOf(await merged(database, given, given.length > 100 ? 500 : portion))
          for (const [name, share] of [
            ['p50', 0.5],
            ['p90', 0.9],
            ['p95', 0.95],
            ['p99', 0.99],
          ] as const) {
            const exact = nearestRank(given, share)
            expect(Math.abs((found?.[name] ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.01)
          }
        }),
        { numRuns: 25, seed: 3 },
      )
    }))

  test('stay small, however many times they hold', () =>
    withStore(engine, async (_store, database) => {
      const times = Array.from({ length: 20_000 }, (_, n) => 2_000 + ((n * 7_919) % 60_000))
      const whole = await merged(database, times, 500)
      expect(whole.byteLength).toBeLessThan(4_096 + 2 * 500)
      const held = percentilesOf(whole)
      expect(held?.p50).toBeGreaterThan(31)
      expect(held?.p50).toBeLessThan(33)
    }))
})

test('percentiles have no more digits than they can answer for', () => {
  const bin = (times: number) => Uint8Array.of(times >> 8, times & 0xff)
  for (let at = 1; at < 1_200; at += 1) {
    const half = percentilesOf(bin(at))?.p50 ?? Number.NaN
    expect(Number(half.toPrecision(6))).toBe(half)
  }
})

test('nothing measured has no percentiles', () => {
  expect(percentilesOf(new Uint8Array())).toBeNull()
})
