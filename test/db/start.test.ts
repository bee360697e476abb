import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { newId } from '../../src/db/ids.ts'
import { engines, freshDatabase, withStore } from '../support/database.ts'
import {
  aDevice,
  aLogin,
  aName,
  aProfile,
  aStart,
  polled,
  qrSecret,
  scanned,
  signedIn,
  tenant,
  told,
  turnOf,
  withQrCode,
} from './given.ts'

describe.each(engines)('startLogin on %s', engine => {
  test('fifty at once make one login, and all are told of it', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => store.startLogin(aStart(store, deviceId))),
      )
      const [created, ...more] = answers.filter(answer => answer.kind === 'CREATED')
      expect(more).toEqual([])
      const loginId = created?.kind === 'CREATED' ? created.turn.loginId : ''
      expect(answers.filter(answer => answer.kind === 'ACTIVE')).toEqual(
        Array(49).fill({ kind: 'ACTIVE', loginId }),
      )
      expect(await database.rows(sql`select id from login`)).toEqual([{ id: loginId }])
      expect(await store.readActiveLogins(tenant, [deviceId])).toEqual(new Map([[deviceId, loginId]]))
    }))

  test('a login keeps what its device was, and what was asked', () =>
    withStore(engine, async store => {
      const proxy = { host: 'proxy.example', port: 1080, username: null, password: null }
      const deviceId = await aDevice(store, {
        settings: { label: null, deviceType: 'IPAD', province: '广东', city: null, proxy, ttuid: null },
      })
      const { loginId } = await aLogin(store, deviceId, {
        reference: 'order 7',
        terms: { expectedWcId: 'wxid_lin', strategy: 'QR_CODE' },
      })
      await store.record(loginId, { kind: 'CancelAsked', at: store.clock.now(), by: 'CANCELLED_BY_CALLER' })
      await store.updateDevice({
        tenant,
        deviceId,
        change: { province: '北京', proxy: null },
        changedBy: 'test',
      })
      expect(await store.readLogin(tenant, loginId)).toMatchObject({
        deviceId,
        provider: 'demo',
        province: '广东',
        proxied: true,
        strategy: 'QR_CODE',
        expectedWcId: 'wxid_lin',
        firstOnDevice: true,
        startedBy: 'test',
        reference: 'order 7',
        stateName: 'CANCELLED',
        outcome: { reason: 'CANCELLED_BY_CALLER' },
      })
    }))

  test('one key answers with one login, thirty times at once and after its end', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const idempotency = { key: aName('key'), inputHash: 'a' }
      const ask = () => store.startLogin(aStart(store, deviceId, { idempotency }))
      const answers = await Promise.all(Array.from({ length: 30 }, ask))
      const ids = new Set(answers.map(answer => loginOf(answer)))
      expect(ids.size).toBe(1)
      expect(answers.filter(answer => answer.kind === 'CREATED')).toHaveLength(1)
      const [loginId = ''] = ids
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      expect(await ask()).toEqual({ kind: 'SAME_KEY', loginId, sameInput: true })
      expect(await store.readLoginKey(tenant, idempotency.key)).toEqual({ loginId, inputHash: 'a' })
      expect(await store.readLoginKey('another', idempotency.key)).toBeNull()
    }))

  test('one key on two devices at once makes one login', () =>
    withStore(engine, async store => {
      const devices = [await aDevice(store), await aDevice(store)]
      const idempotency = { key: aName('key'), inputHash: 'a' }
      const answers = await Promise.all(
        devices.map(device => store.startLogin(aStart(store, device, { idempotency }))),
      )
      expect(answers.map(answer => answer.kind).toSorted()).toEqual(['CREATED', 'SAME_KEY'])
      expect(new Set(answers.map(loginOf)).size).toBe(1)
      expect((await store.readActiveLogins(tenant, devices)).size).toBe(1)
    }))

  test('a key with another input says so; after a day it is free again', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const key = aName('key')
      const first = await aLogin(store, deviceId, { idempotency: { key, inputHash: 'a' } })
      const other = { idempotency: { key, inputHash: 'b' } }
      expect(await store.startLogin(aStart(store, deviceId, other))).toEqual({
        kind: 'SAME_KEY',
        loginId: first.loginId,
        sameInput: false,
      })
      await told(store, first.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      await database.rows(sql`update login_key set expires = now() - interval '1 second'`)
      expect(await store.startLogin(aStart(store, deviceId, other))).toMatchObject({ kind: 'CREATED' })
    }))

  test('a key is kept with a live login only where that one is a good answer', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const { loginId } = await aLogin(store, deviceId)
      const [refused, kept] = [aName('key'), aName('key')]
      await store.startLogin(aStart(store, deviceId, { idempotency: { key: refused, inputHash: 'a' } }))
      await store.startLogin(
        aStart(store, deviceId, { idempotency: { key: kept, inputHash: 'a' }, settledOn: loginId }),
      )
      expect(await store.readLoginKey(tenant, refused)).toBeNull()
      expect(await store.readLoginKey(tenant, kept)).toEqual({ loginId, inputHash: 'a' })
    }))

  test('REPLACE ends the old login as superseded and begins the new one in its place', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const { loginId: old } = await aLogin(store, deviceId)
      const { version } = await withQrCode(store, old)
      const wish = aStart(store, deviceId, { continues: old, replaces: { loginId: old, version } })
      const answer = await store.startLogin(wish)
      expect(answer).toMatchObject({
        kind: 'CREATED',
        turn: { loginId: wish.loginId, version: 1, epoch: 2 },
        replaced: { loginId: old, state: { kind: 'CANCELLED' } },
      })
      const ended = await store.readProgress(tenant, old, 0, 10)
      expect(ended?.login).toMatchObject({
        outcome: { reason: 'SUPERSEDED' },
        continuedBy: wish.loginId,
        sequence: 3,
      })
      expect(ended?.events.map(event => event.body.kind)).toEqual([
        'LoginStarted',
        'QrCodeIssued',
        'LoginEnded',
      ])
      expect(await store.readSecrets(tenant, wish.loginId)).toEqual({ qrCode: null, sliderUrl: null })
      expect(await told(store, old, { kind: 'SliderReported' })).toEqual({ kind: 'ENDED' })
      await withQrCode(store, wish.loginId)
      expect(await store.readSecrets(tenant, wish.loginId)).toEqual({ qrCode: qrSecret, sliderUrl: null })
    }))

  test('REPLACE of a login that has moved on changes nothing', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const { loginId, version } = await aLogin(store, deviceId)
      await withQrCode(store, loginId)
      const wish = aStart(store, deviceId, { replaces: { loginId, version } })
      expect(await store.startLogin(wish)).toEqual({ kind: 'MOVED' })
      expect((await store.readLogin(tenant, loginId))?.ended).toBeNull()
      expect(await store.readLogin(tenant, wish.loginId)).toBeNull()
    }))

  test('REPLACE of a login that has ended meanwhile begins plainly', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const { loginId, version } = await aLogin(store, deviceId)
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      expect(
        await store.startLogin(aStart(store, deviceId, { replaces: { loginId, version } })),
      ).toMatchObject({
        kind: 'CREATED',
        replaced: null,
      })
    }))

  test('a device with an operation, of another tenant, or of nobody', () =>
    withStore(engine, async store => {
      const busy = await aDevice(store, { registered: false })
      const operation = (await store.readNewestOperations(tenant, [busy])).get(busy)
      expect(await store.startLogin(aStart(store, busy))).toEqual({
        kind: 'OPERATION',
        operationId: operation?.id,
      })
      const foreign = await aDevice(store, { tenant: 'another' })
      for (const deviceId of [foreign, newId(1), 'no id at all']) {
        expect(await store.startLogin(aStart(store, deviceId))).toEqual({ kind: 'NO_DEVICE' })
        expect(await store.readStartFacts(tenant, deviceId, store.clock.now())).toBeNull()
      }
    }))
})

