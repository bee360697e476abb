// A plan says what graphql-js says, to the byte, or it says nothing. LIVE_SEED repeats a run.

import { expect, it } from 'vitest'
import { schema } from '../../../src/schema/schema.ts'
import { compare, planOf } from './comparison.ts'

const seed = Number(process.env.LIVE_SEED ?? Date.now() % 2 ** 31)

it('over a hundred thousand events of generated operations and data', { timeout: 120_000 }, () => {
  const compared = compare({ seed, events: 100_000, schema, make: planOf(schema) })
  expect(compared.differences, `LIVE_SEED=${seed}`).toEqual([])
  expect(compared.refusedWhole, `LIVE_SEED=${seed}: whole events that a plan must cover`).toBe(0)
  expect(compared.events).toBeGreaterThanOrEqual(100_000)
  // A comparison that hardly ever compares would prove nothing.
  expect(compared.same).toBeGreaterThan(compared.events / 3)
})
