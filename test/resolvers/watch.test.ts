// Watching one login, as the contract's comments on `loginProgress` tell it, over a real store.

import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/resolvers/context.ts'
import type { Pulled } from '../../src/resolvers/pulled.ts'
import type { LoginUpdate } from '../../src/resolvers/update.ts'
import { watchLogin as openWatch } from '../../src/resolvers/watch-login.ts'
import { type Given, given } from './given.ts'

/** Taken one at a time, as graphql-js does. */
const watchLogin = async (...asked: Parameters<typeof openWatch>): Promise<Pulled> =>
  (await openWatch(...asked))[Symbol.asyncIterator]()

const take = async (watch: Pulled, count: number): Promise<LoginUpdate[]> => {
  const updates: LoginUpdate[] = []
  while (updates.length < count) {
    const { value, done } = await watch.next()
    if (done) break
    updates.push(value)
  }
  return updates
}

const numbers = (updates: readonly LoginUpdate[]) =>
  updates.map(update => (update.event === null ? `snapshot ${update.sequence}` : update.sequence))

const rest = async (watch: Pulled) => numbers(await take(watch, Number.POSITIVE_INFINITY))

const loginOn = async (one: Given, key = 'one') => one.login(await one.device(key))

const refusal = async (context: Context, id: string, after: number | null = null) =>
  watchLogin(context, id, after).then(
    () => 'watched',
    error => error.code,
  )

describe('without `after`', () => {
  it('begins with the login as it is now, then each event as it happens', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    const watch = await watchLogin(one.context, id, null)
    await one.showQrCode(loginId)
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    expect(await rest(watch)).toEqual(['snapshot 1', 2, 3])
  })

  it('shows of an ended login how it ended, and completes', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    const watch = await watchLogin(one.context, id, null)
    const [snapshot] = await take(watch, 1)
    expect(snapshot).toMatchObject({
      event: null,
      sequence: 2,
      login: { record: { stateName: 'CANCELLED' } },
    })
    expect(await rest(watch)).toEqual([])
  })
})

describe('with `after`', () => {
  it('gives every event above it in order, then the live ones, none twice and none missing', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    await one.showQrCode(loginId)
    const watch = await watchLogin(one.context, id, 0)
    await one.hiccup(loginId)
    const early = await take(watch, 3)
    await one.hiccup(loginId)
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    expect([...numbers(early), ...(await rest(watch))]).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('gives nothing with the newest number, until the next event', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    const watch = await watchLogin(one.context, id, 1)
    const next = watch.next()
    await one.showQrCode(loginId)
    expect(numbers([(await next).value as LoginUpdate])).toEqual([2])
    await watch.return()
  })

  it('completes at once with the newest number of an ended login', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    expect(await rest(await watchLogin(one.context, id, 2))).toEqual([])
  })

  it('tells all of an ended login from the first on, and completes', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    await one.showQrCode(loginId)
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    expect(await rest(await watchLogin(one.context, id, 0))).toEqual([1, 2, 3])
  })

  it('above the newest number gives one snapshot to start from anew, then what happens', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    const watch = await watchLogin(one.context, id, 40)
    const [snapshot] = await take(watch, 1)
    expect(snapshot).toMatchObject({ event: null, resync: true, sequence: 1 })
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    expect(await rest(watch)).toEqual([2])
  })

  it('reads a long log in parts, while more of it is written', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    await one.showQrCode(loginId)
    await one.hiccup(loginId, 60)
    const watch = await watchLogin(one.context, id, 0)
    const early = await take(watch, 50)
    await one.hiccup(loginId, 2)
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    const all = [...numbers(early), ...(await rest(watch))]
    expect(all).toEqual(Array.from({ length: 2 + 124 + 1 }, (_, index) => index + 1))
  })
})

