import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { monthOf, newId } from '../../src/db/ids.ts'
import { savedState } from '../../src/db/turn.ts'
import { begin } from '../../src/login/begin.ts'
import { engines, freshDatabase, type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant, theTerms, told, withQrCode } from './given.ts'

describe.each(engines)('claim on %s', engine => {
  test('whoever starts a login owns it: there is nothing to claim', () =>
    withStore(engine, async store => {
      const { loginId, epoch, version } = await aLogin(store, await aDevice(store))
      expect(await store.claim()).toEqual([])
      expect(await store.ownedVersions()).toEqual(new Map([[loginId, version]]))
      expect(epoch).toBe(1)
    }))

  test('what was written lately is told apart, with how many are owned in all', () =>
    withStore(engine, async store => {
      const first = await aLogin(store, await aDevice(store))
      const second = await aLogin(store, await aDevice(store))
      const now = store.clock.now()
      expect(await store.changedVersions(now + 60_000)).toEqual({ owned: 2, versions: new Map() })
      const moved = await withQrCode(store, second.loginId)
      expect(await store.changedVersions(now - 60_000)).toEqual({
        owned: 2,
        versions: new Map([
          [first.loginId, first.version],
          [second.loginId, moved.version],
        ]),
      })
      await store.release()
      expect(await store.changedVersions(now - 60_000)).toEqual({ owned: 0, versions: new Map() })
    }))

  test('what was given back is claimed with a higher epoch, as it stood', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const left = await withQrCode(store, loginId)
      await store.release()
      expect(await store.ownedVersions()).toEqual(new Map())
      expect(await store.claim()).toEqual([{ ...left, epoch: left.epoch + 1 }])
      expect(await store.claim()).toEqual([])
      const late = await told(store, loginId, { kind: 'DeadlinePassed' }, { from: left, epoch: left.epoch })
      expect(late.kind).not.toBe('RECORDED')
    }))

  test('a PENDING operation is claimed until it has ended', () =>
    withStore(engine, async store => {
      const proxy = { host: 'proxy.example', port: 1080, username: 'lin', password: 'open sesame' }
      const deviceId = await aDevice(store, {
        registered: false,
        settings: { label: null, deviceType: 'IPAD', province: '广东', city: '深圳', proxy, ttuid: 'tt' },
      })
      const [operation, ...others] = await store.claimOperations()
      expect(others).toEqual([])
      expect(operation).toMatchObject({
        deviceId,
        kind: 'REGISTER',
        state: 'PENDING',
        provider: 'demo',
        target: { province: '广东', city: '深圳', proxy, ttuid: 'tt', wcId: null, code: null },
      })
      expect(await store.claim()).toEqual([])
      const id = operation?.id ?? ''
      await store.endOperation(id, { state: 'FAILED', upstreamCode: '1002', upstreamMessage: '失败' })
      expect(await store.claimOperations()).toEqual([])
      expect(await store.readOperation(tenant, id)).toMatchObject({
        state: 'FAILED',
        upstreamCode: '1002',
        ended: expect.any(Number),
      })
      expect(await store.readOperation('another', id)).toBeNull()
    }))
})

describe('claim by several instances, on postgres', () => {
  test('eight instances take five hundred turns, each once', async () => {
    await using database = await freshDatabase('postgres')
    const stores = await Promise.all(Array.from({ length: 8 }, () => database.open()))
    const [first] = stores
    if (first === undefined) throw new Error('No store')
    await ownerless(database, 500, savedState(begin(theTerms(first)).state))
    const claimed = await Promise.all(stores.map(store => store.claim()))
    const ids = claimed.flat().map(turn => turn.loginId)
    expect(ids).toHaveLength(500)
    expect(new Set(ids).size).toBe(500)
    expect(claimed.flat().every(turn => turn.epoch === 2)).toBe(true)
  })

  test('the turns of an instance whose lease ran out go to another, and its own records are refused', async () => {
    await using database = await freshDatabase('postgres')
    const [lost, heir] = [
      await database.open({ instanceId: 'lost' }),
      await database.open({ instanceId: 'heir' }),
    ]
    const turn = await aLogin(lost, await aDevice(lost))
    expect(await heir.claim()).toEqual([])
    await database.rows(sql`update instance set beat = now() - interval '6 seconds' where id = 'lost'`)
    expect(await heir.claim()).toEqual([{ ...turn, epoch: turn.epoch + 1 }])
    expect(await lost.beat()).toBe(false)
    const late = await told(
      lost,
      turn.loginId,
      { kind: 'OnlineChecked', began: lost.clock.now(), profile: null },
      { from: turn, epoch: turn.epoch },
    )
    expect(late).toEqual({ kind: 'NOT_MINE' })
    // Alive again, with nothing of its own.
    expect(await lost.beat()).toBe(true)
    expect(await lost.claim()).toEqual([])
    expect(await heir.ownedVersions()).toEqual(new Map([[turn.loginId, turn.version]]))
  })

  test('an instance that was late but missed by nobody claims its own turns anew', async () => {
    await using database = await freshDatabase('postgres')
    const store = await database.open({ instanceId: 'late' })
    const turn = await aLogin(store, await aDevice(store))
    await database.rows(sql`update instance set beat = now() - interval '6 seconds'`)
    expect(await store.beat()).toBe(false)
    expect(await store.claim()).toEqual([{ ...turn, epoch: turn.epoch + 1 }])
  })

  test('an instance that was closed is not among the living', async () => {
    await using database = await freshDatabase('postgres')
    const [gone, heir] = [await database.open(), await database.open()]
    const turn = await aLogin(gone, await aDevice(gone))
    await gone.close()
    expect((await heir.claim()).map(each => each.loginId)).toEqual([turn.loginId])
  })
})

const ownerless = async (database: TestDatabase, count: number, state: string): Promise<void> => {
  const loginId = newId(Date.now())
  await database.rows(sql`
    with made as (
      insert into device (id, tenant, provider, device_key, upstream_id, device_type, input_hash, created, version,
        settings_version)
      select gen_random_uuid(), ${tenant}, 'demo', 'many ' || n, 'many ' || n, 'IPAD', '', now(), 1, 1
      from generate_series(1, ${count}::int) n returning id
    )
    insert into device_turn (device_id, tenant, provider, kind, subject_id, started_month, epoch, version, sequence,
      state, happened, updated)
    select id, ${tenant}, 'demo', 'LOGIN', gen_random_uuid(), ${monthOf(loginId)}::date, 1, 1, 1, ${state}::jsonb, now(), now()
    from made`)
}
