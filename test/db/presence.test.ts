// What is kept of signed-in accounts: a presence changes with its sign-in and its history, and never against what is known
// to be later.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Followed } from '../../src/db/presence-store.ts'
import type { Store } from '../../src/db/store.ts'
import { engines, type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, polled, scanned, signedIn, tenant, told, withQrCode } from './given.ts'

const on = async (store: Store, deviceId: string, wcId: string, more = {}): Promise<Followed> => {
  const { loginId } = await aLogin(store, deviceId)
  await withQrCode(store, loginId)
  await signedIn(store, loginId, aProfile({ wcId, ...more }))
  return await followedOn(store, deviceId)
}

const followedOn = async (store: Store, deviceId: string): Promise<Followed> => {
  const followed = await store.readFollowedOn(deviceId)
  if (followed === null) throw new Error('Nobody is followed there')
  return followed
}

const goneAs = (followed: Followed, missed: number) =>
  ({
    followed,
    missed,
    reason: 'SECURITY_CHECK',
    words: '为了你的账号安全，请重新登录',
    dropTags: ['FIRST_DAY'],
  }) as const

const changes = (database: TestDatabase) =>
  database.rows(sql`select a.wc_id as who, c.number, c.before, c.after, c.reason from presence_change c
    join account a on a.id = c.account_id order by a.wc_id, c.number`)

const stays = (database: TestDatabase) =>
  database.rows(sql`select a.wc_id as who, s.ended is null as open, s.end_reason as because, s.found_by as found,
    s.login_id is null as unmade, s.device_type as type, s.first_on_device as first
    from sign_in s join account a on a.id = s.account_id order by s.began, s.id`)

