import { describe, expect, test } from 'vitest'
import type { PollAnswer } from '../../src/login/observation.ts'
import { ProviderError } from '../../src/provider/port.ts'
import { Later } from '../support/fake-provider.ts'
import { aGateway, second } from './gateway.ts'

const scanned = { kind: 'SCANNED', nickName: null, avatarUrl: null } as const
const dead = { kind: 'DEAD', upstreamCode: '1001', upstreamMessage: '登录信息失效' } as const
const unreadable = new ProviderError({ kind: 'UNREADABLE', sent: true, answered: false })

describe('a poll that changes nothing', () => {
  test('costs no statement and is decoded once', async () => {
    await using gateway = await aGateway()
    await gateway.startLogin()
    await gateway.pass(3 * second)
    gateway.watch.take()
    const { reads } = gateway.provider
    const before = gateway.now.poller.statistics
    await gateway.pass(60 * second)
    const after = gateway.now.poller.statistics
    expect(after.polls - before.polls).toBeGreaterThanOrEqual(29)
    expect(after.unchangedPolls - before.unchangedPolls).toBe(after.polls - before.polls)
    expect(after.records).toBe(before.records)
    expect(gateway.watch.take()).toEqual([])
    expect(gateway.provider.reads).toBe(reads)
  })

  test('is decoded anew after any record, even of a caller', async () => {
    await using gateway = await aGateway()
    const loginId = await gateway.startLogin()
    await gateway.pass(10 * second)
    const { reads } = gateway.provider
    await gateway.pass(10 * second)
    expect(gateway.provider.reads).toBe(reads)
    await gateway.caller(loginId, { kind: 'CodePromptReported', at: gateway.clock.wall.now() })
    await gateway.caller(loginId, { kind: 'CodePromptWithdrawn', at: gateway.clock.wall.now() })
    await gateway.pass(10 * second)
    expect(gateway.provider.reads).toBe(reads + 1)
  })

  test('is not remembered when it began in the state before', async () => {
    await using gateway = await aGateway()
    const open = new Later<PollAnswer>()
    gateway.provider.answerPolls(open, { kind: 'NOT_SCANNED' })
    const loginId = await gateway.startLogin()
    await gateway.until(open)
    await gateway.caller(loginId, { kind: 'CodePromptReported', at: gateway.clock.wall.now() })
    await gateway.caller(loginId, { kind: 'CodePromptWithdrawn', at: gateway.clock.wall.now() })
    open.answer({ kind: 'NOT_SCANNED' })
    await gateway.pass(5 * second)
    expect(gateway.provider.reads).toBe(2)
  })

  test('is judged again where the moment matters: 失效 counts only twenty seconds after a push', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerPushes(new Later())
    gateway.provider.answerPolls(dead)
    const loginId = await gateway.startLogin({
      strategy: 'PUSH',
      firstMethod: 'PUSH',
      expectedWcId: 'wxid_anna',
    })
    await gateway.pass(18 * second)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_CONFIRMATION')
    await gateway.pass(6 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('PUSH_REFUSED')
  })

  test('ends what failed before: the login recovers by an answer that it had heard before', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerPolls(scanned, scanned, scanned, unreadable, unreadable, unreadable, scanned)
    const loginId = await gateway.startLogin()
    await gateway.pass(25 * second)
    expect((await gateway.eventKinds(loginId)).slice(3)).toEqual(['PollingDegraded', 'PollingRecovered'])
  })

  test('writes nothing either when an outage goes on and on', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerPolls(unreadable)
    await gateway.startLogin()
    await gateway.pass(15 * second)
    gateway.watch.take()
    await gateway.pass(60 * second)
    expect(gateway.watch.take()).toEqual([])
  })
})
