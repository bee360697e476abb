// How things came to be, as it is read: versions without a gap, newest first, a bounded number of statements for any number
// of things, and nothing of another tenant.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { MomentCursor, PresenceChangeFilter, SignInFilter } from '../../src/db/filters.ts'
import type { ChangeCursor } from '../../src/db/history-store.ts'
import type { Store } from '../../src/db/store.ts'
import { engines, type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, signedIn, tenant, withQrCode } from './given.ts'

const newest = { limit: 100, after: null }
const nobody = '01a1fc01-ef3e-7e81-a660-567065fb541a'

const comesOn = async (store: Store, deviceId: string, profile = aProfile(), who = tenant) => {
  const { loginId } = await aLogin(store, deviceId, { tenant: who })
  await withQrCode(store, loginId)
  await signedIn(store, loginId, profile)
  const device = (await store.readDevices(who, [deviceId])).get(deviceId)
  if (device?.accountId == null) throw new Error('Nobody is signed in there')
  return device.accountId
}

const goesOff = async (store: Store, deviceId: string, more: object = {}): Promise<void> => {
  const followed = await store.readFollowedOn(deviceId)
  if (followed === null) throw new Error('Nobody is followed there')
  const missed = store.clock.now() + 1
  const gone = {
    followed,
    missed,
    reason: 'SECURITY_CHECK',
    words: '请重新登录',
    dropTags: ['FIRST_DAY'],
  } as const
  expect(await store.recordGone({ ...gone, ...more })).not.toBeNull()
}

const relabel = (store: Store, deviceId: string, label: string) =>
  store.updateDevice({ tenant, deviceId, change: { label }, changedBy: 'shop' })

const walked = async <Row, Cursor>(
  read: (page: { limit: number; after: Cursor | null }) => Promise<readonly Row[]>,
  cursor: (row: Row) => Cursor,
): Promise<readonly Row[]> => {
  const seen: Row[] = []
  let after: Cursor | null = null
  for (;;) {
    const rows: readonly Row[] = await read({ limit: 3, after })
    seen.push(...rows)
    const last = rows.at(-1)
    if (last === undefined || rows.length < 3) return seen
    after = cursor(last)
  }
}

