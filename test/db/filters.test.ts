import { describe, expect, test } from 'vitest'
import type { AccountFilter, DeviceFilter, LoginFilter } from '../../src/db/filters.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, signedIn, tenant, told, withQrCode } from './given.ts'

const all = { limit: 100, after: null, before: null, backward: false }

describe.each(engines)('filters on %s', engine => {
  test('of logins', () =>
    withStore(engine, async store => {
      const [one, other] = [await aDevice(store), await aDevice(store, { provider: 'second' })]
      const now = store.clock.now()
      const done = await aLogin(store, one, {
        reference: 'order 7',
        startedBy: 'shop',
        terms: { started: now - 3_000 },
      })
      await withQrCode(store, done.loginId)
      await signedIn(store, done.loginId)
      const missed = await aLogin(store, one, {
        terms: { started: now - 2_000, expectedWcId: 'wxid_lin', firstOnDevice: false },
      })
      await told(store, missed.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      const live = await aLogin(store, other, {
        terms: { started: now - 1_000, strategy: 'PUSH', firstMethod: 'PUSH', deviceType: 'MAC' },
      })
      const foreign = await aDevice(store, { tenant: 'another' })
      await aLogin(store, foreign, { tenant: 'another' })

      const confirmed = await store.readLogin(tenant, done.loginId)
      const names = new Map([
        [done.loginId, 'done'],
        [missed.loginId, 'missed'],
        [live.loginId, 'live'],
      ])
      const rows: readonly [LoginFilter, readonly string[]][] = [
        [{}, ['done', 'missed', 'live']],
        [{ live: true }, ['live']],
        [{ live: false }, ['done', 'missed']],
        [{ state: ['CONFIRMED', 'STARTING'] }, ['done', 'live']],
        [{ state: [] }, []],
        [{ reason: ['CANCELLED_BY_CALLER'] }, ['missed']],
        [{ upstreamCode: ['1001'] }, []],
        [{ method: ['PUSH'] }, ['live']],
        [{ firstMethod: ['QR_CODE'] }, ['done']],
        [{ strategy: ['AUTO'] }, ['done', 'missed']],
        [{ provider: ['second'] }, ['live']],
        [{ deviceType: ['MAC'] }, ['live']],
        [{ province: ['广东'] }, ['done', 'missed', 'live']],
        [{ province: ['北京'] }, []],
        [{ firstOnDevice: false }, ['missed']],
        [{ startedBy: ['shop'] }, ['done']],
        [{ reference: 'order 7' }, ['done']],
        [{ reference: 'order' }, []],
        [{ device: one }, ['done', 'missed']],
        [{ device: 'no id at all' }, []],
        [{ account: confirmed?.accountId ?? '' }, ['done']],
        [{ wcId: 'wxid_lin' }, ['done', 'missed']],
        [{ startedFrom: now - 2_000 }, ['missed', 'live']],
        [{ startedTo: now - 2_000 }, ['done']],
        [{ endedTo: now }, []],
        [{ endedFrom: now }, ['done', 'missed']],
        [{ live: false, method: ['QR_CODE'], wcId: 'wxid_lin', reason: ['SIGNED_IN'] }, ['done']],
      ]
      for (const [where, expected] of rows) {
        const found = await store.pageLogins(tenant, where, 'STARTED_AT_ASC', all)
        expect([where, found.map(login => names.get(login.id))]).toEqual([where, expected])
        expect([where, await store.countLogins(tenant, where)]).toEqual([where, expected.length])
      }
      const both = await store.readLogins(tenant, [done.loginId, missed.loginId, 'no id at all'])
      expect([...both.keys()].toSorted()).toEqual([done.loginId, missed.loginId].toSorted())
      expect(await store.readLogins('another', [done.loginId])).toEqual(new Map())
    }))

  test('of devices', () =>
    withStore(engine, async store => {
      await aDevice(store, { deviceKey: 'one' })
      await aDevice(store, { deviceKey: 'two', provider: 'second' })
      await aDevice(store, { deviceKey: 'three', tenant: 'another' })
      const rows: readonly [DeviceFilter, readonly string[]][] = [
        [{}, ['one', 'two']],
        [{ retired: false }, ['one', 'two']],
        [{ retired: true }, []],
        [{ provider: ['second'] }, ['two']],
        [{ deviceKey: 'one' }, ['one']],
        [{ deviceKey: 'three' }, []],
        [{ resetRequired: true }, []],
      ]
      for (const [where, expected] of rows) {
        const found = await store.pageDevices(tenant, where, all)
        expect([where, found.map(device => device.deviceKey).toSorted()]).toEqual([where, expected])
        expect(await store.countDevices(tenant, where)).toBe(expected.length)
      }
    }))

  test('of accounts, where what is searched for is text and no pattern', () =>
    withStore(engine, async store => {
      const people = [
        { wcId: 'wxid_1', nickName: 'Lin 100%', wAccount: 'lin_88' },
        { wcId: 'wxid_2', nickName: 'Linda', wAccount: 'linx88' },
        { wcId: 'wxid_3', nickName: '王\\小', wAccount: null },
      ]
      for (const person of people) {
        const { loginId } = await aLogin(store, await aDevice(store))
        await withQrCode(store, loginId)
        await signedIn(store, loginId, aProfile(person))
      }
      const rows: readonly [AccountFilter, readonly string[]][] = [
        [{}, ['wxid_3', 'wxid_2', 'wxid_1']],
        [{ search: 'LIN' }, ['wxid_2', 'wxid_1']],
        [{ search: '100%' }, ['wxid_1']],
        [{ search: '%' }, ['wxid_1']],
        [{ search: 'lin_88' }, ['wxid_1']],
        [{ search: '\\' }, ['wxid_3']],
        [{ search: '王' }, ['wxid_3']],
        [{ search: '小' }, ['wxid_3']],
        [{ search: '大' }, []],
        [{ search: '王小' }, []],
        [{ search: '王\\小' }, ['wxid_3']],
        [{ search: 'WXID_2' }, ['wxid_2']],
        [{ wcId: 'wxid_2' }, ['wxid_2']],
        [{ presence: ['ONLINE'] }, ['wxid_3', 'wxid_2', 'wxid_1']],
        [{ presence: ['OFFLINE', 'UNKNOWN'] }, []],
      ]
      for (const [where, expected] of rows) {
        const found = await store.pageAccounts(tenant, where, all)
        expect([where, found.map(account => account.wcId)]).toEqual([where, expected])
        expect(await store.countAccounts(tenant, where)).toBe(expected.length)
      }
    }))
})
