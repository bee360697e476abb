import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { forgetExpired } from '../../src/db/expired.ts'
import { strayEvents } from '../../src/db/partitions.ts'
import { firstMonthKept, retain } from '../../src/db/retention.ts'
import { monthAfter } from '../../src/db/retention-month.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, eventsOf, signedIn, tenant, told, withQrCode } from './given.ts'
import { aPastMonth, aPlace } from './past.ts'

const day = 24 * 3_600_000

describe('which month goes', () => {
  test.each([
    // Of a month of 28, 29, 30 and 31 days: the last millisecond that it is kept at, and the first that it is not.
    ['2027-02-01', 1, '2027-03-02T00:00:00.000Z'],
    ['2027-02-01', 28, '2027-03-29T00:00:00.000Z'],
    ['2028-02-01', 1, '2028-03-02T00:00:00.000Z'],
    ['2028-02-01', 28, '2028-03-29T00:00:00.000Z'],
    ['2028-02-01', 365, '2029-03-01T00:00:00.000Z'],
    ['2027-02-01', 365, '2028-02-29T00:00:00.000Z'],
    ['2026-11-01', 30, '2026-12-31T00:00:00.000Z'],
    ['2026-12-01', 1, '2027-01-02T00:00:00.000Z'],
    ['2026-12-01', 36_500, '2126-12-08T00:00:00.000Z'],
  ])('%s, kept for %i days, goes at %s and no sooner', (month, days, moment) => {
    expect(firstMonthKept(Date.parse(moment) - 1, days)).toBe(month)
    expect(firstMonthKept(Date.parse(moment), days)).toBe(monthAfter(month))
  })
})

describe.each(engines)('the edges of a month on %s', engine => {
  test('a login of its last millisecond goes with it, one of the next stays', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      const place = await aPlace(store, 1)
      const midnight = Date.parse('2024-03-01')
      const [last] = await aPastMonth(database, place, '2024-02-01', { at: [midnight - 1] })
      const [next] = await aPastMonth(database, place, '2024-03-01', { at: [midnight], partition: false })
      const run = (now: number) => retain(connection, { days: 28, now })
      expect(await run(midnight + 28 * day - 1)).toEqual({ waits: null, changed: false })
      expect(await store.readLogin(tenant, last?.id ?? '')).not.toBeNull()
      expect(await run(midnight + 28 * day)).toEqual({ waits: null, changed: true })
      expect(await store.readLogin(tenant, last?.id ?? '')).toBeNull()
      expect(await eventsOf(store, next?.id ?? '')).toHaveLength(next?.events ?? 0)
      expect(await strayEvents(connection)).toBe(true)
    }))

  test('what upkeep made no partition for goes as well', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      const place = await aPlace(store, 1)
      const old = await aPastMonth(database, place, '2023-05-01', { count: 5, partition: false })
      expect(await strayEvents(connection)).toBe(true)
      expect(await retain(connection, { days: 365 })).toEqual({ waits: null, changed: true })
      expect(await strayEvents(connection)).toBe(false)
      expect(
        await store.readLogins(
          tenant,
          old.map(({ id }) => id),
        ),
      ).toEqual(new Map())
    }))

  test('a month stays whole while a login of it is under way, or a key answers with one', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      const place = await aPlace(store, 1)
      const ended = await aPastMonth(database, place, '2024-02-01', { count: 3 })
      const started = Date.parse('2024-02-29T23:59:59Z')
      const idempotency = { key: 'once', inputHash: 'as first asked' }
      const { loginId } = await aLogin(store, await aDevice(store), { terms: { started }, idempotency })
      const stays = async () => {
        expect(await retain(connection, { days: 1 })).toEqual({ waits: 'IN_USE', changed: false })
        for (const login of ended)
          expect((await store.readProgress(tenant, login.id, 0, 100))?.events).toHaveLength(login.events)
      }
      await stays()
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      await stays()
      await database.rows(sql`update login_key set expires = now()`)
      expect(await retain(connection, { days: 1 })).toEqual({ waits: null, changed: true })
      expect(await store.readLogin(tenant, loginId)).toBeNull()
      expect(await forgetExpired(connection)).toMatchObject({ keys: 1, waits: null })
    }))

  test('somebody else who is signed in still is, once the login that found it out has gone', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      const deviceId = await aDevice(store)
      const { loginId } = await aLogin(store, deviceId, { terms: { expectedWcId: 'wxid_expected' } })
      await withQrCode(store, loginId)
      await signedIn(store, loginId, aProfile({ wcId: 'wxid_other' }))
      const now = store.clock.now()
      expect(await store.readStartFacts(tenant, deviceId, now)).toMatchObject({ wrongAccountSignedIn: true })
      await retain(connection, { days: 30, now: now + 62 * day })
      expect(await store.readLogin(tenant, loginId)).toBeNull()
      expect(await store.readStartFacts(tenant, deviceId, now)).toMatchObject({
        wrongAccountSignedIn: true,
        lastReason: null,
      })
    }))

  test('of the operations of a device the last stays, however old', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      const deviceId = await aDevice(store)
      const other = await aDevice(store)
      const before = await store.readNewestOperations(tenant, [deviceId, other])
      await database.rows(sql`
        insert into device_operation (id, tenant, device_id, kind, state, requested_by, requested, ended)
        select gen_random_uuid(), tenant, device_id, 'RESET', 'DONE', 'past', requested - n * interval '40 days',
          ended - n * interval '40 days' from device_operation cross join generate_series(1, 3) n`)
      await database.rows(sql`
        update device_operation set requested = requested - interval '300 days', ended = ended - interval '300 days'
        where device_id = ${deviceId}`)
      expect(await retain(connection, { days: 100 })).toEqual({ waits: null, changed: true })
      const left = await database.rows<{ device: string; count: number }>(
        sql`select device_id as device, count(*)::int as count from device_operation group by 1`,
      )
      expect(new Map(left.map(({ device, count }) => [device, count]))).toEqual(
        // Of the other: today's, and those of 40 and 80 days ago.
        new Map([
          [deviceId, 1],
          [other, 3],
        ]),
      )
      const ids = (map: typeof before) => [...map.values()].map(({ id }) => id).toSorted()
      expect(ids(await store.readNewestOperations(tenant, [deviceId, other]))).toEqual(ids(before))
    }))
})