describe.each(engines)('presence on %s', engine => {
  test('whoever signed in is followed, by every name that the upstream uses', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      expect(await store.readFollowedOn(deviceId)).toBeNull()
      const followed = await on(store, deviceId, 'wxid_lin', { instanceId: 'w-1' })
      expect(followed).toMatchObject({
        deviceId,
        provider: 'demo',
        wcId: 'wxid_lin',
        handle: 'w-1',
        state: 'ONLINE',
        number: 1,
        busy: false,
      })
      expect(followed.signIn).not.toBeNull()
      expect(await store.readFollowed(['demo', 'other'])).toEqual([followed])
      expect(await store.readFollowed(['other'])).toEqual([])
      for (const which of [
        { accounts: [followed.accountId] },
        { wcIds: ['wxid_lin', 'wxid_nobody'] },
        { handles: ['w-1'] },
      ])
        expect(await store.readFollowedOf({ provider: 'demo', ...which })).toEqual([followed])
      for (const which of [{}, { accounts: ['no id'] }, { wcIds: ['wxid_nobody'] }, { handles: ['w-0'] }])
        expect(await store.readFollowedOf({ provider: 'demo', ...which })).toEqual([])
      await aLogin(store, deviceId)
      expect((await followedOn(store, deviceId)).busy).toBe(true)
    }))

  test('a drop ends the sign-in and is kept with its reason, once', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const followed = await on(store, deviceId, 'wxid_lin')
      const missed = store.clock.now()
      expect(await store.recordGone(goneAs(followed, missed))).toBe(2)
      expect(await store.recordGone(goneAs(followed, missed))).toBeNull()
      expect(await changes(database)).toEqual([
        { who: 'wxid_lin', number: 1, before: 'UNKNOWN', after: 'ONLINE', reason: 'SIGNED_IN' },
        { who: 'wxid_lin', number: 2, before: 'ONLINE', after: 'OFFLINE', reason: 'SECURITY_CHECK' },
      ])
      expect(await stays(database)).toMatchObject([
        { who: 'wxid_lin', open: false, because: 'SECURITY_CHECK', type: 'IPAD', first: true },
      ])
      const accounts = await store.readAccounts(tenant, [followed.accountId])
      expect(accounts.get(followed.accountId)?.presence).toMatchObject({
        state: 'OFFLINE',
        since: missed,
        reason: 'SECURITY_CHECK',
        upstreamReason: '为了你的账号安全，请重新登录',
        dropTags: ['FIRST_DAY'],
      })
    }))

  test('an answer about an earlier sign-in says nothing of a later one', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const before = await on(store, deviceId, 'wxid_lin')
      await on(store, deviceId, 'wxid_lin')
      expect(await store.recordGone(goneAs(before, store.clock.now()))).toBeNull()
      expect((await followedOn(store, deviceId)).state).toBe('ONLINE')
      expect(await changes(database)).toHaveLength(1)
    }))

  test('whoever signs in on a device displaces who was there', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const first = await on(store, deviceId, 'wxid_ann')
      await on(store, deviceId, 'wxid_bo')
      expect((await followedOn(store, deviceId)).wcId).toBe('wxid_bo')
      expect(await store.readFollowedOf({ provider: 'demo', accounts: [first.accountId] })).toEqual([])
      expect(await changes(database)).toEqual([
        { who: 'wxid_ann', number: 1, before: 'UNKNOWN', after: 'ONLINE', reason: 'SIGNED_IN' },
        { who: 'wxid_ann', number: 2, before: 'ONLINE', after: 'OFFLINE', reason: 'OTHER' },
        { who: 'wxid_bo', number: 1, before: 'UNKNOWN', after: 'ONLINE', reason: 'SIGNED_IN' },
      ])
    }))

  test('two accounts that displace each other on two devices at once end as one order of them would', () =>
    withStore(engine, async (store, database) => {
      const devices = [await aDevice(store), await aDevice(store)]
      const [left = '', right = ''] = devices
      await on(store, left, 'wxid_ann')
      await on(store, right, 'wxid_bo')
      await Promise.all(
        [on(store, left, 'wxid_bo'), on(store, right, 'wxid_ann')].map(each => each.catch(() => {})),
      )
      const open = await database.rows<{ who: string; state: string }>(sql`
        select a.wc_id as who, a.presence as state from sign_in s join account a on a.id = s.account_id
        where s.ended is null order by a.wc_id`)
      expect(open).toEqual([
        { who: 'wxid_ann', state: 'ONLINE' },
        { who: 'wxid_bo', state: 'ONLINE' },
      ])
    }))

  test('what is seen as believed is kept of those alone', () =>
    withStore(engine, async store => {
      const here = await on(store, await aDevice(store), 'wxid_ann')
      const gone = await on(store, await aDevice(store), 'wxid_bo')
      await store.recordGone(goneAs(gone, gone.asOf))
      const at = here.asOf + 200_000
      const accounts = [here.accountId, gone.accountId]
      await store.confirmPresence({ accounts, state: 'ONLINE', at, seenSignedIn: true })
      expect((await followedOn(store, here.deviceId)).asOf).toBe(at)
      expect((await followedOn(store, gone.deviceId)).asOf).toBe(gone.asOf)
      const devices = await store.readDevices(tenant, [here.deviceId, gone.deviceId])
      expect(devices.get(here.deviceId)?.lastSeenSignedIn).toBe(at)
      expect(devices.get(gone.deviceId)?.lastSeenSignedIn).toBeLessThan(at)
    }))

  test('somebody found where nobody was believed to be is recorded, unless the device has a turn', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const followed = await on(store, deviceId, 'wxid_lin')
      await store.recordGone(goneAs(followed, store.clock.now()))
      const found = async () => {
        const began = store.clock.now() + 1
        const profile = aProfile({ wcId: 'wxid_lin', nickName: null })
        return await store.recordFound({ deviceId, profile, began, at: began + 1, by: 'LIST' })
      }
      const { loginId } = await aLogin(store, deviceId)
      expect(await found()).toBe(false)
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      expect(await found()).toBe(true)
      expect(await changes(database)).toMatchObject([
        { number: 1 },
        { number: 2, after: 'OFFLINE' },
        { number: 3, before: 'OFFLINE', after: 'ONLINE', reason: 'FOUND_ONLINE' },
      ])
      expect(await stays(database)).toMatchObject([
        { unmade: false },
        { unmade: true, found: 'LIST', open: true },
      ])
    }))

  test('looks are owed after a scan that came to nothing, and to nobody who went on', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const unscanned = await aLogin(store, deviceId)
      await withQrCode(store, unscanned.loginId)
      const cancel = { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' } as const
      await told(store, unscanned.loginId, cancel)
      const later = () => store.readDueLooks(store.clock.now() + 300_000, ['demo'])
      expect(await later()).toEqual([])
      const { loginId } = await aLogin(store, deviceId)
      await withQrCode(store, loginId)
      await scanned(store, loginId)
      await told(store, loginId, cancel)
      const ended = store.clock.now()
      expect(await store.readDueLooks(ended, ['demo'])).toEqual([])
      const looks = await later()
      expect(looks.map(look => Math.round((look.due - ended) / 10_000))).toEqual([3, 24])
      const [first] = looks
      if (first === undefined) throw new Error('No look is owed')
      await store.lookDone(first)
      expect(await later()).toHaveLength(1)
      await aLogin(store, deviceId)
      expect(await later()).toEqual([])
    }))

  test('where no scan is shown a look is owed after any code, by the name of the attempt', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const capabilities = { ...(await aLogin(store, await aDevice(store))).state.terms.capabilities }
      const { loginId } = await aLogin(store, deviceId, {
        terms: {
          capabilities: { ...capabilities, announcesScan: false, poll: 'HANGS', qrCodeDies: 'BY_WORD' },
        },
      })
      await withQrCode(store, loginId, 'w-7')
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      const looks = await store.readDueLooks(store.clock.now() + 300_000, ['demo'])
      expect(looks.map(({ handle }) => handle)).toEqual(['w-7', 'w-7'])
    }))

  test('the wrong account is followed until it is signed out', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const { loginId } = await aLogin(store, deviceId, { terms: { expectedWcId: 'wxid_lin' } })
      await withQrCode(store, loginId)
      await polled(store, loginId, { kind: 'SIGNED_IN', profile: aProfile({ wcId: 'wxid_eve' }) })
      expect(await followedOn(store, deviceId)).toMatchObject({ wcId: 'wxid_eve', state: 'ONLINE' })
      expect((await store.readDeviceStandings(tenant, [deviceId])).get(deviceId)).toEqual({
        open: true,
        foundBy: 'WRONG_ACCOUNT',
        exitRejected: null,
      })
      expect(await stays(database)).toMatchObject([{ who: 'wxid_eve', found: 'WRONG_ACCOUNT', unmade: true }])
    }))

  test('an exit is rejected until it changes', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const followed = await on(store, deviceId, 'wxid_lin')
      const missed = store.clock.now()
      await store.recordGone({ ...goneAs(followed, missed), dropTags: ['WITHIN_60_SECONDS'] })
      const exitRejected = async () =>
        (await store.readStartFacts(tenant, deviceId, store.clock.now()))?.exitRejected
      expect(await exitRejected()).toBe(missed)
      expect((await store.readDeviceStandings(tenant, [deviceId])).get(deviceId)?.exitRejected).toBe(missed)
      await store.updateDevice({ tenant, deviceId, change: { province: '北京' }, changedBy: 'test' })
      expect(await exitRejected()).toBeNull()
    }))

  test(
    'looks owed to an upstream that is not configured keep nobody from theirs',
    () =>
      withStore(engine, async store => {
        const owed = async (provider: string) => {
          const { loginId } = await aLogin(store, await aDevice(store, { provider }))
          await withQrCode(store, loginId)
          await scanned(store, loginId)
          await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
        }
        for (let each = 0; each < 100; each++) await owed('removed')
        await owed('demo')
        const due = await store.readDueLooks(store.clock.now() + 300_000, ['demo'])
        expect(due.map(({ provider }) => provider)).toEqual(['demo', 'demo'])
      }),
    60_000,
  )
})
