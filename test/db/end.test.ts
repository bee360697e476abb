import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/store.ts'
import type { Profile } from '../../src/login/vocabulary.ts'
import { engines, type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, aStart, signedIn, tenant, told, turnOf, withQrCode } from './given.ts'

describe.each(engines)('the end of a login on %s', engine => {
  test('a confirmation makes account, profile, presence, sign-in and device say the same', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const loginId = await signIn(store, deviceId)
      const login = await store.readLogin(tenant, loginId)
      const accountId = login?.accountId ?? ''
      expect(login).toMatchObject({
        stateName: 'CONFIRMED',
        confirmedBy: 'QR_CODE',
        outcome: { reason: 'SIGNED_IN' },
      })
      expect(login?.confirmed).toBe(login?.ended)
      expect((await store.readAccounts(tenant, [accountId])).get(accountId)).toMatchObject({
        wcId: 'wxid_lin',
        deviceId,
        profile: { nickName: 'Lin', wAccount: 'lin88', sex: 2, pictureId: null },
        profileAsOf: login?.ended,
        presence: { state: 'ONLINE', since: login?.ended, reason: 'SIGNED_IN' },
      })
      expect((await store.readDevices(tenant, [deviceId])).get(deviceId)).toMatchObject({
        accountId,
        lastLogin: login?.ended,
        lastSeenSignedIn: login?.ended,
        deviceType: 'IPAD',
        version: 2,
      })
      expect(await signIns(database)).toEqual([
        { device: deviceId, login: loginId, open: true, reason: null },
      ])
      expect(await database.rows(sql`select before, after, reason from presence_change`)).toEqual([
        { before: 'UNKNOWN', after: 'ONLINE', reason: 'SIGNED_IN' },
      ])
      expect(await database.rows(sql`select * from device_turn`)).toEqual([])
    }))

  test('a profile gets a version only where it changed', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const names = () =>
        database.rows(sql`select number, nick_name as name from account_profile order by number`)
      await signIn(store, deviceId)
      await signIn(store, deviceId)
      expect(await names()).toEqual([{ number: 1, name: 'Lin' }])
      await signIn(store, deviceId, aProfile({ nickName: 'Lin Mei' }))
      expect(await names()).toEqual([
        { number: 1, name: 'Lin' },
        { number: 2, name: 'Lin Mei' },
      ])
      // Told nothing but who it is: what was learnt stays.
      const nothing = { wAccount: null, nickName: null, country: null, city: null, sex: null }
      await signIn(store, deviceId, aProfile(nothing))
      expect(await names()).toHaveLength(2)
      const [account] = await store.pageAccounts(
        tenant,
        {},
        { limit: 1, after: null, before: null, backward: false },
      )
      expect(account?.profile?.nickName).toBe('Lin Mei')
    }))

  test('a picture belongs to the newest profile, and is carried on', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      await signIn(store, deviceId)
      await store.attachAccountPicture(tenant, 'demo', 'wxid_lin', 'picture')
      await signIn(store, deviceId, aProfile({ nickName: 'Lin Mei' }))
      expect(
        await database.rows(sql`select picture_id as picture from account_profile order by number`),
      ).toEqual([{ picture: 'picture' }, { picture: 'picture' }])
      await store.attachAccountPicture('another', 'demo', 'wxid_lin', 'stolen')
      const [account] = await store.pageAccounts(
        tenant,
        {},
        { limit: 1, after: null, before: null, backward: false },
      )
      expect(account?.profile?.pictureId).toBe('picture')
    }))

  test('signing in elsewhere shuts the earlier sign-in of the account', () =>
    withStore(engine, async (store, database) => {
      const [first, second] = [await aDevice(store), await aDevice(store)]
      const one = await signIn(store, first)
      const other = await signIn(store, second)
      expect(await signIns(database)).toEqual([
        { device: first, login: one, open: false, reason: 'SIGNED_IN_ELSEWHERE' },
        { device: second, login: other, open: true, reason: null },
      ])
      const accounts = await store.pageAccounts(
        tenant,
        {},
        { limit: 5, after: null, before: null, backward: false },
      )
      expect(accounts.map(account => account.deviceId)).toEqual([second])
      // Online before and after: that is no change of presence.
      expect(await database.rows(sql`select number from presence_change`)).toHaveLength(1)
    }))

  test('another account on a device shuts the sign-in of the one before', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const one = await signIn(store, deviceId)
      const other = await signIn(store, deviceId, aProfile({ wcId: 'wxid_wu' }))
      expect(await signIns(database)).toEqual([
        { device: deviceId, login: one, open: false, reason: 'OTHER' },
        { device: deviceId, login: other, open: true, reason: null },
      ])
      expect((await store.readStartFacts(tenant, deviceId, store.clock.now()))?.knownWcId).toBe('wxid_wu')
    }))

  test('one account confirmed on two devices at once is signed in on one', () =>
    withStore(engine, async (store, database) => {
      const devices = await Promise.all(Array.from({ length: 6 }, () => aDevice(store)))
      await Promise.all(devices.map(device => signIn(store, device)))
      const all = await signIns(database)
      expect(all).toHaveLength(devices.length)
      const open = all.filter(each => each.open)
      const [account] = await store.pageAccounts(
        tenant,
        {},
        { limit: 2, after: null, before: null, backward: false },
      )
      expect(open.map(each => each.device)).toEqual([account?.deviceId])
    }))

  test('somebody found signed in keeps the sign-in that stands', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const made = await signIn(store, deviceId)
      const { loginId } = await aLogin(store, deviceId, { terms: { firstOnDevice: false } })
      const found = await told(store, loginId, {
        kind: 'OnlineChecked',
        began: store.clock.now(),
        profile: aProfile(),
      })
      expect(turnOf(found).state).toMatchObject({
        kind: 'CONFIRMED',
        outcome: { reason: 'ALREADY_SIGNED_IN' },
      })
      expect(await signIns(database)).toEqual([{ device: deviceId, login: made, open: true, reason: null }])
      expect(await store.readLogin(tenant, loginId)).toMatchObject({
        confirmed: null,
        accountId: expect.any(String),
      })
    }))

  test('the wrong account is shown on the device, and is nobody to expect', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const { loginId } = await aLogin(store, deviceId, { terms: { expectedWcId: 'wxid_lin' } })
      await withQrCode(store, loginId)
      await signedIn(store, loginId, aProfile({ wcId: 'wxid_wu' }))
      const login = await store.readLogin(tenant, loginId)
      expect(login).toMatchObject({
        stateName: 'FAILED',
        outcome: { reason: 'WRONG_ACCOUNT' },
        accountId: null,
      })
      expect(await signIns(database)).toEqual([{ device: deviceId, login: null, open: true, reason: null }])
      const device = (await store.readDevices(tenant, [deviceId])).get(deviceId)
      const wrong = (await store.readAccounts(tenant, [device?.accountId ?? ''])).get(device?.accountId ?? '')
      expect(wrong).toMatchObject({ wcId: 'wxid_wu', presence: { state: 'ONLINE', reason: 'FOUND_ONLINE' } })
      expect(device?.lastLogin).toBeNull()
      const facts = await store.readStartFacts(tenant, deviceId, store.clock.now())
      expect(facts).toMatchObject({ knownWcId: null, lastReason: 'WRONG_ACCOUNT', promptUntil: null })
    }))

  test('MAC sticks once a login succeeded with it, as a version of the device', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      for (let round = 0; round < 2; round += 1) {
        const { loginId } = await aLogin(store, deviceId, { terms: { deviceType: 'MAC' } })
        await withQrCode(store, loginId)
        await signedIn(store, loginId)
      }
      expect((await store.readDevices(tenant, [deviceId])).get(deviceId)?.deviceType).toBe('MAC')
      expect(
        await database.rows(
          sql`select number, cause, device_type as type, changed_by from device_version order by number`,
        ),
      ).toEqual([
        { number: 1, cause: 'REGISTERED', type: 'IPAD', changed_by: 'test' },
        { number: 2, cause: 'SIGNED_IN_AS_MAC', type: 'MAC', changed_by: 'upstream' },
      ])
    }))

  test('a device that must be reset is marked by the upstream alone, until somebody signs in', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const { loginId } = await aLogin(store, deviceId)
      await told(store, loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
      await told(store, loginId, { kind: 'Intended', intent: 'qr' })
      await told(store, loginId, {
        kind: 'CallRefused',
        intent: 'qr',
        failure: { kind: 'RESET_REQUIRED', upstreamCode: '1001', upstreamMessage: '请先重置' },
      })
      expect(await store.readLogin(tenant, loginId)).toMatchObject({
        outcome: { reason: 'DEVICE_RESET_REQUIRED', upstreamCode: '1001', upstreamMessage: '请先重置' },
      })
      expect((await store.readDevices(tenant, [deviceId])).get(deviceId)?.resetRequired).toBe(true)
      await signIn(store, deviceId)
      expect((await store.readDevices(tenant, [deviceId])).get(deviceId)?.resetRequired).toBe(false)
    }))

  test('accounts of two tenants never meet, though they are one person', () =>
    withStore(engine, async store => {
      const [mine, theirs] = [await aDevice(store), await aDevice(store, { tenant: 'another' })]
      await signIn(store, mine)
      const started = await store.startLogin(aStart(store, theirs, { tenant: 'another' }))
      if (started.kind !== 'CREATED') throw new Error(started.kind)
      await withQrCode(store, started.turn.loginId)
      await signedIn(store, started.turn.loginId)
      expect(await store.countAccounts(tenant, {})).toBe(1)
      expect(await store.countAccounts('another', {})).toBe(1)
      const login = await store.readLogin('another', started.turn.loginId)
      expect(await store.readAccounts(tenant, [login?.accountId ?? ''])).toEqual(new Map())
    }))
})

const signIn = async (store: Store, deviceId: string, profile: Profile = aProfile()): Promise<string> => {
  const { loginId } = await aLogin(store, deviceId)
  await withQrCode(store, loginId)
  turnOf(await signedIn(store, loginId, profile))
  return loginId
}

const signIns = (database: TestDatabase) =>
  database.rows<{ device: string; login: string | null; open: boolean; reason: string | null }>(sql`
    select device_id as device, login_id as login, ended is null as open, end_reason as reason
    from sign_in order by began, id`)