describe.each(engines)('what expires on %s', engine => {
  test('a key goes once it has expired, and one that still answers stays', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      for (const key of ['old', 'new'])
        await aLogin(store, await aDevice(store), { idempotency: { key, inputHash: 'hash' } })
      await database.rows(sql`update login_key set expires = now() where key = 'old'`)
      expect(await forgetExpired(connection)).toEqual({ keys: 1, pictures: 0, waits: null })
      expect(await database.rows(sql`select key from login_key`)).toEqual([{ key: 'new' }])
    }))

  test('a picture lives as long as a profile or a scanner points at it, and a day besides', () =>
    withStore(engine, async (store, database) => {
      const connection = await database.connect()
      const keep = (name: string) =>
        store.keepPicture(tenant, { type: 'image/png', bytes: new TextEncoder().encode(name) })
      const { loginId } = await aLogin(store, await aDevice(store))
      await withQrCode(store, loginId)
      await told(store, loginId, {
        kind: 'Polled',
        began: store.clock.now(),
        answer: { kind: 'SCANNED', nickName: 'Lin', avatarUrl: null },
      })
      const ofScanner = await keep('scanner')
      await store.attachScannerPicture(loginId, ofScanner)
      await signedIn(store, loginId, aProfile({ wcId: 'wxid_lin' }))
      const ofProfile = await keep('profile')
      await store.attachAccountPicture(tenant, 'demo', 'wxid_lin', ofProfile)
      const unused = await keep('nobody')
      const renewed = await keep('nobody yet')
      const young = await keep('young')
      await database.rows(sql`update picture set created = created - interval '1 day' where id <> ${young}`)
      // Kept again, it will be pointed at in a moment.
      expect(await keep('nobody yet')).toBe(renewed)
      expect(await forgetExpired(connection)).toEqual({ keys: 0, pictures: 1, waits: null })
      expect(await store.readPicture(tenant, unused)).toBeNull()
      for (const id of [ofScanner, ofProfile, renewed, young])
        expect(await store.readPicture(tenant, id)).not.toBeNull()
    }))
})
