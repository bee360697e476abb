import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { DevicesToImport, DeviceToImport } from '../../src/db/import-store.ts'
import type { Store } from '../../src/db/store.ts'
import { engines, type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, signedIn, tenant, withQrCode } from './given.ts'

const upstreamDevice = (upstreamId: string, more: Partial<DeviceToImport> = {}): DeviceToImport => ({
  upstreamId,
  wcId: null,
  handle: null,
  online: false,
  lastLogin: null,
  inputHash: 'as if registered',
  ...more,
})

const take = (store: Store, devices: readonly DeviceToImport[], more: Partial<DevicesToImport> = {}) =>
  store.importDevices({
    tenant,
    provider: 'demo',
    accountsAreDevices: false,
    devices,
    asked: store.clock.now(),
    changedBy: 'shop',
    dryRun: false,
    ...more,
  })

const page = (count: number): readonly DeviceToImport[] =>
  Array.from({ length: count }, (_, index) =>
    upstreamDevice(`u-${index}`, { wcId: `wxid_${index}`, online: index % 2 === 0 }),
  )

const accounts = (database: TestDatabase) =>
  database.rows<Record<string, unknown>>(sql`
    select a.wc_id, d.upstream_id as device, a.presence, a.presence_reason as reason, a.presence_number as number,
      (select count(*)::int from presence_change c where c.account_id = a.id) as changes,
      (select count(*)::int from sign_in s where s.account_id = a.id and s.device_id = d.id and s.ended is null) as on
    from account a join device d on d.id = a.device_id order by a.wc_id`)

const count = async (database: TestDatabase, table: string) =>
  (await database.rows<{ count: number }>(sql.raw(`select count(*)::int as count from ${table}`)))[0]?.count

const tables = ['device', 'device_version', 'account', 'sign_in', 'presence_change', 'device_operation']
const counts = async (database: TestDatabase) =>
  Object.fromEntries(
    await Promise.all(tables.map(async table => [table, await count(database, table)] as const)),
  )

const confirmed = async (store: Store, deviceId: string, wcId: string) => {
  const { loginId } = await aLogin(store, deviceId)
  await withQrCode(store, loginId)
  await signedIn(store, loginId, aProfile({ wcId }))
}

