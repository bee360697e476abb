import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { MomentCursor, Page } from '../../src/db/filters.ts'
import type { Store } from '../../src/db/store.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, eventsOf, signedIn, tenant, told, withQrCode } from './given.ts'

const all = { limit: 1_000, after: null, before: null, backward: false }

describe.each(engines)('pages on %s', engine => {
  test('logins are walked both ways, whole and in order, while others are written', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      for (let n = 0; n < 23; n += 1) await aPastLogin(store, deviceId)
      // Several of one moment: the id decides.
      await database.rows(sql`update login set started = date_trunc('second', started)`)
      const before = (await store.pageLogins(tenant, {}, 'STARTED_AT_DESC', all)).map(login => login.id)
      expect(before).toHaveLength(23)
      for (const order of ['STARTED_AT_DESC', 'STARTED_AT_ASC'] as const) {
        const expected = order === 'STARTED_AT_DESC' ? before : before.toReversed()
        for (const backward of [false, true]) {
          const walked = await walk(backward, async page => {
            const logins = await store.pageLogins(tenant, { startedTo: past }, order, page)
            await aLogin(store, await aDevice(store))
            return logins.map(login => ({ at: login.started, id: login.id }))
          })
          expect(walked).toEqual(expected)
        }
      }
      expect(await store.countLogins(tenant, { startedTo: past })).toBe(23)
    }))

  test('devices and accounts are walked both ways', () =>
    withStore(engine, async store => {
      for (let n = 0; n < 7; n += 1) {
        const deviceId = await aDevice(store)
        const { loginId } = await aLogin(store, deviceId)
        await withQrCode(store, loginId)
        await signedIn(store, loginId, aProfile({ wcId: `wxid_${n}` }))
      }
      const devices = (await store.pageDevices(tenant, {}, all)).map(device => device.id)
      const accounts = (await store.pageAccounts(tenant, {}, all)).map(account => account.wcId)
      expect(devices).toHaveLength(7)
      expect(accounts).toEqual([6, 5, 4, 3, 2, 1, 0].map(n => `wxid_${n}`))
      for (const backward of [false, true]) {
        const walked = await walk(backward, async page =>
          (await store.pageDevices(tenant, {}, page)).map(device => ({ at: device.created, id: device.id })),
        )
        expect(walked).toEqual(devices)
      }
    }))

  test('events are paged by their numbers', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      await withQrCode(store, loginId)
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      const numbers = async (page: Partial<Page<number>>) =>
        (await eventsOf(store, loginId, page)).map(event => event.sequence)
      expect(await numbers({})).toEqual([1, 2, 3])
      expect(await numbers({ limit: 2 })).toEqual([1, 2])
      expect(await numbers({ after: 1 })).toEqual([2, 3])
      expect(await numbers({ limit: 2, backward: true })).toEqual([2, 3])
      expect(await numbers({ before: 3, limit: 1, backward: true })).toEqual([2])
      expect(await eventsOf(store, loginId, {}, 'another')).toEqual([])
      expect((await store.readProgress(tenant, loginId, 1, 1))?.events.map(event => event.sequence)).toEqual([
        2,
      ])
      expect(await store.readProgress('another', loginId, 0, 10)).toBeNull()
    }))

  test('a cursor of nobody answers an empty page', () =>
    withStore(engine, async store => {
      await aDevice(store)
      const page = { ...all, after: { at: 0, id: 'no id at all' } }
      expect(await store.pageDevices(tenant, {}, page)).toEqual([])
    }))
})

const past = Date.parse('2020-01-01T00:00:00Z')
let made = 0

/** Started long ago, so that what is written meanwhile lies outside of the page's filter. */
const aPastLogin = async (store: Store, deviceId: string): Promise<void> => {
  made += 1
  const { loginId } = await aLogin(store, deviceId, { terms: { started: past - 100_000 + made * 250 } })
  await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
}

const walk = async (
  backward: boolean,
  read: (page: Page<MomentCursor>) => Promise<readonly MomentCursor[]>,
): Promise<readonly string[]> => {
  const seen: string[] = []
  let cursor: MomentCursor | null = null
  for (;;) {
    const page: Page<MomentCursor> = {
      limit: 3,
      after: backward ? null : cursor,
      before: backward ? cursor : null,
      backward,
    }
    const found: readonly MomentCursor[] = await read(page)
    const ids = found.map(each => each.id)
    if (backward) seen.unshift(...ids)
    else seen.push(...ids)
    if (found.length < 3) return seen
    cursor = (backward ? found[0] : found.at(-1)) ?? null
  }
}
