import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { UpstreamIdTakenError } from '../../src/db/errors.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, aStart, tenant, told } from './given.ts'

const settings = {
  label: null,
  deviceType: 'IPAD',
  province: '广东',
  city: null,
  proxy: null,
  ttuid: null,
} as const
const asked = {
  tenant,
  provider: 'demo',
  deviceKey: 'front desk',
  upstreamId: 'u-1',
  settings,
  inputHash: 'a',
  changedBy: 'shop',
  create: true,
}

describe.each(engines)('devices on %s', engine => {
  test('twenty registrations of one key at once make one device and one operation', () =>
    withStore(engine, async (store, database) => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, call) => store.registerDevice({ ...asked, upstreamId: `u-${call}` })),
      )
      expect(answers.filter(answer => answer.created)).toHaveLength(1)
      expect(new Set(answers.map(answer => answer.device.id)).size).toBe(1)
      expect(answers.every(answer => answer.sameInput)).toBe(true)
      expect(await database.rows(sql`select kind, state, requested_by as by from device_operation`)).toEqual([
        { kind: 'REGISTER', state: 'PENDING', by: 'shop' },
      ])
      expect(await database.rows(sql`select number, cause from device_version`)).toEqual([
        { number: 1, cause: 'REGISTERED' },
      ])
    }))

  test('a known key with another input says so, and stays as it is', () =>
    withStore(engine, async store => {
      const { device } = await store.registerDevice(asked)
      const changed = {
        ...asked,
        upstreamId: 'u-2',
        inputHash: 'b',
        settings: { ...settings, province: '北京' },
      }
      expect(await store.registerDevice(changed)).toMatchObject({ created: false, sameInput: false, device })
    }))

  test('a registration that the upstream did not take is tried again by the same call', () =>
    withStore(engine, async store => {
      const first = await store.registerDevice(asked)
      const failed = { state: 'FAILED', upstreamCode: '1002', upstreamMessage: '失败' } as const
      await store.endOperation(first.operation?.id ?? '', failed)
      const second = await store.registerDevice(asked)
      expect(second).toMatchObject({ created: false, operation: { state: 'PENDING' } })
      expect((await store.claimOperations()).map(operation => operation.id)).toEqual([second.operation?.id])
      await store.endOperation(second.operation?.id ?? '', { ...failed, state: 'DONE' })
      expect((await store.registerDevice(asked)).operation).toMatchObject({
        id: second.operation?.id,
        state: 'DONE',
      })
    }))

  test('one that exists upstream needs no operation', () =>
    withStore(engine, async store => {
      const { device, operation } = await store.registerDevice({ ...asked, create: false })
      expect(operation).toBeNull()
      expect(await store.startLogin(aStart(store, device.id))).toMatchObject({ kind: 'CREATED' })
    }))

  test('an upstream id is one device, over all tenants', () =>
    withStore(engine, async store => {
      await store.registerDevice(asked)
      const theirs = store.registerDevice({ ...asked, tenant: 'another', deviceKey: 'theirs' })
      await expect(theirs).rejects.toBeInstanceOf(UpstreamIdTakenError)
      await store.registerDevice({ ...asked, provider: 'second' })
    }))

  test('settings change as told: absent keys stay, null removes; each is a version', () =>
    withStore(engine, async (store, database) => {
      const proxy = { host: 'proxy.example', port: 1080, username: 'lin', password: 'open sesame' }
      const deviceId = await aDevice(store, { settings: { ...settings, city: '深圳', proxy } })
      const renamed = await store.updateDevice({
        tenant,
        deviceId,
        change: { label: 'desk' },
        changedBy: 'shop',
      })
      expect(renamed).toMatchObject({
        device: { label: 'desk', city: '深圳', proxy: { host: 'proxy.example' }, version: 2 },
        operation: null,
      })
      const { loginId } = await aLogin(store, deviceId)
      expect(await store.readTarget(loginId)).toMatchObject({ proxy })
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      const bare = await store.updateDevice({
        tenant,
        deviceId,
        change: { city: null, proxy: null },
        changedBy: 'shop',
      })
      expect(bare).toMatchObject({
        device: { label: 'desk', province: '广东', city: null, proxy: null, version: 3 },
        operation: null,
      })
      expect(
        await database.rows(sql`select number, label, proxy_host as host, cause, changed_by as by from device_version
          order by number`),
      ).toEqual([
        { number: 1, label: null, host: 'proxy.example', cause: 'REGISTERED', by: 'test' },
        { number: 2, label: 'desk', host: 'proxy.example', cause: 'UPDATED', by: 'shop' },
        { number: 3, label: 'desk', host: null, cause: 'UPDATED', by: 'shop' },
      ])
    }))

  test('an exit has changed where the upstream would see another one, not where the same is said again', () =>
    withStore(engine, async (store, database) => {
      const proxy = { host: 'proxy.example', port: 1080, username: 'lin', password: 'open sesame' }
      const exit = { province: '广东', proxy, ttuid: 't' } as const
      const changes = async (change: Parameters<typeof store.updateDevice>[0]['change']) => {
        const deviceId = await aDevice(store, { settings: { ...settings, ...exit, city: '深圳' } })
        await store.updateDevice({ tenant, deviceId, change, changedBy: 'shop' })
        const [row] = await database.rows<{ changed: boolean }>(
          sql`select exit_changed is not null as changed from device where id = ${deviceId}`,
        )
        return row?.changed
      }
      for (const same of [{}, exit, { proxy: { ...proxy } }, { label: 'desk', city: '广州' }])
        expect([same, await changes(same)]).toEqual([same, false])
      for (const other of [
        { ...exit, province: '北京' },
        { province: null },
        { ttuid: 'u' },
        { ttuid: null },
        { proxy: null },
        { proxy: { ...proxy, host: 'other.example' } },
        { proxy: { ...proxy, port: 1081 } },
        { proxy: { ...proxy, username: 'wang' } },
        { proxy: { ...proxy, password: 'close sesame' } },
        { proxy: { ...proxy, password: null } },
      ])
        expect([other, await changes(other)]).toEqual([other, true])
    }))

  test('a device whose turn is taken is busy; of another tenant there is none', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      await aLogin(store, deviceId)
      const change = { label: 'desk' }
      expect(await store.updateDevice({ tenant, deviceId, change, changedBy: 'shop' })).toBe('BUSY')
      expect(await store.updateDevice({ tenant: 'another', deviceId, change, changedBy: 'shop' })).toBeNull()
      expect((await store.readDevices(tenant, [deviceId])).get(deviceId)?.label).toBeNull()
    }))

  test('starts and changes at once: each is done whole or not at all', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, call) =>
          call % 2 === 0
            ? store.startLogin(aStart(store, deviceId)).then(answer => answer.kind)
            : store
                .updateDevice({ tenant, deviceId, change: { label: String(call) }, changedBy: 'shop' })
                .then(answer => (answer === 'BUSY' ? 'BUSY' : 'CHANGED')),
        ),
      )
      expect(answers.filter(answer => answer === 'CREATED')).toHaveLength(1)
      expect(new Set(answers)).not.toContain('OPERATION')
    }))

  test('pictures are kept once per tenant, under an id that says nothing', () =>
    withStore(engine, async (store, database) => {
      const picture = { bytes: new TextEncoder().encode('a face'), type: 'image/png' }
      const id = await store.keepPicture(tenant, picture)
      expect(await store.keepPicture(tenant, picture)).toBe(id)
      expect(await store.keepPicture('another', picture)).not.toBe(id)
      const read = await store.readPicture(tenant, id)
      expect(read?.type).toBe('image/png')
      expect(Buffer.from(read?.bytes ?? []).toString()).toBe('a face')
      expect(await store.readPicture('another', id)).toBeNull()
      expect(await database.rows(sql`select count(*)::int as count from picture`)).toEqual([{ count: 2 }])
    }))
})
