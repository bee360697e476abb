import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { tidyWith } from '../../src/db/tidying.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant } from './given.ts'
import { aPastMonth, aPlace } from './past.ts'

const collecting = () => {
  const said: { readonly fields: Record<string, unknown>; readonly message: string }[] = []
  const say = (fields: Record<string, unknown>, message: string) => void said.push({ fields, message })
  return { said, log: { info: say, error: say } }
}

describe.each(engines)('a round of tidying on %s', engine => {
  test('tells of each month how many logins went, how long it took and the bytes given back', () =>
    withStore(engine, async (store, database) => {
      const { said, log } = collecting()
      const place = await aPlace(store, 1)
      await aPastMonth(database, place, '2024-02-01', { count: 3 })
      await aPastMonth(database, place, '2024-03-01', { count: 4 })
      const tidy = tidyWith(await database.connect(), 30, log)
      expect(await tidy(() => false)).toEqual({ changed: true, again: false })
      expect(said.slice(0, 2).map(({ fields }) => fields)).toEqual(
        [
          { month: '2024-02', logins: 3 },
          { month: '2024-03', logins: 4 },
        ].map(month => ({ ...month, bytes: expect.any(Number), seconds: expect.any(Number) })),
      )
      expect(await tidy(() => false)).toEqual({ changed: false, again: false })
    }))

  test('keeps everything but what expires where no days are given', () =>
    withStore(engine, async (store, database) => {
      const place = await aPlace(store, 1)
      const [old] = await aPastMonth(database, place, '2001-02-01', { count: 1 })
      await aLogin(store, await aDevice(store), { idempotency: { key: 'once', inputHash: 'hash' } })
      await database.rows(sql`update login_key set expires = now()`)
      await database.rows(sql`update scanner set picture_id = null`)
      const { said, log } = collecting()
      const tidy = tidyWith(await database.connect(), null, log)
      expect(await tidy(() => false)).toMatchObject({ again: false })
      expect(said.map(({ fields }) => fields.keys)).toEqual([1])
      expect(await store.readLogin(tenant, old?.id ?? '')).not.toBeNull()
    }))

  test('says once why it waits, and ends when asked to stop', () =>
    withStore(engine, async (store, database) => {
      const { said, log } = collecting()
      const place = await aPlace(store, 1)
      await aPastMonth(database, place, '2024-02-01', { count: 3 })
      await aLogin(store, await aDevice(store), { terms: { started: Date.parse('2024-02-29') } })
      const tidy = tidyWith(await database.connect(), 30, log)
      for (let round = 0; round < 3; round += 1)
        expect(await tidy(() => false)).toEqual({ changed: false, again: true })
      expect(said.map(({ fields }) => fields)).toEqual([{ waits: expect.stringContaining('under way') }])
      expect(await tidy(() => true)).toMatchObject({ again: true })
    }))
})

test('says that another session has its lock only where that lasts, on postgres', () =>
  withStore('postgres', async (_, database) => {
    const { said, log } = collecting()
    const other = await database.connect()
    const tidy = tidyWith(await database.connect(), 30, log)
    await other.transaction(async db => {
      await db.execute(sql`select pg_advisory_xact_lock(hashtextextended('gatehouse retention', 0))`)
      for (let round = 0; round < 11; round += 1) await tidy(() => false)
      expect(said).toEqual([])
      for (let round = 0; round < 3; round += 1) await tidy(() => false)
    })
    expect(said.map(({ fields }) => fields)).toEqual([{ waits: expect.stringContaining('lock for an hour') }])
  }))
