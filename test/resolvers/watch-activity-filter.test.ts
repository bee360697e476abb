// What a wall asks of a login in memory is what the list asks of the database.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { LoginFilter } from '../../src/db/filters.ts'
import type { AccountRecord, LoginRecord } from '../../src/db/records.ts'
import { asksForEnded, fits, lasting } from '../../src/resolvers/watch-activity-filter.ts'
import { aDevice, aLogin, aName } from '../db/given.ts'
import { type Given, given } from './given.ts'
import { living, madeUpLives } from './living.ts'

const all = { limit: 10_000, after: null, before: null, backward: false }

/** Every login with whom it signed in. */
const everybody = async ({ store }: Given) => {
  const logins = await store.pageLogins('default', {}, 'STARTED_AT_ASC', all)
  const accounts = await store.readAccounts(
    'default',
    logins.flatMap(({ accountId }) => accountId ?? []),
  )
  return logins.map(login => ({ login, account: accounts.get(login.accountId ?? '') ?? null }))
}

type Somebody = { readonly login: LoginRecord; readonly account: AccountRecord | null }

/** A filter of values that some of these logins have, and some that none has. */
const anyFilter = (logins: readonly Somebody[]): fc.Arbitrary<LoginFilter> => {
  const someOf = <Value>(value: (one: Somebody) => Value | null): fc.Arbitrary<Value> =>
    fc.constantFrom(...new Set(logins.map(value).filter(known => known !== null)))
  const listOf = <Value>(value: (one: Somebody) => Value | null) =>
    fc.array(someOf(value), { minLength: 0, maxLength: 4 })
  const moment = (value: (one: Somebody) => number | null) =>
    fc.tuple(someOf(value), fc.constantFrom(-1, 0, 1)).map(([at, by]) => at + by)
  const some = { requiredKeys: [] as [] }
  const every: fc.Arbitrary<LoginFilter> = fc.record(
    {
      state: listOf(({ login }) => login.stateName),
      live: fc.boolean(),
      reason: listOf(({ login }) => login.outcome?.reason ?? null),
      upstreamCode: fc.array(fc.constantFrom('1000', '1001', 'none'), { maxLength: 2 }),
      method: listOf(({ login }) => login.method),
      firstMethod: listOf(({ login }) => login.firstMethod),
      strategy: listOf(({ login }) => login.strategy),
      provider: fc.array(fc.constantFrom('demo', 'other'), { maxLength: 2 }),
      deviceType: listOf(({ login }) => login.deviceType),
      province: fc.array(fc.constantFrom('广东', '北京'), { maxLength: 2 }),
      firstOnDevice: fc.boolean(),
      startedBy: fc.array(fc.constantFrom('test', 'nobody'), { maxLength: 2 }),
      reference: fc.constantFrom('mark', 'other'),
      device: fc.oneof(
        someOf(({ login }) => login.deviceId),
        fc.uuid(),
      ),
      account: fc.oneof(
        someOf(({ login }) => login.accountId),
        fc.uuid(),
      ),
      wcId: fc.oneof(
        someOf(({ login }) => login.expectedWcId),
        someOf(({ account }) => account?.wcId ?? null),
        fc.constant('wxid_nobody'),
      ),
      startedFrom: moment(({ login }) => login.started),
      startedTo: moment(({ login }) => login.started),
      endedFrom: moment(({ login }) => login.ended),
      endedTo: moment(({ login }) => login.ended),
    },
    some,
  )
  // Few conditions at a time, or nothing ever fits.
  return fc
    .tuple(every, fc.uniqueArray(fc.nat(19), { maxLength: 3 }))
    .map(([filter, kept]) =>
      Object.fromEntries(Object.entries(filter).filter((_, i) => kept.includes(i % 20))),
    )
}

it('a filter asked in memory fits the logins that the database finds', async () => {
  await using one = await given()
  for (const [index, [terms, story]] of madeUpLives(6).entries()) {
    const { loginId } = await aLogin(one.store, await aDevice(one.store), {
      terms: { ...terms, started: one.store.clock.now() },
      reference: index % 3 === 0 ? 'mark' : null,
      startedBy: aName('key'),
    })
    for await (const observation of living(one, loginId, story.slice(0, 4 + (index % 9))))
      await one.store.record(loginId, observation)
  }
  const logins = await everybody(one)
  expect(new Set(logins.map(({ login }) => login.stateName)).size).toBeGreaterThan(5)
  let fitting = 0
  await fc.assert(
    fc.asyncProperty(anyFilter(logins), async where => {
      const found = await one.store.pageLogins('default', where, 'STARTED_AT_ASC', all)
      const inMemory = logins.filter(({ login, account }) => fits(where, login, account))
      fitting += inMemory.length
      expect(inMemory.map(({ login }) => login.id)).toEqual(found.map(({ id }) => id))
      // What never changes is part of it; what asks for ended ones finds no live one.
      for (const { login, account } of inMemory) {
        expect(fits(lasting(where), login, account)).toBe(true)
        if (asksForEnded(where)) expect(login.ended).not.toBeNull()
      }
    }),
    { numRuns: 400 },
  )
  expect(fitting).toBeGreaterThan(1_000)
})