describe.each(engines)('readStartFacts on %s', engine => {
  test('a new device has no past', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      expect(await store.readStartFacts(tenant, deviceId, store.clock.now())).toMatchObject({
        device: { id: deviceId },
        active: null,
        knownWcId: null,
        lastSeenSignedIn: null,
        seenOnline: false,
        exitChangedSinceSignIn: false,
        recentLogins: [],
        recentQrCodes: [],
        pushesFailedInARow: 0,
        lastPushFailed: null,
        lastReason: null,
        scannedUnconfirmed: 0,
        promptUntil: null,
        knownHandles: [],
        probationUntil: null,
        onlineWcId: null,
        wrongAccountSignedIn: false,
      })
    }))

  test('the first day of an account lasts a day, on its device alone', () =>
    withStore(engine, async store => {
      const [first, second] = [await aDevice(store), await aDevice(store)]
      await confirmed(store, first)
      const now = store.clock.now()
      const { lastLogin } = (await store.readStartFacts(tenant, first, now))?.device ?? {}
      const until = (lastLogin ?? 0) + 86_400_000
      expect(await store.readStartFacts(tenant, first, now)).toMatchObject({ probationUntil: until })
      expect(await store.readStartFacts(tenant, first, until)).toMatchObject({ probationUntil: null })
      // Its second sign-in on a device is no first day there; elsewhere it has one of its own.
      await confirmed(store, second)
      expect(await store.readStartFacts(tenant, first, now)).toMatchObject({ probationUntil: null })
    }))

  test('a wrong account that was seen signed in is told for five minutes', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      await confirmed(store, deviceId)
      const { loginId } = await aLogin(store, deviceId, { terms: { expectedWcId: 'wxid_lin' } })
      await withQrCode(store, loginId)
      await signedIn(store, loginId, aProfile({ wcId: 'wxid_wu' }))
      const now = store.clock.now()
      expect(await store.readStartFacts(tenant, deviceId, now)).toMatchObject({
        knownWcId: 'wxid_lin',
        onlineWcId: 'wxid_wu',
        seenOnline: true,
        wrongAccountSignedIn: true,
      })
      expect(await store.readStartFacts(tenant, deviceId, now + 300_001)).toMatchObject({
        onlineWcId: null,
        wrongAccountSignedIn: false,
      })
    }))

  test('on a device without an account the wrong one is known by how its last login ended', () =>
    withStore(engine, async store => {
      const [wrong, found] = [await aDevice(store), await aDevice(store)]
      const first = await aLogin(store, wrong, { terms: { expectedWcId: 'wxid_lin' } })
      await withQrCode(store, first.loginId)
      await signedIn(store, first.loginId, aProfile({ wcId: 'wxid_wu' }))
      const second = await aLogin(store, found)
      await withQrCode(store, second.loginId)
      await told(store, second.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      await signedIn(store, second.loginId, aProfile({ wcId: 'wxid_zhao' }))
      const now = store.clock.now()
      expect(await store.readStartFacts(tenant, wrong, now)).toMatchObject({ wrongAccountSignedIn: true })
      expect(await store.readStartFacts(tenant, found, now)).toMatchObject({
        onlineWcId: 'wxid_zhao',
        wrongAccountSignedIn: false,
      })
    }))

  test('QR codes of the last hour are counted, of the login under way too', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const first = await aLogin(store, deviceId)
      await withQrCode(store, first.loginId)
      await told(store, first.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      const second = await aLogin(store, deviceId)
      await withQrCode(store, second.loginId)
      const now = store.clock.now()
      const facts = await store.readStartFacts(tenant, deviceId, now)
      expect(facts).toMatchObject({ active: { loginId: second.loginId }, lastReason: 'CANCELLED_BY_CALLER' })
      expect(facts?.recentLogins).toEqual([first.state.terms.started, second.state.terms.started])
      expect(facts?.recentQrCodes).toHaveLength(2)
      const later = await store.readStartFacts(tenant, deviceId, now + 3_600_001)
      expect(later).toMatchObject({ recentLogins: [], recentQrCodes: [] })
    }))

  test('a scanned prompt outlives a cancelled login, an unscanned one does not', () =>
    withStore(engine, async store => {
      const [unscanned, seen] = [await aDevice(store), await aDevice(store)]
      const first = await aLogin(store, unscanned)
      await withQrCode(store, first.loginId)
      await told(store, first.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      const second = await aLogin(store, seen)
      const { state } = await withQrCode(store, second.loginId)
      await scanned(store, second.loginId)
      await told(store, second.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      const now = store.clock.now()
      expect(await store.readStartFacts(tenant, unscanned, now)).toMatchObject({
        promptUntil: null,
        scannedUnconfirmed: 0,
      })
      expect(await store.readStartFacts(tenant, seen, now)).toMatchObject({
        promptUntil: state.kind === 'AWAITING_SCAN' ? state.prompt.expires : null,
        scannedUnconfirmed: 1,
      })
    }))

  test('two refused pushes count in a row, until one is answered', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      for (let round = 1; round <= 2; round += 1) {
        const loginId = await withPush(store, deviceId)
        const refusal = { kind: 'REFUSED', upstreamCode: null, upstreamMessage: '请扫码' } as const
        await told(store, loginId, { kind: 'PushAnswered', intent: 'push', answer: refusal })
        // One last look, whose answer decides.
        await polled(store, loginId, { kind: 'NOT_SCANNED' })
        expect((await store.readLogin(tenant, loginId))?.outcome?.reason).toBe('PUSH_REFUSED')
        const facts = await store.readStartFacts(tenant, deviceId, store.clock.now())
        expect(facts?.pushesFailedInARow).toBe(round)
        expect(facts?.lastPushFailed).toBe((await store.readLogin(tenant, loginId))?.ended)
      }
      await signedIn(store, await withPush(store, deviceId))
      const facts = await store.readStartFacts(tenant, deviceId, store.clock.now())
      expect(facts).toMatchObject({ pushesFailedInARow: 0, knownWcId: 'wxid_lin', seenOnline: true })
      const later = await store.readStartFacts(tenant, deviceId, store.clock.now() + 300_001)
      expect(later?.seenOnline).toBe(false)
    }))

  test('an exit changed after the sign-in is told', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const { loginId } = await aLogin(store, deviceId)
      await withQrCode(store, loginId)
      turnOf(await signedIn(store, loginId))
      await store.updateDevice({ tenant, deviceId, change: { label: 'renamed' }, changedBy: 'test' })
      expect((await store.readStartFacts(tenant, deviceId, store.clock.now()))?.exitChangedSinceSignIn).toBe(
        false,
      )
      while (store.clock.now() <= ((await store.readLogin(tenant, loginId))?.ended ?? 0)) await store.ping()
      await store.updateDevice({ tenant, deviceId, change: { province: '北京' }, changedBy: 'test' })
      expect((await store.readStartFacts(tenant, deviceId, store.clock.now()))?.exitChangedSinceSignIn).toBe(
        true,
      )
    }))
})

