// A page is put together from stretches of several indexes: it must hold what the plain question would have found.

import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LoginFilter, MomentCursor, Page } from '../../src/db/filters.ts'
import { loginConditions } from '../../src/db/login-filter.ts'
import { login } from '../../src/db/tables/login.ts'
import { engines, withStore } from '../support/database.ts'
import { tenant } from './given.ts'
import { accountOf, addManyLogins, deviceOf } from './skewed-logins.ts'

const day = 86_400_000
const many = {
  logins: 3_000,
  devices: 40,
  events: 0,
  until: Date.parse('2026-06-20T00:00:00Z'),
  span: 30 * day,
}

/** Each now and then more than once: a list from a column of a table says what it says twice. */
const some = <Value>(...values: readonly Value[]) =>
  fc.oneof(
    fc.subarray([...values], { minLength: 0 }),
    fc.array(fc.constantFrom(...values), { minLength: 2, maxLength: 5 }),
  )
const moment = fc.integer({ min: -2, max: 32 }).map(days => many.until - days * day)

const filters: fc.Arbitrary<LoginFilter> = fc.record(
  {
    state: some('CONFIRMED', 'EXPIRED', 'REJECTED', 'CANCELLED', 'FAILED', 'AWAITING_SCAN', 'STARTING'),
    live: fc.boolean(),
    reason: some('SIGNED_IN', 'TIMED_OUT', 'PUSH_EXPIRED', 'WRONG_ACCOUNT', 'UPSTREAM_ERROR', 'PROXY_FAILED'),
    upstreamCode: some('1001', '1002', '900', 'nobody knows'),
    method: some('PUSH', 'QR_CODE'),
    firstMethod: some('PUSH', 'QR_CODE'),
    strategy: some('AUTO', 'PUSH', 'QR_CODE'),
    provider: some('main', 'second', 'spare'),
    deviceType: some('IPAD', 'MAC'),
    province: some('p0', 'p1', 'p20', 'p33', '"quoted"'),
    firstOnDevice: fc.boolean(),
    startedBy: some('shop', 'crm', 'nightly'),
    reference: fc.constantFrom('order 20', 'order 2000', 'none'),
    device: fc.constantFrom(deviceOf(1), deviceOf(7), 'no id'),
    account: fc.constantFrom(accountOf(1), accountOf(7), 'no id'),
    wcId: fc.constantFrom('wxid_1', 'wxid_7', 'nobody'),
    startedFrom: moment,
    startedTo: moment,
    endedFrom: moment,
    endedTo: moment,
  } as never,
  { requiredKeys: [] },
)

const askings = fc
  .tuple(filters, fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.nat()))
  // Of so many conditions few at once, or nothing would be found.
  .map(([where, few, dice]) => {
    const left = Object.entries(where)
    while (left.length > few) left.splice((dice.next().value ?? 0) % left.length, 1)
    return Object.fromEntries(left) as LoginFilter
  })

