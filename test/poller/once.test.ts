// Operations that are sent once, over time and over the death of their owners: never twice, and their end is what the
// upstream's truth says (what must always hold, 3 and 7).

import { describe, expect, test } from 'vitest'
import { Operations } from '../../src/poller/operations.ts'
import { ProviderError } from '../../src/provider/port.ts'
import { presence, type SignedIn, signIn, Upstream } from './accounts.ts'
import { aGateway, type Gateway, second } from './gateway.ts'

const minute = 60 * second

const refused = new ProviderError({
  kind: 'ERROR',
  sent: true,
  answered: true,
  upstreamCode: '1001',
  upstreamMessage: '失败',
})
const cut = new ProviderError({ kind: 'UNREACHABLE', sent: true, answered: false })
const unsent = new ProviderError({ kind: 'UNREACHABLE', sent: false, answered: false })

type Kind = 'LOGOUT' | 'RESET' | 'CHANGE_PROXY'
const verbs = { LOGOUT: 'logOut', RESET: 'resetDevice', CHANGE_PROXY: 'changeProxy' } as const

const ask = async (gateway: Gateway, kind: Kind, on: SignedIn): Promise<string> => {
  const { store, bus } = gateway.now
  const common = { tenant: 'default', deviceId: on.deviceId }
  const proxy = { host: 'proxy.test', port: 1080, username: 'lin', password: 'open sesame' }
  const asked =
    kind === 'CHANGE_PROXY'
      ? await store.updateDevice({ ...common, change: { proxy }, changedBy: 'test' })
      : await store.requestOperation({
          ...common,
          kind,
          accountId: kind === 'LOGOUT' ? on.accountId : null,
          requestedBy: 'test',
        })
  if (asked === null || typeof asked === 'string') throw new Error(`It was answered ${asked}`)
  const operation = 'operation' in asked ? asked.operation : asked
  if (operation === null) throw new Error('Nothing was asked')
  bus.ring({ id: operation.id, sequence: 0 })
  return operation.id
}

/** On a device that this kind may be asked of. */
const aSignedIn = async (gateway: Gateway, upstream: Upstream, kind: Kind): Promise<SignedIn> => {
  const on = await signIn(gateway, upstream, 'wxid_ann')
  if (kind !== 'RESET') return on
  upstream.online.clear()
  await gateway.pass(2 * minute)
  return on
}

const stateOf = async (gateway: Gateway, id: string) =>
  (await gateway.now.store.readOperation('default', id))?.state

const kinds = Object.keys(verbs) as Kind[]

describe.each(kinds)('%s', kind => {
  test('is sent once and is done', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const on = await aSignedIn(gateway, upstream, kind)
    const id = await ask(gateway, kind, on)
    await gateway.settle()
    expect(await stateOf(gateway, id)).toBe('DONE')
    await gateway.pass(minute)
    expect(upstream.count(verbs[kind])).toBe(1)
  })

  test('that is refused has failed with what the upstream said', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const upstream = new Upstream(gateway)
    const on = await aSignedIn(gateway, upstream, kind)
    gateway.provider[verbs[kind]] = async () => {
      throw refused
    }
    const id = await ask(gateway, kind, on)
    await gateway.pass(minute)
    expect(await gateway.now.store.readOperation('default', id)).toMatchObject({
      state: 'FAILED',
      upstreamCode: '1001',
      upstreamMessage: '失败',
    })
    if (kind === 'LOGOUT') expect((await presence(gateway, on)).state).toBe('ONLINE')
  })

  test('that never left has failed, and says that it may be tried again', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const upstream = new Upstream(gateway)
    const on = await aSignedIn(gateway, upstream, kind)
    gateway.provider[verbs[kind]] = async () => {
      throw unsent
    }
    const id = await ask(gateway, kind, on)
    await gateway.pass(second)
    expect(await stateOf(gateway, id)).toBe('FAILED')
    expect(gateway.now.poller.failureOf(id)).toEqual({ kind: 'UNREACHABLE', httpStatus: null })
  })

  test('that goes unanswered is not sent again', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const upstream = new Upstream(gateway)
    const on = await aSignedIn(gateway, upstream, kind)
    let sent = 0
    gateway.provider[verbs[kind]] = async () => {
      sent++
      throw cut
    }
    const id = await ask(gateway, kind, on)
    await gateway.pass(4 * minute)
    expect(sent).toBe(1)
    expect(await stateOf(gateway, id)).toBe('UNCLEAR')
  })

  test.each([
    'before its intent',
    'after its intent',
    'while it hangs',
    'before its answer is recorded',
    'after its answer is recorded',
  ])('whose owner dies %s is sent once at most', async moment => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const upstream = new Upstream(gateway)
    const on = await aSignedIn(gateway, upstream, kind)
    const { watch, kill } = gateway.now
    const verb = verbs[kind]
    const send = gateway.provider[verb].bind(gateway.provider)
    let sent = 0
    gateway.provider[verb] = async (target, signal) => {
      sent++
      if (moment !== 'while it hangs' || sent > 1) return await send(target, signal)
      kill()
      return await new Promise(() => {})
    }
    const dies = (before: string | null, after: string | null) => {
      watch.answers = called => {
        if (called !== before) return null
        kill()
        return new Promise(() => {})
      }
      watch.breaks = called => {
        if (called === after) kill()
        return null
      }
    }
    if (moment === 'before its intent') dies('operationSent', null)
    if (moment === 'before its answer is recorded') dies('operationTaken', null)
    if (moment === 'after its answer is recorded') dies(null, 'operationTaken')
    if (moment === 'after its intent') {
      const id = await ask(gateway, kind, on)
      await gateway.now.store.operationSent(id)
    } else await ask(gateway, kind, on)
    await gateway.settle()
    kill()
    await gateway.begin()
    await gateway.pass(5 * minute)
    const operation = (await gateway.now.store.readNewestOperations('default', [on.deviceId])).get(
      on.deviceId,
    )
    expect(sent).toBe(moment === 'after its intent' ? 0 : 1)
    // Whether a log-out happened can be seen; of the others only their answer tells.
    const isSeen = kind === 'LOGOUT' && moment === 'before its answer is recorded'
    const isTold = moment === 'before its intent' || moment === 'after its answer is recorded'
    expect(operation?.state).toBe(isSeen || isTold ? 'DONE' : 'UNCLEAR')
  })
})

