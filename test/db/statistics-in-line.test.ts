// What one who asks for statistics can do to everybody else on a server, and what it hears.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { DatabaseError } from '../../src/db/errors.ts'
import { everything } from '../../src/db/statistics.ts'
import { withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant, told } from './given.ts'

describe('statistics on a server', () => {
  test('a question that takes too long is told so after five seconds', () =>
    withStore('postgres', async (store, database) => {
      const other = await connectPostgres({ url: database.url ?? '', statements: 1 })
      try {
        const began = performance.now()
        const failed = await other.transaction(async db => {
          await db.execute(sql`lock table login_rollup in access exclusive mode`)
          return await store.readLoginStatistics(tenant, everything).catch((error: unknown) => error)
        })
        expect(failed).toBeInstanceOf(DatabaseError)
        expect((failed as DatabaseError).tooExpensive).toBe(true)
        expect(performance.now() - began).toBeLessThan(8_000)
      } finally {
        await other.close()
      }
    }))

  test('sixty questions that hang keep no login from being recorded', () =>
    withStore('postgres', async (store, database) => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const other = await connectPostgres({ url: database.url ?? '', statements: 1 })
      try {
        let waited = 0
        let asked: Promise<unknown> = Promise.resolve()
        await other.transaction(async db => {
          await db.execute(sql`lock table login_rollup in access exclusive mode`)
          asked = Promise.allSettled(
            Array.from({ length: 60 }, () => store.readLoginStatistics(tenant, everything)),
          )
          const began = performance.now()
          // Whoever only wants to write a step of a login.
          await Promise.race([
            told(store, loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null }),
            new Promise(resolve => setTimeout(resolve, 3_000).unref()),
          ])
          waited = performance.now() - began
        })
        await asked
        expect(waited).toBeLessThan(1_000)
      } finally {
        await other.close()
      }
    }))
})

describe('many questions at once', () => {
  test('what one operation may ask by sixty aliases takes no answer away from another tenant', () =>
    withStore('postgres', async (store, database) => {
      const other = await connectPostgres({ url: database.url ?? '', statements: 1 })
      try {
        let waited = 0
        let asked: Promise<unknown> = Promise.resolve()
        await other.transaction(async db => {
          // Stands for sixty questions that each take all of their five seconds.
          await db.execute(sql`lock table login_rollup in access exclusive mode`)
          asked = Promise.allSettled(
            Array.from({ length: 60 }, () => store.readLoginStatistics(tenant, everything)),
          )
          const began = performance.now()
          // Reads live logins alone, and takes a millisecond.
          await Promise.race([
            store.readLoginStatistics('another', { ...everything, where: { live: true } }),
            new Promise(resolve => setTimeout(resolve, 12_000).unref()),
          ])
          waited = performance.now() - began
        })
        await asked
        expect(waited).toBeLessThan(11_000)
      } finally {
        await other.close()
      }
    }))
})