describe.each(engines)('a page of logins on %s', engine => {
  test('holds what the plain question finds, whatever is asked, in both orders and both ways', () =>
    withStore(engine, async (store, database) => {
      await addManyLogins(database.rows, many)
      // Some are counted into cells, the others wait to be.
      await database.rows(sql`
        insert into login_unfolded select id, tenant from login where ended is not null order by started limit 2000`)
      expect(await store.foldLogins()).toBe(2_000)
      await database.rows(sql`
        insert into login_unfolded select id, tenant from login where ended is not null order by started offset 2000`)
      let found = 0
      await fc.assert(
        fc.asyncProperty(
          askings,
          fc.boolean(),
          fc.boolean(),
          fc.nat(),
          fc.nat(),
          async (where, rises, backward, from, to) => {
            const rows = await database.rows<{ id: string; at: number }>(sql`
              select id, (extract(epoch from started) * 1000)::float8 as at from ${login}
              where ${loginConditions(tenant, where)} order by started, id`)
            const whole: readonly MomentCursor[] = rises ? rows : rows.toReversed()
            expect(await store.countLogins(tenant, where)).toBe(whole.length)
            const [first = 0, last = 0] = [from % (whole.length + 1), to % (whole.length + 1)].toSorted(
              (one, other) => one - other,
            )
            const page: Page<MomentCursor> = {
              limit: 10,
              after: whole[first - 1] ?? null,
              before: whole[last] ?? null,
              backward,
            }
            const between = whole.slice(first, last < whole.length ? Math.max(first, last) : undefined)
            const expected = backward ? between.slice(-10) : between.slice(0, 10)
            const order = rises ? 'STARTED_AT_ASC' : 'STARTED_AT_DESC'
            const shown = await store.pageLogins(tenant, where, order, page)
            expect(shown.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
            found += shown.length
          },
        ),
        // The embedded engine plans as the server does, only slower.
        { numRuns: engine === 'postgres' ? 300 : 60 },
      )
      expect(found).toBeGreaterThan(60)
    }))

  test('is as long where a value is given twice', () =>
    withStore(engine, async (store, database) => {
      await addManyLogins(database.rows, many)
      const page: Page<MomentCursor> = { limit: 10, after: null, before: null, backward: false }
      const idsOf = async (asked: LoginFilter) =>
        (await store.pageLogins(tenant, asked, 'STARTED_AT_DESC', page)).map(({ id }) => id)
      const questions: readonly LoginFilter[] = [
        { reason: ['SIGNED_IN'] },
        { reason: ['TIMED_OUT', 'SIGNED_IN'] },
        { deviceType: ['IPAD'], method: ['QR_CODE'] },
        { deviceType: ['IPAD'], reason: ['SIGNED_IN'] },
        { state: ['CONFIRMED'] },
        { province: ['p0'], reason: ['SIGNED_IN'] },
        { province: ['p0', 'p1'], state: ['CONFIRMED', 'EXPIRED'] },
        { upstreamCode: ['1001'] },
      ]
      for (const once of questions) {
        const expected = await idsOf(once)
        expect(expected).toHaveLength(10)
        const twice = Object.entries(once).map(([name, values]) => [name, [...values, ...values]])
        expect([once, await idsOf(Object.fromEntries(twice))]).toEqual([once, expected])
      }
    }))

  test('of many devices is the page of each', () =>
    withStore(engine, async (store, database) => {
      await addManyLogins(database.rows, many)
      const ids = [1, 2, 7, 40].map(deviceOf)
      const where: LoginFilter = { reason: ['SIGNED_IN', 'TIMED_OUT'], startedFrom: many.until - 20 * day }
      for (const backward of [false, true]) {
        const page = { limit: 7, after: null, before: null, backward }
        const pages = await store.readLoginsOf(
          tenant,
          'device',
          [...ids, 'no id'],
          where,
          'STARTED_AT_ASC',
          page,
        )
        const counts = await store.countLoginsOf(tenant, 'device', [...ids, 'no id'], where)
        for (const device of ids) {
          const alone = await store.pageLogins(tenant, { ...where, device }, 'STARTED_AT_ASC', page)
          expect((pages.get(device) ?? []).map(({ id }) => id)).toEqual(alone.map(({ id }) => id))
          expect(counts.get(device) ?? 0).toBe(await store.countLogins(tenant, { ...where, device }))
        }
        expect(pages.get(deviceOf(1))?.length).toBe(7)
      }
      expect(
        await store.readLoginsOf('another', 'device', ids, {}, 'STARTED_AT_ASC', {
          limit: 7,
          after: null,
          before: null,
          backward: false,
        }),
      ).toEqual(new Map())
      expect(
        [...(await store.countLoginsOf('another', 'device', ids, {})).values()].every(count => count === 0),
      ).toBe(true)
    }))
})