const confirmed = async (store: Parameters<typeof aLogin>[0], deviceId: string): Promise<void> => {
  const { loginId } = await aLogin(store, deviceId)
  await withQrCode(store, loginId)
  turnOf(await signedIn(store, loginId))
}

const withPush = async (store: Parameters<typeof aLogin>[0], deviceId: string): Promise<string> => {
  const { loginId } = await aLogin(store, deviceId, {
    terms: { strategy: 'PUSH', firstMethod: 'PUSH', expectedWcId: 'wxid_lin' },
  })
  await told(store, loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
  await told(store, loginId, { kind: 'Intended', intent: 'push' })
  await polled(store, loginId, { kind: 'NOT_SCANNED' })
  return loginId
}

const loginOf = (answer: Awaited<ReturnType<Parameters<typeof aLogin>[0]['startLogin']>>): string => {
  if (answer.kind === 'CREATED') return answer.turn.loginId
  return 'loginId' in answer ? answer.loginId : answer.kind
}

test('at four instances, fifty starts of one device make one login', async () => {
  await using database = await freshDatabase('postgres')
  const stores = await Promise.all([1, 2, 3, 4].map(() => database.open()))
  const [first] = stores
  if (first === undefined) throw new Error('No store')
  const deviceId = await aDevice(first)
  const answers = await Promise.all(
    Array.from({ length: 52 }, (_, call) => {
      const store = stores[call % 4] ?? first
      return store.startLogin(aStart(store, deviceId))
    }),
  )
  expect(answers.filter(answer => answer.kind === 'CREATED')).toHaveLength(1)
  expect(new Set(answers.map(loginOf)).size).toBe(1)
})
