// What a feed hands to its watchers stays whole over a store that fails or never answers; and what a ring carries is used
// where it saves a read, and nowhere else.

import { describe, expect, it } from 'vitest'
import { openMemoryBus } from '../../src/bus/memory.ts'
import type { Carried } from '../../src/db/store.ts'
import { Feeds } from '../../src/resolvers/feeds.ts'
import type { LoginUpdate } from '../../src/resolvers/update.ts'
import { adminScopes, type Viewer } from '../../src/resolvers/viewer.ts'
import { watchLogin } from '../../src/resolvers/watch-login.ts'
import { type Given, given } from './given.ts'

const viewer: Viewer = { tenant: 'default', name: 'admin', scopes: adminScopes, language: 'en' }

/** A login that only counts its events. `read` comes before each answer. */
const counting = (read: (after: number) => Promise<void>) => {
  let sequence = 1
  const record = () => ({
    id: 'login',
    tenant: 'default',
    accountId: null,
    sequence,
    version: sequence,
    state: null,
    outcome: null,
    advisories: [],
    scanner: null,
    ended: null,
  })
  const store = {
    clock: { now: () => 0 },
    readLogins: async () => new Map([['login', record()]]),
    readProgress: async (_tenant: string, _login: string, after: number, limit: number) => {
      await read(after)
      const count = Math.max(0, Math.min(limit, sequence - after))
      return {
        login: record(),
        events: Array.from({ length: count }, (_, index) => ({ sequence: after + index + 1 })),
      }
    },
  }
  const feeds = new Feeds({
    store: store as never,
    bus: openMemoryBus<Carried>(() => {}),
    pictureUrl: () => '',
    failed: () => {},
    lookEvery: 3_600_000,
    readPatience: 10,
    bounds: { queue: 1_000, patience: 60_000 },
  })
  const grow = (to: number) => {
    sequence = to
  }
  return { feeds, grow }
}

it('a read that fails half-way through a long part leaves no gap', async () => {
  let failing = false
  const { feeds, grow } = counting(async after => {
    if (failing && after > 100) throw new Error('lost')
  })
  const watch = (await feeds.watch(viewer, 'login', 1))[Symbol.asyncIterator]()
  grow(250)
  failing = true
  await feeds.look()
  await new Promise(resolve => setImmediate(resolve))
  failing = false
  grow(251)
  await feeds.look()
  const numbers: number[] = []
  while (numbers.at(-1) !== 251) numbers.push((await watch.next()).value?.sequence ?? 251)
  expect(numbers).toEqual(Array.from({ length: 250 }, (_, index) => index + 2))
  feeds.stop()
})

it('a read that is never answered does not deafen it', async () => {
  let hanging = false
  const { feeds, grow } = counting(async () => {
    if (hanging) {
      hanging = false
      await new Promise(() => {})
    }
  })
  const watch = (await feeds.watch(viewer, 'login', 1))[Symbol.asyncIterator]()
  hanging = true
  grow(2)
  await feeds.look()
  const heard = watch.next()
  await expect.poll(() => feeds.look().then(() => Promise.race([heard, null]))).not.toBeNull()
  expect((await heard).value?.sequence).toBe(2)
  feeds.stop()
})

/** A login with a QR code that waits to be scanned, and one who has watched it since. */
const waiting = async (one: Given) => {
  const { id, loginId } = await one.login(await one.device('one'))
  await one.showQrCode(loginId)
  const watch = (await watchLogin(one.context, id, null))[Symbol.asyncIterator]()
  await watch.next()
  /** Recorded, and not rung. */
  const record = async (observation: Parameters<Given['tell']>[1]): Promise<Carried> => {
    const recorded = await one.tell(loginId, observation, false)
    if (recorded.kind !== 'RECORDED') throw new Error(`${observation.kind} changed nothing`)
    return recorded
  }
  const ring = (carried: Carried) =>
    one.bus.ring({ id: loginId, sequence: carried.turn.state.sequence, carried })
  const next = async (): Promise<LoginUpdate> => (await watch.next()).value as LoginUpdate
  const asRead = async () => await one.store.readLogin('default', loginId)
  return { id, loginId, watch, record, ring, next, asRead }
}

