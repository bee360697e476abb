import { describe, expect, test } from 'vitest'
import type { PollAnswer } from '../../src/login/observation.ts'
import { aProfile, Later } from '../support/fake-provider.ts'
import { aGateway, gaps, second } from './gateway.ts'

describe('polling', () => {
  test('never has two calls of one login open, and gives a silent one up after ten seconds', async () => {
    await using gateway = await aGateway()
    const silent = new Later<PollAnswer>()
    gateway.provider.answerPolls(silent, { kind: 'NOT_SCANNED' })
    const loginId = await gateway.startLogin()
    await gateway.pass(9 * second)
    expect(gateway.provider.callsOf('poll')).toHaveLength(1)
    await gateway.pass(3 * second)
    expect(silent.aborted).toBe(true)
    await gateway.pass(5 * second)
    expect(gateway.provider.callsOf('poll').length).toBeGreaterThan(1)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    expect(gateway.now.poller.statistics.failures).toBe(1)
  })

  test('counts two silent polls as an upstream that is degraded', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerPolls(new Later(), new Later(), { kind: 'NOT_SCANNED' })
    const loginId = await gateway.startLogin()
    await gateway.pass(40 * second)
    const events = await gateway.events(loginId)
    expect(events.map(({ body }) => body).slice(2)).toEqual([
      { kind: 'PollingDegraded', cause: 'TIMEOUT' },
      { kind: 'PollingRecovered' },
    ])
  })

  test('waits in order for a free line, and starves nobody', async () => {
    await using gateway = await aGateway()
    const { provider } = gateway
    provider.lines = 1
    const held = [new Later<PollAnswer>(), new Later<PollAnswer>(), new Later<PollAnswer>()]
    provider.answerPolls(...held, { kind: 'NOT_SCANNED' })
    const logins: string[] = []
    for (let each = 0; each < 3; each++) {
      logins.push(await gateway.startLogin())
      await gateway.pass(100)
    }
    await gateway.pass(2 * second)
    for (const [index, call] of held.entries()) {
      expect(provider.callsOf('poll')).toHaveLength(index + 1)
      call.answer({ kind: 'NOT_SCANNED' })
      await gateway.settle()
    }
    const first = provider.callsOf('poll').slice(0, 3)
    expect(new Set(first.map(({ upstreamId }) => upstreamId)).size).toBe(3)
    await gateway.pass(30 * second)
    const perDevice = Map.groupBy(provider.callsOf('poll'), ({ upstreamId }) => upstreamId)
    for (const polls of perDevice.values()) expect(polls.length).toBeGreaterThan(12)
  })

  test('leaves a second after the upstream may have seen the last one, however slowly it answered', async () => {
    await using gateway = await aGateway()
    const slow = new Later<PollAnswer>()
    gateway.provider.answerPolls({ kind: 'SCANNED', nickName: null, avatarUrl: null }, slow, {
      kind: 'SCANNED',
      nickName: null,
      avatarUrl: null,
    })
    await gateway.startLogin()
    await gateway.until(slow)
    await gateway.pass(200)
    slow.answer({ kind: 'SCANNED', nickName: null, avatarUrl: null })
    await gateway.pass(5 * second)
    const [, afterSlow] = gaps(gateway.provider.callsOf('poll'))
    expect(afterSlow).toBeGreaterThanOrEqual(1_200)
  })

  test('stops at once when the caller cancels, and gives up the call in flight', async () => {
    await using gateway = await aGateway()
    const open = new Later<PollAnswer>()
    gateway.provider.answerPolls(open)
    const loginId = await gateway.startLogin()
    await gateway.until(open)
    await gateway.caller(loginId, {
      kind: 'CancelAsked',
      at: gateway.clock.wall.now(),
      by: 'CANCELLED_BY_CALLER',
    })
    expect(open.aborted).toBe(true)
    await gateway.pass(30 * second)
    expect(gateway.provider.callsOf('poll')).toHaveLength(1)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('CANCELLED_BY_CALLER')
    expect(gateway.now.poller.statistics).toMatchObject({ live: 0, failures: 0 })
  })

  test.each(['BARE', 'LOST'] as const)(
    'hears of a cancel by a ring that is %s within a second',
    async ring => {
      await using gateway = await aGateway()
      const loginId = await gateway.startLogin()
      await gateway.pass(2_500)
      await gateway.caller(
        loginId,
        { kind: 'CancelAsked', at: gateway.clock.wall.now(), by: 'CANCELLED_BY_CALLER' },
        ring,
      )
      await gateway.pass(ring === 'BARE' ? 10 : 1_100)
      expect(gateway.now.poller.statistics.live).toBe(0)
    },
  )

  test('hears of a code whose rings were all lost within a second, though as many logins are owned as before', async () => {
    await using gateway = await aGateway()
    const loginId = await gateway.startLogin()
    await gateway.pass(3 * second)
    const at = gateway.clock.wall.now()
    await gateway.caller(loginId, { kind: 'CodePromptReported', at }, 'LOST')
    await gateway.caller(loginId, { kind: 'CodeSubmitted', at, mark: 'm', code: '123456' }, 'LOST')
    expect(gateway.provider.callsOf('sendCode')).toHaveLength(0)
    await gateway.pass(2_100)
    expect(gateway.provider.callsOf('sendCode')).toHaveLength(1)
  })

  test('goes on with the others while one login throws, says so once, and tries that one again', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    const broken = await gateway.startLogin()
    const other = await gateway.startLogin()
    gateway.provider.answerPolls({ kind: 'SCANNED', nickName: null, avatarUrl: null })
    gateway.watch.breaks = (verb, [login]) =>
      verb === 'record' && login === broken ? new Error('secret parameters') : null
    await gateway.pass(12 * second)
    expect((await gateway.login(broken)).stateName).toBe('STARTING')
    expect((await gateway.login(other)).stateName).toBe('AWAITING_CONFIRMATION')
    const log = gateway.now.log
    expect(log).toHaveLength(1)
    expect(log[0]).toMatchObject({ login: broken, error: 'Error' })
    expect(JSON.stringify(log)).not.toContain('secret')
    gateway.watch.breaks = () => null
    await gateway.pass(8 * second)
    expect((await gateway.login(broken)).stateName).toBe('AWAITING_CONFIRMATION')
  })

  test('asks first who is signed in, and sends no prompt where somebody is', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerWhoIsSignedIn(aProfile())
    const loginId = await gateway.startLogin()
    await gateway.pass(5 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('ALREADY_SIGNED_IN')
    const asked = gateway.provider.calls.map(({ endpoint }) => endpoint)
    // Whoever keeps presence asks after everybody from then on.
    expect(asked.filter(endpoint => endpoint !== 'listSignedIn')).toEqual(['whoIsSignedIn'])
  })
})