describe.each(engines)('history on %s', engine => {
  test('each version of a device holds until the next one, whatever the page', () =>
    withStore(engine, async store => {
      const proxy = { host: '10.0.0.1', port: 1080, username: 'lin', password: 'not to be told' }
      const settings = {
        label: null,
        deviceType: 'IPAD',
        province: '广东',
        city: null,
        proxy,
        ttuid: null,
      } as const
      const deviceId = await aDevice(store, { settings })
      await comesOn(store, deviceId)
      for (const label of ['a', 'b', 'c', 'd']) await relabel(store, deviceId, label)
      const versions = (await store.readDeviceVersions(tenant, [deviceId], newest)).get(deviceId) ?? []
      expect(versions.map(({ label, cause, changedBy }) => [label, cause, changedBy])).toEqual([
        ['d', 'UPDATED', 'shop'],
        ['c', 'UPDATED', 'shop'],
        ['b', 'UPDATED', 'shop'],
        ['a', 'UPDATED', 'shop'],
        [null, 'REGISTERED', 'test'],
      ])
      expect(versions.map(({ validTo }) => validTo)).toEqual([
        null,
        ...versions.slice(0, -1).map(({ validFrom }) => validFrom),
      ])
      expect(versions.at(-1)?.proxy).toEqual({ host: '10.0.0.1', port: 1080, username: 'lin' })
      const paged = await walked<(typeof versions)[number], number>(
        async page => (await store.readDeviceVersions(tenant, [deviceId], page)).get(deviceId) ?? [],
        row => row.number,
      )
      expect(paged).toEqual(versions)
    }))

  test('each profile of an account holds until the next one; one that did not change is one', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const accountId = await comesOn(store, deviceId, aProfile({ nickName: 'Lin' }))
      await comesOn(store, deviceId, aProfile({ nickName: 'Lin' }))
      await comesOn(store, deviceId, aProfile({ nickName: 'Linda' }))
      const profiles = (await store.readAccountProfiles(tenant, [accountId], newest)).get(accountId) ?? []
      expect(profiles.map(({ nickName }) => nickName)).toEqual(['Linda', 'Lin'])
      expect(profiles.map(({ validTo }) => validTo)).toEqual([null, profiles[0]?.validFrom])
      const older = await store.readAccountProfiles(tenant, [accountId], { limit: 1, after: 2 })
      expect(older.get(accountId)).toEqual(profiles.slice(1))
    }))

  test('many things are read in one statement, each with a page of its own', () =>
    withStore(engine, async store => {
      const devices: string[] = []
      const accounts: string[] = []
      for (const name of ['one', 'two', 'three']) {
        const deviceId = await aDevice(store)
        devices.push(deviceId)
        for (let time = 0; time < 3; time += 1) {
          accounts[devices.length - 1] = await comesOn(store, deviceId, aProfile({ wcId: name }))
          await goesOff(store, deviceId)
        }
      }
      const two = { limit: 2, after: null }
      const cost = async (read: () => Promise<ReadonlyMap<string, readonly unknown[]>>) => {
        const before = store.statistics.reads
        const pages = await read()
        expect(store.statistics.reads - before).toBe(1)
        return [...pages.values()].map(rows => rows.length)
      }
      expect(await cost(() => store.readSignInsOfDevices(tenant, devices, two))).toEqual([2, 2, 2])
      expect(await cost(() => store.readSignInsOfAccounts(tenant, accounts, two))).toEqual([2, 2, 2])
      expect(await cost(() => store.readPresenceChangesOf(tenant, accounts, two))).toEqual([2, 2, 2])
      expect(await cost(() => store.readDeviceVersions(tenant, devices, two))).toEqual([1, 1, 1])
      expect(await cost(() => store.readAccountProfiles(tenant, accounts, two))).toEqual([1, 1, 1])
      const [first = ''] = accounts
      const changes = (await store.readPresenceChangesOf(tenant, [first], newest)).get(first) ?? []
      expect(changes.map(({ number, before, after }) => [number, before, after])).toEqual([
        [6, 'ONLINE', 'OFFLINE'],
        [5, 'OFFLINE', 'ONLINE'],
        [4, 'ONLINE', 'OFFLINE'],
        [3, 'OFFLINE', 'ONLINE'],
        [2, 'ONLINE', 'OFFLINE'],
        [1, 'UNKNOWN', 'ONLINE'],
      ])
      expect(changes[0]).toMatchObject({
        reason: 'SECURITY_CHECK',
        upstreamReason: '请重新登录',
        dropTags: ['FIRST_DAY'],
      })
      expect(await store.readSignInsOfDevices(tenant, ['no id at all', nobody], two)).toEqual(new Map())
      expect(await store.readSignInsOfDevices(tenant, ['no id at all'], two)).toEqual(new Map())
    }))

  test('pages of sign-ins and of changes are whole and in order, while others are written', () =>
    withStore(engine, async (store, database) => {
      const devices = [await aDevice(store), await aDevice(store)]
      for (const [index, deviceId] of devices.entries())
        for (let time = 0; time < 4; time += 1) {
          await comesOn(store, deviceId, aProfile({ wcId: `wxid_${index}` }))
          await goesOff(store, deviceId)
        }
      // Several of one moment: what else is in the cursor decides.
      await database.rows(sql`update sign_in set began = '2026-01-01T00:00:00Z'`)
      await database.rows(sql`update presence_change set at = '2026-01-01T00:00:00Z'`)
      const signIns = await store.pageSignIns(tenant, {}, newest)
      const changes = await store.pagePresenceChanges(tenant, {}, newest)
      expect([signIns.length, changes.length]).toEqual([8, 16])
      const another = async () => {
        const deviceId = await aDevice(store)
        await comesOn(store, deviceId, aProfile({ wcId: deviceId }))
      }
      expect(
        await walked<(typeof signIns)[number], MomentCursor>(
          async page => {
            await another()
            return await store.pageSignIns(tenant, { to: Date.parse('2026-01-02') }, page)
          },
          ({ began, id }) => ({ at: began, id }),
        ),
      ).toEqual(signIns)
      expect(
        await walked<(typeof changes)[number], ChangeCursor>(
          async page => {
            await another()
            return await store.pagePresenceChanges(tenant, { until: Date.parse('2026-01-02') }, page)
          },
          row => row,
        ),
      ).toEqual(changes)
      const none = { at: 0, id: 'no id at all', accountId: 'no id at all', number: 1 }
      expect(await store.pageSignIns(tenant, {}, { limit: 3, after: none })).toEqual([])
      expect(await store.pagePresenceChanges(tenant, {}, { limit: 3, after: none })).toEqual([])
    }))

  test('sign-ins are filtered', () =>
    withStore(engine, async (store, database) => {
      const [ipad, mac] = [await aDevice(store), await aDevice(store, { provider: 'second' })]
      await comesOn(store, ipad, aProfile({ wcId: 'early' }))
      await goesOff(store, ipad)
      await comesOn(store, ipad, aProfile({ wcId: 'late' }))
      await comesOn(store, mac, aProfile({ wcId: 'other' }))
      await goesOff(store, mac, { reason: 'NETWORK_CHECK', dropTags: [] })
      await atNoon(database)
      await database.rows(sql`update device set device_type = 'MAC' where id = ${mac}`)
      await database.rows(
        sql`update sign_in set device_type = null, first_on_device = null where device_id = ${mac}`,
      )
      const rows: readonly [SignInFilter, readonly string[]][] = [
        [{}, ['early', 'late', 'other']],
        [{ provider: ['second'] }, ['other']],
        [{ provider: [] }, []],
        [{ deviceType: ['IPAD'] }, ['early', 'late']],
        [{ deviceType: ['MAC'] }, ['other']],
        [{ firstOnDevice: true }, ['early']],
        [{ firstOnDevice: false }, ['late']],
        [{ dropTag: ['FIRST_DAY', 'WITHIN_60_SECONDS'] }, ['early']],
        [{ dropTag: ['WITHIN_60_SECONDS'] }, []],
        [{ dropTag: [] }, []],
        [{ endReason: ['NETWORK_CHECK', 'NO_POPUP'] }, ['other']],
        [{ endReason: ['OTHER'] }, []],
        [{ ended: true }, ['early', 'other']],
        [{ ended: false }, ['late']],
        [{ from: noon }, ['late', 'other']],
        [{ to: noon }, ['early']],
        [{ from: noon, to: noon }, []],
        [{ provider: ['demo'], ended: true, from: noon - 1_000, to: noon }, ['early']],
      ]
      const names = await namesOf(database)
      const found = async (where: SignInFilter) =>
        (await store.pageSignIns(tenant, where, newest)).map(row => names.get(row.accountId)).toSorted()
      for (const [where, expected] of rows) expect([where, await found(where)]).toEqual([where, expected])
      await database.rows(
        sql`update sign_in set end_reason = 'FROM_LATER' where end_reason = 'NETWORK_CHECK'`,
      )
      expect(await found({ endReason: ['OTHER'] })).toEqual(['other'])
    }))

  test('changes of presence are filtered', () =>
    withStore(engine, async (store, database) => {
      const [here, there] = [await aDevice(store), await aDevice(store, { provider: 'second' })]
      await comesOn(store, here, aProfile({ wcId: 'here' }))
      await goesOff(store, here)
      await comesOn(store, there, aProfile({ wcId: 'there' }))
      await database.rows(sql`update presence_change set at = case when after = 'OFFLINE'
        then '2026-01-01T12:00:00Z'::timestamptz else '2026-01-01T11:00:00Z' end`)
      const rows: readonly [PresenceChangeFilter, readonly string[]][] = [
        [{}, ['here OFFLINE', 'here ONLINE', 'there ONLINE']],
        [{ provider: ['second'] }, ['there ONLINE']],
        [{ to: ['OFFLINE'] }, ['here OFFLINE']],
        [{ to: ['UNKNOWN'] }, []],
        [{ reason: ['SECURITY_CHECK'] }, ['here OFFLINE']],
        [{ reason: ['SIGNED_IN'] }, ['here ONLINE', 'there ONLINE']],
        [{ dropTag: ['FIRST_DAY'] }, ['here OFFLINE']],
        [{ from: noon }, ['here OFFLINE']],
        [{ until: noon }, ['here ONLINE', 'there ONLINE']],
      ]
      const names = await namesOf(database)
      const found = async (where: PresenceChangeFilter) =>
        (await store.pagePresenceChanges(tenant, where, newest))
          .map(row => `${names.get(row.accountId)} ${row.after}`)
          .toSorted()
      for (const [where, expected] of rows) expect([where, await found(where)]).toEqual([where, expected])
      await database.rows(sql`update presence_change set reason = 'FROM_LATER' where after = 'OFFLINE'`)
      expect(await found({ reason: ['OTHER'] })).toEqual(['here OFFLINE'])
    }))

  test('nothing of another tenant is told, by whatever id', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store, { tenant: 'another' })
      const accountId = await comesOn(store, deviceId, aProfile(), 'another')
      const reads = (who: string) =>
        Promise.all([
          store.readDeviceVersions(who, [deviceId], newest),
          store.readAccountProfiles(who, [accountId], newest),
          store.readPresenceChangesOf(who, [accountId], newest),
          store.readSignInsOfDevices(who, [deviceId], newest),
          store.readSignInsOfAccounts(who, [accountId], newest),
        ])
      expect((await reads('another')).map(pages => pages.size)).toEqual([1, 1, 1, 1, 1])
      expect((await reads(tenant)).map(pages => pages.size)).toEqual([0, 0, 0, 0, 0])
      expect(await store.pageSignIns('another', {}, newest)).toHaveLength(1)
      expect(await store.pageSignIns(tenant, {}, newest)).toEqual([])
      expect(await store.pagePresenceChanges('another', {}, newest)).toHaveLength(1)
      expect(await store.pagePresenceChanges(tenant, {}, newest)).toEqual([])
    }))
})

const noon = Date.parse('2026-01-01T12:00:00Z')

/** Whoever is named `early` began before noon, the others at noon. */
const atNoon = (database: TestDatabase) =>
  database.rows(sql`update sign_in s set began = '2026-01-01T12:00:00Z'::timestamptz
      - case when a.wc_id = 'early' then interval '1 second' else interval '0' end
    from account a where a.id = s.account_id`)

const namesOf = async (database: TestDatabase): Promise<ReadonlyMap<string, string>> => {
  const rows = await database.rows<{ id: string; wc_id: string }>(sql`select id, wc_id from account`)
  return new Map(rows.map(row => [row.id, row.wc_id]))
}
