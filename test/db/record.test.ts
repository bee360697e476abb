import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Observation } from '../../src/login/observation.ts'
import { engines, freshDatabase, withStore } from '../support/database.ts'
import {
  aDevice,
  aLogin,
  polled,
  qrSecret,
  scanned,
  signedIn,
  tenant,
  told,
  turnOf,
  withQrCode,
} from './given.ts'

describe.each(engines)('record on %s', engine => {
  test('writes state and events as the machine gave them, numbered without a gap', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      await withQrCode(store, loginId)
      const recorded = await scanned(store, loginId)
      expect(recorded).toMatchObject({
        kind: 'RECORDED',
        events: [{ sequence: 3, body: { kind: 'QrCodeScanned' } }],
      })
      const progress = await store.readProgress(tenant, loginId, 0, 100)
      expect(progress?.events.map(event => [event.sequence, event.body.kind])).toEqual([
        [1, 'LoginStarted'],
        [2, 'QrCodeIssued'],
        [3, 'QrCodeScanned'],
      ])
      expect(progress?.login).toMatchObject({
        sequence: 3,
        stateName: 'AWAITING_CONFIRMATION',
        scanner: { nickName: 'Lin' },
      })
      expect(progress?.login.state).toEqual(turnOf(recorded).state)
      expect(progress?.events.at(-1)).toEqual(recorded.kind === 'RECORDED' ? recorded.events[0] : null)
    }))

  test('gives back the very state that the transition made, for the poll memo', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const turn = await withQrCode(store, loginId)
      const again = await store.record(
        loginId,
        { kind: 'Polled', at: store.clock.now(), began: store.clock.now(), answer: { kind: 'NOT_SCANNED' } },
        { from: turn, epoch: turn.epoch },
      )
      expect(again.kind).toBe('UNCHANGED')
      expect(again.kind === 'UNCHANGED' && again.turn.state).toBe(turn.state)
    }))

  test('an unchanged poll sends no statement at all', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const from = await withQrCode(store, loginId)
      const before = { ...counts(store) }
      for (let poll = 0; poll < 20; poll += 1) {
        const at = store.clock.now()
        const observation: Observation = { kind: 'Polled', at, began: at, answer: { kind: 'NOT_SCANNED' } }
        expect(await store.record(loginId, observation, { from, epoch: from.epoch })).toMatchObject({
          kind: 'UNCHANGED',
        })
      }
      expect(counts(store)).toEqual(before)
    }))

  test('a step of which the narrow row shows nothing leaves it alone, in one statement', () =>
    withStore(engine, async (store, database) => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const from = await withQrCode(store, loginId)
      const narrow = () =>
        database.rows<{ xmin: string }>(sql`select xmin::text from login where id = ${loginId}`)
      const [row, before] = [await narrow(), counts(store)]
      const failed = await store.record(
        loginId,
        {
          kind: 'PollFailed',
          at: store.clock.now(),
          began: store.clock.now(),
          failure: { kind: 'TIMEOUT', upstreamCode: null, upstreamMessage: null },
        },
        { from, epoch: from.epoch },
      )
      expect(failed.kind).toBe('RECORDED')
      expect(counts(store).writes - before.writes).toBe(1)
      expect(await narrow()).toEqual(row)
      expect((await store.readLogin(tenant, loginId))?.version).toBe(turnOf(failed).version)
    }))

  test('thirty-two writers of one login all get through', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      await withQrCode(store, loginId)
      await scanned(store, loginId)
      const outcomes = await Promise.all(
        Array.from({ length: 32 }, (_, writer) =>
          told(store, loginId, { kind: writer % 2 === 0 ? 'CodePromptReported' : 'CodePromptWithdrawn' }),
        ),
      )
      expect(outcomes.map(outcome => outcome.kind)).toEqual(Array(32).fill('RECORDED'))
      const events = (await store.readProgress(tenant, loginId, 0, 100))?.events ?? []
      expect(events.map(event => event.sequence)).toEqual(events.map((_, index) => index + 1))
      expect(events).toHaveLength(3 + 32)
    }))

  test('another owner, told by its epoch, writes nothing', () =>
    withStore(engine, async store => {
      const turn = await aLogin(store, await aDevice(store))
      const outcome = await told(
        store,
        turn.loginId,
        { kind: 'OnlineChecked', began: store.clock.now(), profile: null },
        { from: { ...turn, epoch: turn.epoch - 1 }, epoch: turn.epoch - 1 },
      )
      expect(outcome).toEqual({ kind: 'NOT_MINE' })
      expect((await store.readTurn(turn.loginId))?.version).toBe(turn.version)
    }))

  test('an owner that believes in an old version decides anew on the present one', () =>
    withStore(engine, async store => {
      const stale = await aLogin(store, await aDevice(store))
      await withQrCode(store, stale.loginId)
      const cancelled = await told(
        store,
        stale.loginId,
        { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' },
        { from: stale },
      )
      expect(turnOf(cancelled).state.kind).toBe('CANCELLED')
      expect((await store.readLogin(tenant, stale.loginId))?.sequence).toBe(3)
    }))

  test('after the end nothing moves', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      const end = await store.readLogin(tenant, loginId)
      expect(await signedIn(store, loginId)).toEqual({ kind: 'ENDED' })
      await store.attachScannerPicture(loginId, 'late')
      expect(await store.readLogin(tenant, loginId)).toEqual(end)
      expect(await store.readTurn(loginId)).toBeNull()
      expect(await store.readTarget(loginId)).toBeNull()
    }))

  test('an unknown login has ended', () =>
    withStore(engine, async store => {
      expect(await told(store, crypto.randomUUID(), { kind: 'SliderReported' })).toEqual({ kind: 'ENDED' })
      expect(await told(store, 'no id at all', { kind: 'SliderReported' })).toEqual({ kind: 'ENDED' })
    }))

  test('events never run backwards, whatever moment an observation brings', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const { state } = await withQrCode(store, loginId)
      const at = store.clock.now() - 60_000
      await store.record(loginId, { kind: 'CodePromptReported', at })
      const events = (await store.readProgress(tenant, loginId, 0, 10))?.events ?? []
      expect(state.kind).toBe('AWAITING_SCAN')
      expect(events.map(event => event.at)).toEqual(events.map(event => event.at).toSorted((a, b) => a - b))
    }))

  test('a slider link takes the place of the QR code, and a scan erases it', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      await withQrCode(store, loginId)
      expect(await store.readSecrets(tenant, loginId)).toEqual({ qrCode: qrSecret, sliderUrl: null })
      await polled(store, loginId, { kind: 'SLIDER', url: 'https://slider.example/one-time' })
      expect(await store.readSecrets(tenant, loginId)).toEqual({
        qrCode: null,
        sliderUrl: 'https://slider.example/one-time',
      })
      expect(await store.readSecretsOf('another', [loginId])).toEqual(new Map())
    }))

  test('a login that goes on as MAC is one at once, and after its end', () =>
    withStore(engine, async (store, database) => {
      const { loginId } = await aLogin(store, await aDevice(store))
      const types = async () => [
        (await store.readLogin(tenant, loginId))?.deviceType,
        ...(await database.rows(sql`select device_type from login where id = ${loginId}`)),
      ]
      await withQrCode(store, loginId)
      expect(await types()).toEqual(['IPAD', { device_type: 'IPAD' }])
      const changed = await told(store, loginId, { kind: 'NewDevicePromptReported' })
      expect(changed).toMatchObject({ events: [{ body: { kind: 'MethodChanged', deviceType: 'MAC' } }] })
      expect(await types()).toEqual(['MAC', { device_type: 'MAC' }])
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      expect(await types()).toEqual(['MAC', { device_type: 'MAC' }])
    }))

  test('a picture of who scanned shows as a new version, and the owner goes on', () =>
    withStore(engine, async store => {
      const { loginId } = await aLogin(store, await aDevice(store))
      await withQrCode(store, loginId)
      const turn = turnOf(await scanned(store, loginId))
      await store.attachScannerPicture(loginId, 'picture')
      const read = await store.readLogin(tenant, loginId)
      expect(read).toMatchObject({ version: turn.version + 1, scanner: { pictureId: 'picture' } })
      const next = await told(
        store,
        loginId,
        { kind: 'CodePromptReported' },
        { from: turn, epoch: turn.epoch },
      )
      expect(next.kind).toBe('RECORDED')
    }))
})

