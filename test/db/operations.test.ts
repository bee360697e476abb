// Calls about a device that are sent once: one thing at a time, the intent before the call, and what they did in the
// statement that ends them.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/store.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, aStart, signedIn, tenant, told, withQrCode } from './given.ts'

const done = { state: 'DONE', upstreamCode: null, upstreamMessage: null } as const

const signIn = async (store: Store, deviceId: string, wcId = 'wxid_lin', handle: string | null = null) => {
  const { loginId } = await aLogin(store, deviceId)
  await withQrCode(store, loginId)
  await signedIn(store, loginId, aProfile({ wcId, instanceId: handle }))
  const followed = await store.readFollowedOn(deviceId)
  if (followed === null) throw new Error('Nobody signed in')
  return followed
}

const asked = async (
  store: Store,
  deviceId: string,
  kind: 'RESET' | 'LOGOUT',
  accountId: string | null = null,
) => {
  const operation = await store.requestOperation({ tenant, deviceId, kind, accountId, requestedBy: 'shop' })
  if (operation === null || typeof operation === 'string') throw new Error(`It was answered ${operation}`)
  return operation
}

const proxy = (host: string) => ({ host, port: 1080, username: 'lin', password: 'open sesame' })

describe.each(engines)('operations on %s', engine => {
  test('one thing at a time: a login or an operation', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const operation = await asked(store, deviceId, 'RESET')
      expect(operation).toMatchObject({ kind: 'RESET', state: 'PENDING', deviceId })
      const again = { tenant, deviceId, kind: 'RESET', accountId: null, requestedBy: 'shop' } as const
      expect(await store.requestOperation(again)).toBe('BUSY')
      expect(await store.startLogin(aStart(store, deviceId))).toMatchObject({ kind: 'OPERATION' })
      expect(await store.retireDevice({ tenant, deviceId, changedBy: 'shop' })).toBe('BUSY')
      await store.endOperation(operation.id, done)
      const { loginId } = await aLogin(store, deviceId)
      expect(await store.requestOperation(again)).toBe('BUSY')
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      expect(await store.requestOperation({ ...again, tenant: 'another' })).toBeNull()
      expect(await store.requestOperation({ ...again, deviceId: 'no id' })).toBeNull()
    }))

  test('an intent is recorded once, by its owner', () =>
    withStore(engine, async store => {
      const followed = await signIn(store, await aDevice(store), 'wxid_lin', 'w-1')
      const { id } = await asked(store, followed.deviceId, 'LOGOUT', followed.accountId)
      expect(await store.claimOperations()).toMatchObject([
        { id, sent: null, taken: null, account: { id: followed.accountId, wcId: 'wxid_lin', handle: 'w-1' } },
      ])
      const sent = await Promise.all(Array.from({ length: 10 }, () => store.operationSent(id)))
      expect(sent.filter(is => is)).toHaveLength(1)
      await store.operationTaken(id)
      const [found] = await store.claimOperations()
      expect(found?.sent).not.toBeNull()
      expect(found?.taken).not.toBeNull()
      await store.operationNotSent(id)
      expect(await store.operationSent(id)).toBe(true)
      expect(await store.endOperation(id, done)).toBe(true)
      expect(await store.endOperation(id, done)).toBe(false)
      expect(await store.operationSent(id)).toBe(false)
    }))

  test('a log-out that is done ends the sign-in with it, one that failed does not', () =>
    withStore(engine, async (store, database) => {
      const followed = await signIn(store, await aDevice(store))
      const failed = await asked(store, followed.deviceId, 'LOGOUT', followed.accountId)
      await store.endOperation(failed.id, { ...done, state: 'FAILED', upstreamMessage: '失败' })
      expect(await store.readFollowedOn(followed.deviceId)).toMatchObject({ state: 'ONLINE', busy: false })
      const { id } = await asked(store, followed.deviceId, 'LOGOUT', followed.accountId)
      await store.endOperation(id, done)
      expect(await store.readFollowedOn(followed.deviceId)).toMatchObject({
        state: 'OFFLINE',
        signIn: null,
        number: 2,
      })
      expect(
        await database.rows(sql`select before, after, reason from presence_change where number = 2`),
      ).toEqual([{ before: 'ONLINE', after: 'OFFLINE', reason: 'LOGGED_OUT_BY_CALLER' }])
      expect(await database.rows(sql`select end_reason as because from sign_in`)).toEqual([
        { because: 'LOGGED_OUT_BY_CALLER' },
      ])
    }))

  test('a reset is refused where somebody is signed in, and forgets who was', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const { loginId } = await aLogin(store, deviceId, { terms: { deviceType: 'MAC' } })
      await withQrCode(store, loginId)
      await signedIn(store, loginId)
      const followed = await store.readFollowedOn(deviceId)
      if (followed === null) throw new Error('Nobody signed in')
      const wish = { tenant, deviceId, kind: 'RESET', accountId: null, requestedBy: 'shop' } as const
      expect(await store.requestOperation(wish)).toBe('SIGNED_IN')
      expect(await store.retireDevice({ tenant, deviceId, changedBy: 'shop' })).toBe('SIGNED_IN')
      const missed = store.clock.now()
      await store.recordGone({
        followed,
        missed,
        reason: 'OTHER',
        words: null,
        dropTags: ['WITHIN_60_SECONDS'],
      })
      expect((await store.readDevices(tenant, [deviceId])).get(deviceId)?.deviceType).toBe('MAC')
      const { id } = await asked(store, deviceId, 'RESET')
      await store.endOperation(id, done)
      const device = (await store.readDevices(tenant, [deviceId])).get(deviceId)
      expect(device).toMatchObject({
        deviceType: 'IPAD',
        accountId: null,
        lastSeenSignedIn: null,
        resetRequired: false,
      })
      expect(await store.readStartFacts(tenant, deviceId, store.clock.now())).toMatchObject({
        knownWcId: null,
        exitRejected: null,
        exitChangedSinceSignIn: false,
        pushesFailedInARow: 0,
      })
      expect(await store.readFollowedOn(deviceId)).toBeNull()
      expect(
        await database.rows(
          sql`select cause, changed_by as by from device_version order by number desc limit 1`,
        ),
      ).toEqual([{ cause: 'RESET', by: 'shop' }])
    }))

  test('another proxy is told to the upstream at once where somebody is signed in, and only another one', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const change = (host: string | null) =>
        store.updateDevice({
          tenant,
          deviceId,
          change: { proxy: host === null ? null : proxy(host) },
          changedBy: 'shop',
        })
      expect(await change('one.example')).toMatchObject({ operation: null })
      const followed = await signIn(store, deviceId)
      expect(await change('one.example')).toMatchObject({ operation: null })
      expect(await change(null)).toMatchObject({ operation: null })
      const moved = await change('two.example')
      expect(moved).toMatchObject({
        device: { proxy: { host: 'two.example' } },
        operation: { kind: 'CHANGE_PROXY', state: 'PENDING' },
      })
      expect(await change('three.example')).toBe('BUSY')
      expect(await store.claimOperations()).toMatchObject([
        {
          kind: 'CHANGE_PROXY',
          target: { proxy: proxy('two.example') },
          account: { id: followed.accountId },
        },
      ])
    }))

  test('a retired device keeps its history and frees its key', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store, { deviceKey: 'front desk', upstreamId: 'u-1' })
      expect(await store.retireDevice({ tenant, deviceId, changedBy: 'shop' })).toMatchObject({
        id: deviceId,
      })
      expect(await store.retireDevice({ tenant, deviceId, changedBy: 'shop' })).toBeNull()
      expect(await aDevice(store, { deviceKey: 'front desk', upstreamId: 'u-1' })).not.toBe(deviceId)
      expect(
        await database.rows(
          sql`select number, cause from device_version where device_id = ${deviceId} order by number`,
        ),
      ).toEqual([
        { number: 1, cause: 'REGISTERED' },
        { number: 2, cause: 'RETIRED' },
      ])
      expect(await store.startLogin(aStart(store, deviceId))).toEqual({ kind: 'NO_DEVICE' })
    }))

  test('a log-out that is done says nothing of a later sign-in on another device', () =>
    withStore(engine, async (store, database) => {
      const one = await signIn(store, await aDevice(store), 'wxid_lin', 'w-1')
      const { id } = await asked(store, one.deviceId, 'LOGOUT', one.accountId)
      const two = await signIn(store, await aDevice(store), 'wxid_lin', 'w-2')
      await store.endOperation(id, done)
      expect(await store.readFollowedOn(two.deviceId)).toMatchObject({ state: 'ONLINE', number: one.number })
      expect(await database.rows(sql`select count(*)::int as changes from presence_change`)).toEqual([
        { changes: 1 },
      ])
    }))

  test('nobody is logged out of a device that another account has by now', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const { accountId } = await signIn(store, deviceId, 'wxid_ann')
      await signIn(store, deviceId, 'wxid_bo')
      const wish = { tenant, deviceId, kind: 'LOGOUT', accountId, requestedBy: 'shop' } as const
      expect(await store.requestOperation(wish)).toBe('NOT_HERE')
    }))

  test('a log-out found after its account has signed in elsewhere is not about the new handle', () =>
    withStore(engine, async store => {
      const one = await signIn(store, await aDevice(store), 'wxid_lin', 'w-1')
      await asked(store, one.deviceId, 'LOGOUT', one.accountId)
      await signIn(store, await aDevice(store), 'wxid_lin', 'w-2')
      const [found] = await store.claimOperations()
      expect(found?.account?.handle).toBe('w-1')
    }))
})