describe.each(engines)('an import on %s', engine => {
  test('takes over a device on which somebody is online, with a history that says so', () =>
    withStore(engine, async (store, database) => {
      const asked = store.clock.now()
      const lastLogin = asked - 86_400_000
      const { imported, known, online } = await take(
        store,
        [upstreamDevice('u-1', { wcId: 'wxid_lin', handle: 'w-1', online: true, lastLogin })],
        { asked },
      )
      expect({ imported, known }).toEqual({ imported: 1, known: 0 })
      const [device] = await store.pageDevices(
        tenant,
        {},
        { limit: 2, after: null, before: null, backward: false },
      )
      expect(device).toMatchObject({
        deviceKey: 'u-1',
        upstreamId: 'u-1',
        province: null,
        proxy: null,
        lastLogin,
        lastSeenSignedIn: asked,
        version: 1,
      })
      const accountId = device?.accountId ?? ''
      expect(online).toEqual([{ accountId, number: 1 }])
      expect((await store.readAccounts(tenant, [accountId])).get(accountId)).toMatchObject({
        wcId: 'wxid_lin',
        instanceId: 'w-1',
        deviceId: device?.id,
        profile: null,
        profileAsOf: null,
        presence: {
          state: 'ONLINE',
          reason: 'FOUND_ONLINE',
          since: asked,
          asOf: asked,
          probationUntil: null,
        },
      })
      expect(await database.rows(sql`select number, cause, changed_by as by from device_version`)).toEqual([
        { number: 1, cause: 'IMPORTED', by: 'shop' },
      ])
      expect(
        await database.rows(sql`select account_id as account, device_id as device, login_id as login, found_by as by,
          ended from sign_in`),
      ).toEqual([{ account: accountId, device: device?.id, login: null, by: 'IMPORT', ended: null }])
      expect(await database.rows(sql`select before, after, reason, number from presence_change`)).toEqual([
        { before: 'UNKNOWN', after: 'ONLINE', reason: 'FOUND_ONLINE', number: 1 },
      ])
      expect(await count(database, 'device_operation')).toBe(0)
      expect((await store.readStartFacts(tenant, device?.id ?? '', asked))?.knownWcId).toBe('wxid_lin')
    }))

  test('knows who was last on a device that nobody is signed in on, and not whether they are', () =>
    withStore(engine, async (store, database) => {
      const lastLogin = store.clock.now() - 86_400_000
      const { online } = await take(store, [
        upstreamDevice('u-1', { wcId: 'wxid_lin', lastLogin }),
        upstreamDevice('u-2'),
      ])
      expect(online).toEqual([])
      expect(await accounts(database)).toEqual([
        { wc_id: 'wxid_lin', device: 'u-1', presence: 'UNKNOWN', reason: null, number: 0, changes: 0, on: 0 },
      ])
      const [second, first] = await store.pageDevices(
        tenant,
        {},
        { limit: 2, after: null, before: null, backward: false },
      )
      expect(
        [first, second].toSorted((one, other) =>
          (one?.upstreamId ?? '') < (other?.upstreamId ?? '') ? -1 : 1,
        ),
      ).toMatchObject([
        { upstreamId: 'u-1', lastLogin, lastSeenSignedIn: lastLogin, accountId: expect.any(String) },
        { upstreamId: 'u-2', lastLogin: null, lastSeenSignedIn: null, accountId: null },
      ])
    }))

  test('of a page of 450, asked for ten times at once and once more, has each once', () =>
    withStore(engine, async (store, database) => {
      const devices = page(450)
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, call) => take(store, call % 2 ? devices : devices.toReversed())),
      )
      expect(answers.reduce((sum, { imported }) => sum + imported, 0)).toBe(450)
      expect(answers.every(({ imported, known }) => imported + known === 450)).toBe(true)
      const all = {
        device: 450,
        device_version: 450,
        account: 450,
        sign_in: 225,
        presence_change: 225,
        device_operation: 0,
      }
      expect(await counts(database)).toEqual(all)
      expect(await take(store, devices)).toEqual({ imported: 0, known: 450, online: [] })
      expect(await counts(database)).toEqual(all)
    }))

  test('beside logins that sign the same accounts in gives each one device and one sign-in', () =>
    withStore(engine, async (store, database) => {
      const names = Array.from({ length: 12 }, (_, index) => `wxid_${index}`)
      const logins = await Promise.all(
        names.map(async wcId => {
          const { loginId } = await aLogin(store, await aDevice(store))
          await withQrCode(store, loginId)
          return { loginId, profile: aProfile({ wcId }) }
        }),
      )
      const listed = names.map(wcId => upstreamDevice(wcId, { wcId, handle: `w-${wcId}`, online: true }))
      await Promise.all([
        ...logins.map(({ loginId, profile }) => signedIn(store, loginId, profile)),
        take(store, listed, { accountsAreDevices: true }),
        take(store, listed.toReversed(), { accountsAreDevices: true }),
      ])
      expect(await count(database, 'account')).toBe(12)
      const open = await database.rows<{ who: string; number: number; changes: number }>(sql`
        select a.wc_id as who, a.presence_number as number, a.presence, s.device_id = a.device_id as here,
          (select count(*)::int from presence_change c where c.account_id = a.id) as changes
        from sign_in s join account a on a.id = s.account_id where s.ended is null`)
      expect(new Set(open.map(({ who }) => who)).size).toBe(12)
      expect(open).toHaveLength(12)
      for (const each of open)
        expect(each).toMatchObject({ presence: 'ONLINE', here: true, changes: each.number })
    }))

  test('beside registrations of the same keys has each once', () =>
    withStore(engine, async (store, database) => {
      const devices = page(40)
      const [first, second] = await Promise.all([
        take(store, devices),
        take(store, devices.toReversed()),
        // Some of them exist upstream under that id, some are to be made under another.
        Promise.allSettled(
          devices.map(({ upstreamId }, index) =>
            aDevice(store, {
              deviceKey: upstreamId,
              upstreamId: index % 2 === 0 ? upstreamId : `gh-${index}`,
              create: index % 2 !== 0,
            }),
          ),
        ),
      ])
      expect([first, second].map(({ imported, known }) => imported + known)).toEqual([40, 40])
      expect(await count(database, 'device')).toBe(40)
      expect(await count(database, 'device_version')).toBe(40)
    }))

  test('that is only tried counts the same and writes nothing', () =>
    withStore(engine, async (store, database) => {
      await take(store, page(3))
      const before = await counts(database)
      const writes = store.statistics.writes
      expect(await take(store, page(5), { dryRun: true })).toEqual({ imported: 2, known: 3, online: [] })
      expect(store.statistics.writes).toBe(writes)
      expect(await counts(database)).toEqual(before)
      expect(await take(store, page(5))).toMatchObject({ imported: 2, known: 3 })
    }))

  test('leaves a device that is known by its id or by its key as it is', () =>
    withStore(engine, async (store, database) => {
      await aDevice(store, { upstreamId: 'u-1', deviceKey: 'front desk' })
      await aDevice(store, { upstreamId: 'gh-1', deviceKey: 'u-2' })
      const before = await database.rows(sql`select * from device order by id`)
      const answer = await take(store, [
        upstreamDevice('u-1', { wcId: 'wxid_lin', online: true }),
        upstreamDevice('u-2', { wcId: 'wxid_may', online: true }),
      ])
      expect(answer).toEqual({ imported: 0, known: 2, online: [] })
      expect(await database.rows(sql`select * from device order by id`)).toEqual(before)
      expect(await count(database, 'account')).toBe(0)
    }))

  test('neither takes nor counts what another tenant has', () =>
    withStore(engine, async (store, database) => {
      await aDevice(store, { tenant: 'another', upstreamId: 'u-1' })
      await take(store, [upstreamDevice('u-9', { wcId: 'wxid_may', online: true })], { tenant: 'another' })
      const answer = await take(store, [
        upstreamDevice('u-1', { wcId: 'wxid_lin', online: true }),
        upstreamDevice('u-2', { wcId: 'wxid_may', online: true }),
      ])
      expect(answer).toEqual({ imported: 0, known: 0, online: [] })
      expect(await database.rows(sql`select id from device where tenant = ${tenant}`)).toEqual([])
      expect(await database.rows(sql`select id from account where tenant = ${tenant}`)).toEqual([])
    }))

  test('where the account is the device, knows one that a login has brought', () =>
    withStore(engine, async (store, database) => {
      await confirmed(store, await aDevice(store, { deviceKey: 'front desk' }), 'wxid_lin')
      const listed = ['wxid_lin', 'wxid_may'].map(wcId =>
        upstreamDevice(wcId, { wcId, handle: `w-${wcId}`, online: true }),
      )
      expect(await take(store, listed, { accountsAreDevices: true })).toMatchObject({ imported: 1, known: 1 })
      expect(
        (await database.rows(sql`select device_key as key from device order by created`)).slice(1),
      ).toEqual([{ key: 'wxid_may' }])
    }))

  test('leaves an account where it is known to be signed in', () =>
    withStore(engine, async (store, database) => {
      await confirmed(store, await aDevice(store, { upstreamId: 'u-0' }), 'wxid_lin')
      await take(store, [upstreamDevice('u-1', { wcId: 'wxid_lin', online: true })])
      expect(await accounts(database)).toMatchObject([
        { device: 'u-0', presence: 'ONLINE', reason: 'SIGNED_IN', on: 1 },
      ])
      expect(
        await database.rows(
          sql`select known_wc_id as who, account_id is not null as shown from device where upstream_id = 'u-1'`,
        ),
      ).toEqual([{ who: 'wxid_lin', shown: true }])
    }))

  test('finds an account that was offline, unless something later is known of it', () =>
    withStore(engine, async (store, database) => {
      await take(store, [
        upstreamDevice('u-0', { wcId: 'wxid_lin' }),
        upstreamDevice('u-1', { wcId: 'wxid_may' }),
      ])
      const asked = store.clock.now()
      await database.rows(
        sql`update account set presence = 'OFFLINE', presence_number = 1, presence_reason = 'NO_POPUP'`,
      )
      await database.rows(
        sql`update account set presence_as_of = presence_as_of - interval '1 hour' where wc_id = 'wxid_lin'`,
      )
      await database.rows(
        sql`update account set presence_as_of = now() + interval '1 hour' where wc_id = 'wxid_may'`,
      )
      const { online } = await take(
        store,
        [
          upstreamDevice('u-2', { wcId: 'wxid_lin', online: true }),
          upstreamDevice('u-3', { wcId: 'wxid_may', online: true }),
        ],
        { asked },
      )
      expect(online).toEqual([{ accountId: expect.any(String), number: 2 }])
      expect(await accounts(database)).toMatchObject([
        { wc_id: 'wxid_lin', device: 'u-2', presence: 'ONLINE', reason: 'FOUND_ONLINE', number: 2, on: 1 },
        { wc_id: 'wxid_may', device: 'u-1', presence: 'OFFLINE', reason: 'NO_POPUP', number: 1, on: 0 },
      ])
    }))

  test('of one account on several devices signs it in on one', () =>
    withStore(engine, async (store, database) => {
      const wcId = 'wxid_lin'
      const { imported, online } = await take(store, [
        upstreamDevice('u-1', { wcId, lastLogin: 3 }),
        upstreamDevice('u-2', { wcId, online: true, lastLogin: 1 }),
        upstreamDevice('u-3', { wcId, online: true, lastLogin: 2 }),
        upstreamDevice('u-3', { wcId, online: true, lastLogin: 2 }),
      ])
      expect({ imported, online: online.length }).toEqual({ imported: 3, online: 1 })
      expect(await accounts(database)).toMatchObject([
        { device: 'u-3', presence: 'ONLINE', number: 1, on: 1 },
      ])
      expect(await count(database, 'sign_in')).toBe(1)
    }))

  test('gives an account whose device was retired its new one', () =>
    withStore(engine, async (store, database) => {
      await take(store, [upstreamDevice('wxid_lin', { wcId: 'wxid_lin', handle: 'w-1' })], {
        accountsAreDevices: true,
      })
      await database.rows(sql`update device set retired = now()`)
      const again = upstreamDevice('wxid_lin', { wcId: 'wxid_lin', handle: 'w-2', online: true })
      expect(await take(store, [again], { accountsAreDevices: true })).toMatchObject({ imported: 1 })
      expect(
        await database.rows(sql`
        select a.instance_id as handle, d.retired, a.presence from account a join device d on d.id = a.device_id`),
      ).toEqual([{ handle: 'w-2', retired: null, presence: 'ONLINE' }])
    }))
})
