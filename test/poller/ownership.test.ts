import { describe, expect, test } from 'vitest'
import type { CodeAnswer, PollAnswer, PushAnswer } from '../../src/login/observation.ts'
import type { IssuedQrCode } from '../../src/provider/port.ts'
import { aProfile, Later } from '../support/fake-provider.ts'
import { aGateway, gaps, second } from './gateway.ts'

const byPush = { strategy: 'PUSH', firstMethod: 'PUSH', expectedWcId: 'wxid_anna' } as const

describe('a process that is killed', () => {
  test('after the intent to issue a QR code: its successor looks once, then issues one that somebody sees', async () => {
    await using gateway = await aGateway()
    const lost = new Later<IssuedQrCode>()
    gateway.provider.answerQrCodes(lost, { url: 'https://upstream.test/qr/2.png', handle: null })
    const loginId = await gateway.startLogin()
    await gateway.until(lost)
    gateway.now.kill()
    await gateway.begin()
    await gateway.pass(10 * second)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    const endpoints = gateway.provider.calls.map(({ endpoint }) => endpoint)
    expect(endpoints.slice(0, 4)).toEqual(['whoIsSignedIn', 'issueQrCode', 'poll', 'issueQrCode'])
  })

  test('after the intent to push: no second push, and the poll decides', async () => {
    await using gateway = await aGateway()
    const lost = new Later<PushAnswer>()
    gateway.provider.answerPushes(lost)
    gateway.provider.answerPolls({ kind: 'NOT_SCANNED' }, { kind: 'SIGNED_IN', profile: aProfile() })
    const loginId = await gateway.startLogin(byPush)
    await gateway.until(lost)
    gateway.now.kill()
    await gateway.begin()
    await gateway.pass(10 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
    expect(gateway.provider.callsOf('sendPush')).toHaveLength(1)
  })

  test('after the intent to send a code: never sent again, the person is asked once more', async () => {
    await using gateway = await aGateway()
    const lost = new Later<CodeAnswer>()
    gateway.provider.answerCodes(lost)
    const loginId = await gateway.startLogin()
    await gateway.pass(3 * second)
    await gateway.caller(loginId, { kind: 'CodePromptReported', at: gateway.clock.wall.now() })
    await gateway.caller(loginId, {
      kind: 'CodeSubmitted',
      at: gateway.clock.wall.now(),
      mark: 'm',
      code: '123456',
    })
    await gateway.until(lost)
    gateway.now.kill()
    const polls = gateway.provider.callsOf('poll').length
    await gateway.begin()
    await gateway.pass(10 * second)
    expect((await gateway.eventKinds(loginId)).at(-1)).toBe('VerifyCodeUnanswered')
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_CODE')
    expect(gateway.provider.callsOf('sendCode')).toHaveLength(1)
    expect(gateway.provider.callsOf('poll')).toHaveLength(polls)
  })

  test('with a code that is a wish: its successor sends it', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerCodes({ kind: 'SIGNED_IN', profile: aProfile() })
    const loginId = await gateway.startLogin()
    await gateway.pass(3 * second)
    await gateway.caller(loginId, { kind: 'CodePromptReported', at: gateway.clock.wall.now() })
    const { store, kill } = gateway.now
    kill()
    await store.record(loginId, {
      kind: 'CodeSubmitted',
      at: gateway.clock.wall.now(),
      mark: 'm',
      code: '123456',
    })
    await gateway.begin()
    await gateway.pass(second)
    expect(gateway.provider.callsOf('sendCode')).toMatchObject([{ code: '123456' }])
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
  })

  test('between a confirming answer and its record: one poll more', async () => {
    await using gateway = await aGateway()
    const confirming = new Later<PollAnswer>()
    const profile = aProfile()
    gateway.provider.answerPolls({ kind: 'NOT_SCANNED' }, confirming, { kind: 'SIGNED_IN', profile })
    const loginId = await gateway.startLogin()
    await gateway.until(confirming)
    gateway.now.kill()
    confirming.answer({ kind: 'SIGNED_IN', profile })
    await gateway.settle()
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    await gateway.begin()
    await gateway.pass(20 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
    expect(gateway.provider.callsOf('poll')).toHaveLength(3)
  })

  test('leaves logins whose polls go on a second later and spread out, not all at once', async () => {
    await using gateway = await aGateway()
    for (let each = 0; each < 10; each++) await gateway.startLogin()
    await gateway.pass(5 * second)
    gateway.now.kill()
    const before = gateway.provider.callsOf('poll').length
    await gateway.begin()
    await gateway.pass(3 * second)
    const first = gateway.provider.callsOf('poll').slice(before, before + 10)
    expect(new Set(first.map(({ at }) => at)).size).toBe(10)
    const perDevice = Map.groupBy(gateway.provider.callsOf('poll'), ({ upstreamId }) => upstreamId)
    for (const polls of perDevice.values()) expect(Math.min(...gaps(polls))).toBeGreaterThanOrEqual(1_000)
  })

  test('during the last look at a push: its successor looks again', async () => {
    await using gateway = await aGateway()
    const push = new Later<PushAnswer>()
    gateway.provider.answerPushes(push)
    const loginId = await gateway.startLogin(byPush)
    await gateway.until(push)
    const { store, kill } = gateway.now
    kill()
    await gateway.pass(181 * second)
    await store.record(loginId, { kind: 'DeadlinePassed', at: gateway.clock.wall.now() })
    expect((await gateway.login(loginId)).state).toMatchObject({ prompt: { answer: 'OWED' }, lastLook: {} })
    await gateway.begin()
    await gateway.pass(10 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('PUSH_EXPIRED')
  })

  test('past a deadline: its successor looks once before it believes it', async () => {
    await using gateway = await aGateway()
    const loginId = await gateway.startLogin(byPush)
    await gateway.pass(3 * second)
    gateway.now.kill()
    await gateway.pass(200 * second)
    gateway.provider.answerPolls({ kind: 'SIGNED_IN', profile: aProfile() })
    await gateway.begin()
    await gateway.pass(5 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
  })
})

describe('the lease', () => {
  test('not renewed for four seconds, nobody is called any more; renewed, it goes on', async () => {
    await using gateway = await aGateway()
    await gateway.startLogin()
    await gateway.pass(3 * second)
    gateway.errorsExpected = true
    gateway.watch.breaks = verb => (verb === 'beat' ? new Error('no database') : null)
    await gateway.pass(4 * second)
    const calls = gateway.provider.calls.length
    await gateway.startLogin()
    await gateway.pass(20 * second)
    expect(gateway.provider.calls).toHaveLength(calls)
    gateway.watch.breaks = () => null
    await gateway.pass(5 * second)
    expect(gateway.provider.callsOf('issueQrCode')).toHaveLength(2)
  })

  test('that runs out while the intent is recorded keeps the risky call from being sent', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    let jumped = false
    gateway.watch.breaks = (verb, [, observation]) => {
      if (verb === 'beat') return jumped ? new Error('no database') : null
      if (verb === 'record' && !jumped && JSON.stringify(observation).includes('Intended')) {
        jumped = true
        gateway.clock.jump(4_500)
      }
      return null
    }
    const loginId = await gateway.startLogin()
    await gateway.pass(second)
    expect(jumped).toBe(true)
    expect(gateway.provider.callsOf('issueQrCode')).toEqual([])
    const { state } = await gateway.login(loginId)
    expect(state).toMatchObject({ kind: 'STARTING', step: { kind: 'PROMPT' } })
    gateway.watch.breaks = () => null
    await gateway.pass(8 * second)
    expect(gateway.provider.callsOf('issueQrCode')).toHaveLength(1)
  })

  test('lost: everything is dropped, and taken anew', async () => {
    await using gateway = await aGateway()
    const open = new Later<PollAnswer>()
    gateway.provider.answerPolls(open, { kind: 'NOT_SCANNED' })
    await gateway.startLogin()
    await gateway.until(open)
    gateway.watch.answers = verb => (verb === 'beat' ? Promise.resolve(false) : null)
    await gateway.pass(2 * second)
    expect(open.aborted).toBe(true)
    expect(gateway.now.poller.statistics.live).toBe(0)
    const polls = gateway.provider.callsOf('poll').length
    await gateway.pass(10 * second)
    expect(gateway.provider.callsOf('poll')).toHaveLength(polls)
    gateway.watch.answers = null
    await gateway.pass(15 * second)
    expect(gateway.now.poller.statistics.live).toBe(1)
    expect(gateway.provider.callsOf('poll').length).toBeGreaterThan(polls)
  })

  test('taken by another instance: the first one stops at once and polls no more', async () => {
    await using gateway = await aGateway()
    const loginId = await gateway.startLogin()
    await gateway.pass(3 * second)
    const first = gateway.now
    first.watch.answers = verb =>
      verb === 'claim' || verb === 'claimOperations' ? Promise.resolve([]) : null
    await gateway.begin()
    await gateway.pass(1_500)
    expect(first.poller.statistics.live).toBe(0)
    const { polls } = first.poller.statistics
    await gateway.pass(10 * second)
    expect(first.poller.statistics.polls).toBe(polls)
    expect(gateway.now.poller.statistics).toMatchObject({ live: 1 })
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
  })
})

describe('a stop', () => {
  test('gives up polls at once, gives the logins back, and leaves nothing running', async () => {
    await using gateway = await aGateway()
    const open = new Later<PollAnswer>()
    gateway.provider.answerPolls({ kind: 'NOT_SCANNED' }, open, { kind: 'NOT_SCANNED' })
    const loginId = await gateway.startLogin()
    await gateway.until(open)
    const { poller, bus } = gateway.now
    const stopped = poller.stop()
    expect(poller.stop()).toBe(stopped)
    await stopped
    expect(open.aborted).toBe(true)
    expect(poller.statistics).toMatchObject({ live: 0, failures: 0, errors: 0 })
    expect(gateway.clock.pending).toBe(0)
    expect(bus.listeners).toBe(0)
    await gateway.begin()
    await gateway.pass(3 * second)
    expect(gateway.now.poller.statistics.live).toBe(1)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
  })

  test('lets a risky call finish that answers within two seconds', async () => {
    await using gateway = await aGateway()
    const issuing = new Later<IssuedQrCode>()
    gateway.provider.answerQrCodes(issuing)
    const loginId = await gateway.startLogin()
    await gateway.until(issuing)
    const stopped = gateway.now.poller.stop()
    await gateway.pass(second)
    issuing.answer({ url: 'https://upstream.test/qr/1.png', handle: null })
    await gateway.settle()
    await stopped
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    expect(gateway.clock.pending).toBe(0)
  })

  test('waits no longer than that for one that hangs', async () => {
    await using gateway = await aGateway()
    const push = new Later<PushAnswer>()
    gateway.provider.answerPushes(push)
    const loginId = await gateway.startLogin(byPush)
    await gateway.until(push)
    const stopped = gateway.now.poller.stop()
    await gateway.pass(1_900)
    expect(push.aborted).toBe(false)
    await gateway.pass(200)
    await stopped
    expect(push.aborted).toBe(true)
    expect((await gateway.login(loginId)).state).toMatchObject({ prompt: { answer: 'UNKNOWN' } })
    expect(gateway.clock.pending).toBe(0)
  })
})

describe('a login whose provider is no longer configured', () => {
  test('ends at its deadlines, and its device is free again', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerQrCodes({ url: 'https://upstream.test/qr/1.png', handle: null })
    const scanning = await gateway.startLogin()
    await gateway.pass(5 * second)
    expect((await gateway.login(scanning)).stateName).toBe('AWAITING_SCAN')
    gateway.now.kill()
    await gateway.begin({ providers: new Map() })
    await gateway.pass(240 * second)
    expect((await gateway.login(scanning)).outcome?.reason).toBe('UPSTREAM_UNREACHABLE')
    const starting = await gateway.startLogin()
    await gateway.pass(120 * second)
    expect((await gateway.login(starting)).outcome?.reason).toBe('UPSTREAM_UNREACHABLE')
    gateway.errorsExpected = true
  })
})

describe('a login that cannot be read again', () => {
  test('keeps no other from being let go when its ring was lost', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const odd = await gateway.startLogin()
    const over = await gateway.startLogin()
    await gateway.pass(3 * second)
    gateway.watch.breaks = (verb, [loginId]) =>
      verb === 'readTurn' && loginId === odd ? new Error('The saved state cannot be read') : null
    const at = gateway.clock.wall.now()
    await gateway.caller(odd, { kind: 'CodePromptReported', at }, 'LOST')
    await gateway.caller(over, { kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' }, 'LOST')
    await gateway.pass(2 * second)
    expect(gateway.now.poller.statistics.live).toBe(1)
    await gateway.pass(20 * second)
    expect(gateway.now.log).toHaveLength(1)
  })
})
