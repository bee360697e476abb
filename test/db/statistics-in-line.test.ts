// What one who asks for statistics can do to everybody else on a server, and what it hears.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { DatabaseError } from '../../src/db/errors.ts'
import { everything } from '../../src/db/statistics.ts'
import type { Store } from '../../src/db/store.ts'
import { type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant, told } from './given.ts'

/** While every question that reads cells hangs, for its five seconds each. */
const whileHanging = async <Result>(database: TestDatabase, work: () => Promise<Result>): Promise<Result> => {
  const other = await connectPostgres({ url: database.url ?? '', statements: 1 })
  try {
    return await other.transaction(async db => {
      await db.execute(sql`lock table login_rollup in access exclusive mode`)
      return await work()
    })
  } finally {
    await other.close()
  }
}

/** Milliseconds that it takes beside sixty such questions, what one operation may ask by aliases; no more than `atMost`. */
const waitedBesideSixty = async (
  store: Store,
  database: TestDatabase,
  work: () => Promise<unknown>,
  atMost: number,
): Promise<number> => {
  const operation = {}
  let asked: Promise<unknown> = Promise.resolve()
  const waited = await whileHanging(database, async () => {
    asked = Promise.allSettled(
      Array.from({ length: 60 }, () => store.readLoginStatistics(tenant, everything, operation)),
    )
    const began = performance.now()
    await Promise.race([work(), new Promise(resolve => setTimeout(resolve, atMost).unref())])
    return performance.now() - began
  })
  await asked
  return waited
}

describe('statistics on a server', () => {
  test('a question that takes too long is told so after five seconds', () =>
    withStore('postgres', async (store, database) => {
      const began = performance.now()
      const failed = await whileHanging(database, () =>
        store.readLoginStatistics(tenant, everything).catch((error: unknown) => error),
      )
      expect(failed).toBeInstanceOf(DatabaseError)
      expect((failed as DatabaseError).tooExpensive).toBe(true)
      expect(performance.now() - began).toBeLessThan(8_000)
    }))

  test('sixty questions that hang keep no login from being recorded', () =>
    withStore('postgres', async (store, database) => {
      const { loginId } = await aLogin(store, await aDevice(store))
      // Whoever only wants to write a step of a login.
      const step = () =>
        told(store, loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
      expect(await waitedBesideSixty(store, database, step, 3_000)).toBeLessThan(1_000)
    }))

  test.each([
    ['another tenant', 'another'],
    ['another operation', tenant],
  ])('what one operation may ask by sixty aliases takes no answer away from %s', (_, of) =>
    withStore('postgres', async (store, database) => {
      // Reads live logins alone, and takes a millisecond.
      const another = () => store.readLoginStatistics(of, { ...everything, where: { live: true } }, {})
      expect(await waitedBesideSixty(store, database, another, 12_000)).toBeLessThan(11_000)
    }),
  )
})