describe('record by several instances, on postgres', () => {
  test('callers at four instances lose no event and number none twice', async () => {
    await using database = await freshDatabase('postgres')
    const stores = await Promise.all([1, 2, 3, 4].map(() => database.open()))
    const [store] = stores
    if (store === undefined) throw new Error('No store')
    const { loginId } = await aLogin(store, await aDevice(store))
    await withQrCode(store, loginId)
    await scanned(store, loginId)
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, call) => {
        const at = stores[call % stores.length] ?? store
        return told(at, loginId, { kind: call % 2 === 0 ? 'CodePromptReported' : 'CodePromptWithdrawn' })
      }),
    )
    const recorded = outcomes.flatMap(outcome => (outcome.kind === 'RECORDED' ? outcome.events : []))
    const events = (await store.readProgress(tenant, loginId, 3, 100))?.events ?? []
    expect(events.map(event => event.sequence)).toEqual(
      recorded.map(event => event.sequence).toSorted((a, b) => a - b),
    )
    expect(events.map(event => event.sequence)).toEqual(events.map((_, index) => index + 4))
    for (const outcome of outcomes) expect(['RECORDED', 'UNCHANGED', 'CONTENDED']).toContain(outcome.kind)
  })

  test('a write whose answer was lost with its connection is recorded once', async () => {
    await using database = await freshDatabase('postgres')
    const store = await database.open()
    const { loginId } = await aLogin(store, await aDevice(store))
    await withQrCode(store, loginId)
    await scanned(store, loginId)
    for (let round = 0; round < 6; round += 1) {
      const kind = round % 2 === 0 ? 'CodePromptReported' : 'CodePromptWithdrawn'
      const kill = await database.connections()
      const [outcome] = await Promise.all([told(store, loginId, { kind }), kill()])
      expect(outcome.kind).toBe('RECORDED')
    }
    const events = (await store.readProgress(tenant, loginId, 3, 100))?.events ?? []
    expect(events).toHaveLength(6)
  })
})

const counts = (store: { statistics: { reads: number; writes: number } }) => ({
  reads: store.statistics.reads,
  writes: store.statistics.writes,
})
