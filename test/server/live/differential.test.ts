// A plan says what graphql-js says, to the byte, or it says nothing. LIVE_SEED repeats a run.

import { beforeAll, describe, expect, it } from 'vitest'
import type { LoginUpdate } from '../../../src/resolvers/update.ts'
import { schema } from '../../../src/schema/schema.ts'
import { noneYet } from '../../../src/server/live/counters.ts'
import { compare, plannerOf, viewers } from './comparison.ts'
import { compareCrowd } from './crowd.ts'
import { alias, everyField } from './every-field.ts'
import { madeUp, madeUpSelecting, thingsOf } from './made-up.ts'
import { Chance } from './random.ts'
import { alwaysNull, loading, watched } from './selecting.ts'
import { spoiled } from './spoiled.ts'
import { updatesOf } from './updates.ts'

const seed = Number(process.env.LIVE_SEED ?? Date.now() % 2 ** 31)
let updates: readonly LoginUpdate[] = []

beforeAll(async () => {
  updates = await updatesOf(1_500, new Chance(seed))
})

describe(`LIVE_SEED=${seed}: a plan says what graphql-js says, or nothing,`, () => {
  it('in a hundred thousand events of generated operations and data', async () => {
    const counters = noneYet()
    const planner = plannerOf(schema, counters)
    const compared = await compareCrowd({
      schema,
      planner,
      selecting: watched,
      updates,
      seed,
      events: 100_000,
    })
    expect(compared.difference).toBeNull()
    expect(compared.refusedWhole, 'whole events that a plan must cover').toBe(0)
    expect(compared.events).toBeGreaterThanOrEqual(100_000)
    // A comparison that hardly ever compares would prove nothing.
    expect(compared.same).toBeGreaterThan(compared.events / 2)
    expect(compared.sameThoughSpoiled).toBeGreaterThan(compared.events / 10)
    expect(compared.refused).toBeGreaterThan(compared.events / 20)
    expect(counters.shared).toBeGreaterThan(compared.events / 20)
  })

  it('in what other schemas have below a subscription', async () => {
    const things = thingsOf(200, new Chance(seed))
    const planner = plannerOf(madeUp)
    const compared = await compareCrowd({
      schema: madeUp,
      planner,
      selecting: madeUpSelecting,
      updates: things,
      seed,
      events: 10_000,
    })
    expect(compared.difference).toBeNull()
    expect(compared.refusedWhole).toBe(0)
    expect(compared.same).toBeGreaterThan(compared.events / 2)
  })

  it('of each field by itself, and says all that needs no loading', async () => {
    // Always the same: none may be missing by chance.
    const chance = new Chance(1)
    const all = await updatesOf(1_500, chance)
    const planner = plannerOf(schema)
    const watching = viewers.map(viewer => ({ viewer, variables: { id: '1' } }))
    const shows = new RegExp(`"${alias}":(?!null)`)
    const unsaid: string[] = []
    for (const { field, path, text } of everyField(watched)) {
      const loads = path.some(step => loading.has(step))
      const told = Array.from({ length: loads ? 40 : 400 }, (_, index) => {
        const whole = index % 10 !== 0
        const update = all[(index * 7) % all.length] ?? {}
        return {
          update: whole ? update : spoiled(update, chance),
          whole,
          watching: chance.below(viewers.length),
        }
      })
      const compared = compare(schema, planner, { text, operationName: null }, watching, told)
      expect(compared, field).toMatchObject({ difference: null, refusedWhole: 0 })
      const says = compared?.said.some(answer => shows.test(answer)) ?? false
      expect(says && loads, `${field} was not loaded`).toBe(false)
      if (!says && !loads && !alwaysNull.has(field)) unsaid.push(field)
    }
    expect(unsaid).toEqual([])
  })
})