describe('before the first item it refuses', () => {
  it('what names no login: NOT_FOUND', async () => {
    await using one = await given()
    const device = await one.device('one')
    const nobody = Buffer.from('Login:01a1fc01-ef3e-7e81-a660-567065fb541a').toString('base64')
    for (const id of ['', 'nonsense', device, nobody])
      expect(await refusal(one.context, id)).toBe('NOT_FOUND')
    expect(one.services.feeds.watches).toBe(0)
    expect(one.bus.listeners).toBe(0)
  })

  it('a negative number: BAD_USER_INPUT', async () => {
    await using one = await given()
    const { id } = await loginOn(one)
    expect(await refusal(one.context, id, -1)).toBe('BAD_USER_INPUT')
  })

  it('a key that may not read: FORBIDDEN', async () => {
    await using one = await given()
    const { id } = await loginOn(one)
    expect(await refusal(one.as([]), id)).toBe('FORBIDDEN')
  })

  it('one too many: TOO_MANY_SUBSCRIPTIONS, until another one goes', async () => {
    await using one = await given({ most: 2 })
    const { id } = await loginOn(one)
    const first = await watchLogin(one.context, id, null)
    await watchLogin(one.context, id, null)
    expect(await refusal(one.context, id)).toBe('TOO_MANY_SUBSCRIPTIONS')
    await first.return()
    expect(await refusal(one.context, id)).toBe('watched')
  })
})

describe('many watchers', () => {
  it('share one reader, and one frozen object for each event', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    const watches = await Promise.all(Array.from({ length: 50 }, () => watchLogin(one.context, id, 1)))
    expect(one.bus.listeners).toBe(1)
    const before = one.statements()
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    const updates = await Promise.all(watches.map(async watch => (await take(watch, 1))[0]))
    expect(new Set(updates).size).toBe(1)
    expect(Object.isFrozen(updates[0])).toBe(true)
    expect(one.statements() - before).toBeLessThan(6)
  })

  it('leave nothing behind', async () => {
    await using one = await given()
    const { id } = await loginOn(one)
    const watches = await Promise.all(Array.from({ length: 20 }, () => watchLogin(one.context, id, null)))
    const waiting = watches.map(async watch => {
      await watch.next()
      return watch.next()
    })
    await Promise.all(watches.map(watch => watch.return()))
    expect((await Promise.all(waiting)).every(({ done }) => done)).toBe(true)
    expect(one.services.feeds).toMatchObject({ watches: 0, feeds: 0 })
    expect(one.bus.listeners).toBe(0)
  })

  it('are let go with SHUTTING_DOWN, and nobody new comes', async () => {
    await using one = await given()
    const { id } = await loginOn(one)
    const watch = await watchLogin(one.context, id, 1)
    const waiting = watch.next()
    one.services.feeds.stop()
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
    expect(await refusal(one.context, id)).toBe('SHUTTING_DOWN')
  })
})

describe('a watcher that does not take what comes', () => {
  it('is ended with SLOW_CONSUMER once too much waits, and the others get everything', async () => {
    await using one = await given({ bounds: { queue: 4, patience: 60_000 } })
    const { id, loginId } = await loginOn(one)
    await one.showQrCode(loginId)
    const idle = await watchLogin(one.context, id, 2)
    const eager = await watchLogin(one.context, id, 2)
    const got: (number | string)[] = []
    const reading = (async () => {
      for await (const update of eager) got.push(...numbers([update]))
    })()
    await one.hiccup(loginId, 4)
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    await reading
    expect(got.filter(number => typeof number === 'number')).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11])
    await expect(idle.next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER' })
    expect(await idle.next()).toEqual({ value: undefined, done: true })
    expect(one.services.feeds.watches).toBe(0)
  })

  it('is ended once the oldest has waited too long, though nothing more comes', async () => {
    await using one = await given({ bounds: { queue: 256, patience: 0 } })
    const { id } = await loginOn(one)
    const idle = await watchLogin(one.context, id, null)
    await new Promise(resolve => setImmediate(resolve))
    await one.services.feeds.look()
    await expect(idle.next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER' })
  })

  it('comes back with `after` and has missed nothing', async () => {
    await using one = await given({ bounds: { queue: 2, patience: 60_000 } })
    const { id, loginId } = await loginOn(one)
    await one.showQrCode(loginId)
    const slow = await watchLogin(one.context, id, 1)
    expect(numbers(await take(slow, 1))).toEqual([2])
    await one.hiccup(loginId, 3)
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    await one.services.feeds.look()
    await expect(slow.next()).rejects.toMatchObject({ code: 'SLOW_CONSUMER' })
    expect(await rest(await watchLogin(one.context, id, 2))).toEqual([3, 4, 5, 6, 7, 8, 9])
  })
})