describe('a log-out', () => {
  test('that shows after a while is done when it shows, by one answer', async () => {
    await using gateway = await aGateway()
    const upstream = new Upstream(gateway)
    const on = await signIn(gateway, upstream, 'wxid_ann')
    upstream.logoutShowsAfter = 5
    const id = await ask(gateway, 'LOGOUT', on)
    await gateway.pass(20 * second)
    expect(await stateOf(gateway, id)).toBe('PENDING')
    expect((await presence(gateway, on)).state).toBe('ONLINE')
    await gateway.pass(90 * second)
    expect(await stateOf(gateway, id)).toBe('DONE')
    expect(await presence(gateway, on)).toMatchObject({
      state: 'OFFLINE',
      reason: 'LOGGED_OUT_BY_CALLER',
      dropTags: [],
    })
  })

  test('that is refused has failed, and whether anybody is there is asked as ever', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const upstream = new Upstream(gateway)
    const on = await signIn(gateway, upstream, 'wxid_ann')
    upstream.reasons.set(on.upstreamId, { reason: 'PASSWORD_CHANGED', words: '修改密码' })
    upstream.online.clear()
    gateway.provider.logOut = async () => {
      throw refused
    }
    const id = await ask(gateway, 'LOGOUT', on)
    await gateway.settle()
    expect(await stateOf(gateway, id)).toBe('FAILED')
    expect((await presence(gateway, on)).state).toBe('ONLINE')
    await gateway.pass(5 * second)
    expect(await presence(gateway, on)).toMatchObject({ state: 'OFFLINE', reason: 'PASSWORD_CHANGED' })
  })

  test('that was taken and never shows is not believed', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const upstream = new Upstream(gateway)
    const on = await signIn(gateway, upstream, 'wxid_ann')
    upstream.logoutShowsAfter = 1_000
    const id = await ask(gateway, 'LOGOUT', on)
    await gateway.pass(4 * minute)
    expect(await stateOf(gateway, id)).toBe('UNCLEAR')
    expect((await presence(gateway, on)).state).toBe('ONLINE')
  })
})

test('what the upstream took is done, though that could not be written at once', async () => {
  await using gateway = await aGateway()
  gateway.errorsExpected = true
  const upstream = new Upstream(gateway)
  const on = await aSignedIn(gateway, upstream, 'RESET')
  gateway.now.watch.breaks = verb => (verb === 'operationTaken' ? new Error('The database is away') : null)
  const id = await ask(gateway, 'RESET', on)
  await gateway.pass(5 * second)
  expect(await stateOf(gateway, id)).toBe('DONE')
})

test('a pause that begins after the stop is none', async () => {
  const asked = Promise.withResolvers<boolean>()
  const works: Promise<void>[] = []
  const pending = {
    id: 'one',
    kind: 'LOGOUT',
    provider: 'fake',
    sent: 1,
    taken: 1,
    account: null,
    target: {},
  }
  const operations = new Operations({
    store: { claimOperations: async () => [pending], clock: { now: () => 0 } } as never,
    providers: new Map([['fake', { handle: 'DEVICE' } as never]]),
    calls: { ask: () => asked.promise } as never,
    // Nobody pushes this clock: a timer that is set never fires.
    time: { now: () => 0, setTimer: () => () => {} },
    log: { warn: () => {}, error: () => {} },
    ring: () => {},
    background: work => works.push(work()),
  })
  await operations.claim()
  operations.stop()
  asked.resolve(true)
  await Promise.all(works)
})
