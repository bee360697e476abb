// Whoever walks a list while it is written meets each login that was there at the start exactly once: also one that ends
// meanwhile, and is read from other indexes from then on.

import { describe, expect, test } from 'vitest'
import type { LoginFilter, MomentCursor } from '../../src/db/filters.ts'
import type { Store } from '../../src/db/store.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant, told, withQrCode } from './given.ts'
import { addManyLogins } from './skewed-logins.ts'

const day = 86_400_000
const size = 12

describe.each(engines)('a walk over logins on %s', engine => {
  const filters: readonly LoginFilter[] = [
    {},
    { startedBy: ['test', 'shop', 'app'] },
    { province: ['广东', 'p0'], deviceType: ['IPAD'] },
    { state: ['STARTING', 'AWAITING_SCAN', 'CANCELLED', 'CONFIRMED'], firstOnDevice: true },
  ]

  test.each(filters.map(where => [JSON.stringify(where), where] as const))(
    'by %s meets each once, while some begin and some end',
    (_, where) =>
      withStore(engine, async (store, database) => {
        const until = store.clock.now() - day
        await addManyLogins(database.rows, { logins: 120, devices: 20, events: 0, until, span: day })
        for (const order of ['STARTED_AT_DESC', 'STARTED_AT_ASC'] as const)
          for (const backward of [false, true]) {
            const living = await someLive(store)
            const there = (await pageOf(store, where, order, { limit: 1_000, backward })).map(({ id }) => id)
            expect(there).toEqual(expect.arrayContaining([...living]))
            const met: string[] = []
            let cursor: MomentCursor | null = null
            do {
              const rows = await pageOf(store, where, order, { limit: size, backward, cursor })
              met.push(...(backward ? rows.toReversed() : rows).map(({ id }) => id))
              const last: (typeof rows)[number] | undefined = backward ? rows[0] : rows.at(-1)
              cursor = rows.length < size || last === undefined ? null : { at: last.started, id: last.id }
              await meanwhile(store, living)
            } while (cursor !== null)
            expect(new Set(met).size).toBe(met.length)
            expect(met.filter(id => there.includes(id))).toEqual(backward ? there.toReversed() : there)
          }
      }),
  )
})

const pageOf = (
  store: Store,
  where: LoginFilter,
  order: 'STARTED_AT_DESC' | 'STARTED_AT_ASC',
  { limit, backward, cursor = null }: { limit: number; backward: boolean; cursor?: MomentCursor | null },
) =>
  store.pageLogins(tenant, where, order, {
    limit,
    backward,
    after: backward ? null : cursor,
    before: backward ? cursor : null,
  })

/** By their ids, some with a QR code already; two of one moment. */
const someLive = async (store: Store): Promise<Set<string>> => {
  const living = new Set<string>()
  const started = store.clock.now()
  for (const at of [started, started, started + 1]) {
    const { loginId } = await aLogin(store, await aDevice(store), { terms: { started: at } })
    living.add(loginId)
  }
  return living
}

/** One ends, another moves on, a third begins. */
const meanwhile = async (store: Store, living: Set<string>): Promise<void> => {
  const [first, second] = living
  if (first !== undefined) {
    await told(store, first, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    living.delete(first)
  }
  if (second !== undefined) await withQrCode(store, second)
  await aLogin(store, await aDevice(store))
}