describe('the doorbell', () => {
  it('that is not heard costs a look, and nothing else', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    const watch = await watchLogin(one.context, id, 1)
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' }, false)
    await one.services.feeds.look()
    expect(await rest(watch)).toEqual([2])
  })

  it('that rings for nothing, twice, or out of order changes nothing', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    const watch = await watchLogin(one.context, id, 1)
    for (const sequence of [9, 1, 0, 1]) one.bus.ring({ id: loginId, sequence })
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    for (const sequence of [2, 1]) one.bus.ring({ id: loginId, sequence })
    expect(await rest(watch)).toEqual([2])
  })

  it('costs all that is watched one statement at each look', async () => {
    await using one = await given()
    const logins = await Promise.all(['one', 'two', 'three'].map(key => loginOn(one, key)))
    for (const { id } of logins) await watchLogin(one.context, id, null)
    const before = one.statements()
    await one.services.feeds.look()
    expect(one.statements() - before).toBe(1)
  })
})

describe('what changes without an event', () => {
  it('comes as a snapshot with the newest number, and not oftener than allowed', async () => {
    await using one = await given({ snapshotEvery: 60_000 })
    const { id, loginId } = await loginOn(one)
    await one.showQrCode(loginId)
    const watch = await watchLogin(one.context, id, 2)
    const began = one.store.clock.now()
    const failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null } as const
    const next = watch.next()
    await one.tell(loginId, { kind: 'PollFailed', began, failure })
    const snapshot = (await next).value as LoginUpdate
    expect(snapshot).toMatchObject({ event: null, sequence: 2, login: { poll: { consecutiveFailures: 1 } } })
    // A second one is not due for a minute: the event that comes first has the whole login with it.
    await one.tell(loginId, { kind: 'PollFailed', began, failure })
    await one.tell(loginId, { kind: 'PollFailed', began, failure })
    const [event] = await take(watch, 1)
    expect(event).toMatchObject({ sequence: 3, event: {}, login: { poll: { state: 'DEGRADED' } } })
    await watch.return()
  })
})

it('what changes without an event while a watcher catches up reaches it as well', async () => {
  let waits: Promise<void> | null = null
  await using one = await given({ snapshotEvery: 0 })
  const { id, loginId } = await loginOn(one)
  await one.showQrCode(loginId)
  const { readProgress } = one.store
  Object.assign(one.store, {
    readProgress: async (...asked: Parameters<typeof readProgress>) => {
      const read = await readProgress(...asked)
      if (asked[2] === 0) await waits
      return read
    },
  })
  const stayed = await watchLogin(one.context, id, 2)
  const late = await watchLogin(one.context, id, 0)
  let goOn = () => {}
  waits = new Promise(resolve => {
    goOn = resolve
  })
  const before = one.store.statistics.reads
  const first = late.next()
  await expect.poll(() => one.store.statistics.reads).toBeGreaterThan(before)
  const failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null } as const
  await one.tell(loginId, { kind: 'PollFailed', began: one.store.clock.now(), failure })
  expect((await take(stayed, 1))[0]?.login.poll.consecutiveFailures).toBe(1)
  goOn()
  await first
  const rest = await take(late, 2)
  expect(rest.at(-1)).toMatchObject({ event: null, sequence: 2, login: { poll: { consecutiveFailures: 1 } } })
  await Promise.all([stayed.return(), late.return()])
})

describe('the QR code', () => {
  it('is in the update that announces it, and read once for all', async () => {
    await using one = await given()
    const { id, loginId } = await loginOn(one)
    const watch = await watchLogin(one.context, id, 1)
    await one.showQrCode(loginId)
    const [update] = await take(watch, 1)
    expect(update?.login.secrets?.qrCode).toMatchObject({ content: 'qr' })
    await one.tell(loginId, {
      kind: 'Polled',
      began: one.store.clock.now(),
      answer: { kind: 'SCANNED', nickName: 'Ada', avatarUrl: null },
    })
    const [scanned] = await take(watch, 1)
    expect(scanned?.login).toMatchObject({
      qrCode: null,
      scanner: { nickName: 'Ada' },
      secrets: { qrCode: null },
    })
    await watch.return()
  })
})