const polled = (one: Given, answer: { kind: 'NOT_SCANNED' } | { kind: 'SCANNED'; nickName: string }) =>
  ({
    kind: 'Polled',
    began: one.store.clock.now(),
    answer: answer.kind === 'SCANNED' ? { ...answer, avatarUrl: null } : answer,
  }) as const

const failed = (one: Given) =>
  ({
    kind: 'PollFailed',
    began: one.store.clock.now(),
    failure: { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null },
  }) as const

describe('what a ring carries', () => {
  it('is handed on without a statement, and reads as the log would', async () => {
    await using one = await given({ snapshotEvery: 0 })
    const { watch, record, ring, next, asRead } = await waiting(one)
    const seen: (string | null)[] = []
    const tell = async (observation: Parameters<typeof record>[0]) => {
      const carried = await record(observation)
      const before = one.statements()
      ring(carried)
      const { event, login } = await next()
      expect(one.statements()).toBe(before)
      expect(login.record).toEqual(await asRead())
      seen.push(event?.event.body.kind ?? null)
      return login
    }
    expect((await tell(failed(one))).secrets?.qrCode).toMatchObject({ content: 'qr' })
    await tell(failed(one))
    await tell(failed(one))
    await tell(polled(one, { kind: 'NOT_SCANNED' }))
    const scanned = await tell(polled(one, { kind: 'SCANNED', nickName: 'Ada' }))
    // Nobody may scan it any more, so nobody is shown it, though nothing was read.
    expect(scanned).toMatchObject({ qrCode: null, secrets: { qrCode: null }, scanner: { nickName: 'Ada' } })
    await tell({ kind: 'CodePromptReported' })
    await tell({ kind: 'CodePromptWithdrawn' })
    expect(seen).toEqual([
      ...[null, null, 'PollingDegraded', 'PollingRecovered'],
      ...['QrCodeScanned', 'VerifyCodeRequired', 'VerifyCodePromptWithdrawn'],
    ])
    await watch.return()
  })

  it('is read instead where something lies before it', async () => {
    await using one = await given()
    const { watch, record, ring, next } = await waiting(one)
    await record({ kind: 'CodePromptReported' })
    const carried = await record({ kind: 'CodePromptWithdrawn' })
    const before = one.statements()
    ring(carried)
    expect([(await next()).sequence, (await next()).sequence]).toEqual([3, 4])
    expect(one.statements()).toBe(before + 1)
    await watch.return()
  })

  it('is read instead where the login changed meanwhile without a ring', async () => {
    await using one = await given()
    const { loginId, watch, record, ring, next } = await waiting(one)
    ring(await record(polled(one, { kind: 'SCANNED', nickName: 'Ada' })))
    expect((await next()).login.scanner).toEqual({ nickName: 'Ada', avatarUrl: null })
    await one.store.attachScannerPicture(loginId, 'picture-of-ada')
    ring(await record({ kind: 'CodePromptReported' }))
    const { login } = await next()
    expect(login.scanner).toEqual({
      nickName: 'Ada',
      avatarUrl: expect.stringContaining('/picture-of-ada'),
    })
    await watch.return()
  })

  it('is handed on once, however often and in whatever order it comes', async () => {
    await using one = await given()
    const { watch, record, ring, next } = await waiting(one)
    const [first, second] = [
      await record({ kind: 'CodePromptReported' }),
      await record({ kind: 'CodePromptWithdrawn' }),
    ]
    for (const carried of [second, first, second, first]) ring(carried)
    const third = await record({ kind: 'CodePromptReported' })
    for (const carried of [third, third, first]) ring(carried)
    const numbers = [(await next()).sequence, (await next()).sequence, (await next()).sequence]
    await one.services.feeds.look()
    ring(await record({ kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' }))
    for await (const { sequence } of watch) numbers.push(sequence)
    expect(numbers).toEqual([3, 4, 5, 6])
  })

  it('during a read asks for another look: that read may have begun before', async () => {
    await using one = await given()
    const { loginId, watch, record, ring, next } = await waiting(one)
    const { readProgress } = one.store
    const held = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    let reads = 0
    Object.assign(one.store, {
      readProgress: async (...asked: Parameters<typeof readProgress>) => {
        reads += 1
        const found = await readProgress(...asked)
        begun.resolve()
        await held.promise
        return found
      },
    })
    one.bus.ring({ id: loginId, sequence: 2 })
    await begun.promise
    ring(await record(polled(one, { kind: 'SCANNED', nickName: 'Ada' })))
    held.resolve()
    expect((await next()).sequence).toBe(3)
    expect(reads).toBe(2)
    // And what comes after is taken from its ring again.
    ring(await record({ kind: 'CodePromptReported' }))
    expect((await next()).sequence).toBe(4)
    expect(reads).toBe(2)
    await watch.return()
  })

  it('of a QR code that comes back has the code read: it was not kept while nobody could scan it', async () => {
    await using one = await given()
    const { watch, record, ring, next } = await waiting(one)
    ring(await record({ kind: 'CodePromptReported' }))
    expect((await next()).login).toMatchObject({ qrCode: null, secrets: { qrCode: null } })
    const carried = await record({ kind: 'CodePromptWithdrawn' })
    const before = one.statements()
    ring(carried)
    expect((await next()).login.secrets?.qrCode).toMatchObject({ content: 'qr' })
    expect(one.statements()).toBe(before + 2)
    await watch.return()
  })

  it('of a new QR code has the code read, and none is shown as another', async () => {
    await using one = await given({ snapshotEvery: 3_600_000 })
    const { watch, record, ring, next } = await waiting(one)
    ring(await record({ kind: 'QrCodeRefreshAsked' }))
    ring(await record(polled(one, { kind: 'NOT_SCANNED' })))
    ring(await record({ kind: 'Intended', intent: 'qr-2' }))
    const secret = { url: 'https://upstream.example/2.png', image: null, content: 'another' }
    const carried = await record({ kind: 'QrCodeReceived', intent: 'qr-2', handle: null, secret })
    const before = one.statements()
    ring(carried)
    const updates: LoginUpdate[] = []
    while (updates.at(-1)?.event == null) updates.push(await next())
    for (const { qrCode, secrets } of updates.slice(0, -1).map(({ login }) => login))
      expect(secrets?.qrCode?.content).toBe(qrCode === null ? undefined : 'qr')
    expect(updates.at(-1)).toMatchObject({
      event: { event: { body: { kind: 'QrCodeIssued', generation: 2 } } },
      login: { qrCode: { generation: 2 }, secrets: { qrCode: { content: 'another' } } },
    })
    expect(one.statements()).toBe(before + 2)
    await watch.return()
  })

  it('of the end has the login read, with who signed in, once for all', async () => {
    await using one = await given()
    const { id, record, ring } = await waiting(one)
    const watches = await Promise.all(
      [1, 2, 3].map(async () => (await watchLogin(one.context, id, 2))[Symbol.asyncIterator]()),
    )
    const ada = {
      wcId: 'wxid_ada',
      wAccount: null,
      nickName: 'Ada',
      avatarUrl: null,
      country: null,
      city: null,
    }
    const profile = { ...ada, signature: null, sex: null, mobilePhone: null, instanceId: null }
    const carried = await record({
      kind: 'Polled',
      began: one.store.clock.now(),
      answer: { kind: 'SIGNED_IN', profile },
    })
    const before = one.statements()
    ring(carried)
    for (const watch of watches) {
      const { value } = await watch.next()
      expect(value?.login.account).toMatchObject({ wcId: 'wxid_ada' })
      expect(await watch.next()).toEqual({ value: undefined, done: true })
    }
    expect(one.statements()).toBe(before + 2)
  })
})
