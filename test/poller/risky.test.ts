import { describe, expect, test } from 'vitest'
import type { CodeAnswer, PollAnswer, PushAnswer } from '../../src/login/observation.ts'
import { type IssuedQrCode, ProviderError } from '../../src/provider/port.ts'
import { aProfile, Later } from '../support/fake-provider.ts'
import { aGateway, type Gateway, second } from './gateway.ts'

const byPush = { strategy: 'AUTO', firstMethod: 'PUSH', expectedWcId: 'wxid_anna' } as const
const refused = new ProviderError({ kind: 'ERROR', sent: true, answered: true, upstreamMessage: '系统失败' })
const unsent = new ProviderError({ kind: 'UNREACHABLE', sent: false, answered: false })
const cut = new ProviderError({ kind: 'UNREACHABLE', sent: true, answered: false })

const submit = async (gateway: Gateway, loginId: string, code: string) => {
  await gateway.caller(loginId, { kind: 'CodePromptReported', at: gateway.clock.wall.now() })
  await gateway.caller(loginId, { kind: 'CodeSubmitted', at: gateway.clock.wall.now(), mark: 'm', code })
}

describe('a risky call', () => {
  test('is recorded before it is sent', async () => {
    await using gateway = await aGateway()
    const issuing = new Later<IssuedQrCode>()
    gateway.provider.answerQrCodes(issuing)
    const loginId = await gateway.startLogin()
    await gateway.until(issuing)
    const { state } = await gateway.login(loginId)
    expect(state).toMatchObject({ kind: 'STARTING', step: { kind: 'ISSUING' } })
    expect(gateway.watch.take().filter(verb => verb === 'record')).toHaveLength(2)
  })

  test('is not sent where its record failed', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    gateway.watch.breaks = (verb, [, observation]) =>
      verb === 'record' && JSON.stringify(observation).includes('Intended') ? new Error('gone') : null
    await gateway.startLogin()
    await gateway.pass(20 * second)
    expect(gateway.provider.callsOf('issueQrCode')).toEqual([])
    gateway.watch.breaks = () => null
    await gateway.pass(10 * second)
    expect(gateway.provider.callsOf('issueQrCode')).toHaveLength(1)
  })

  test('that was refused is made again after a pause; one that never left as well', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerQrCodes(refused, unsent, { url: 'https://upstream.test/qr/2.png', handle: null })
    const loginId = await gateway.startLogin()
    await gateway.pass(10 * second)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    expect(gateway.provider.callsOf('issueQrCode')).toHaveLength(3)
    expect(gateway.provider.callsOf('poll')[0]?.at).toBeGreaterThan(
      gateway.provider.callsOf('issueQrCode')[2]?.at ?? Number.POSITIVE_INFINITY - 1,
    )
  })

  test('waits for the question who is signed in, which is asked again where it never left', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerWhoIsSignedIn(unsent, unsent, unsent, null)
    const loginId = await gateway.startLogin({ seenOnline: true })
    await gateway.pass(5 * second)
    expect((await gateway.login(loginId)).stateName).toBe('STARTING')
    expect(gateway.provider.callsOf('issueQrCode')).toEqual([])
    await gateway.pass(3 * second)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    expect(gateway.provider.callsOf('whoIsSignedIn')).toHaveLength(4)
  })

  test('is never made where that question cannot be asked in time', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerWhoIsSignedIn(unsent)
    const loginId = await gateway.startLogin()
    await gateway.pass(95 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('UPSTREAM_UNREACHABLE')
    expect(gateway.provider.callsOf('issueQrCode')).toEqual([])
  })

  test('that was cut is looked after by one poll before the next', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerQrCodes(cut, { url: 'https://upstream.test/qr/2.png', handle: null })
    await gateway.startLogin()
    await gateway.pass(3 * second)
    const endpoints = gateway.provider.calls.map(({ endpoint }) => endpoint)
    expect(endpoints.slice(0, 4)).toEqual(['whoIsSignedIn', 'issueQrCode', 'poll', 'issueQrCode'])
  })

  test('that hangs is given up after twenty seconds', async () => {
    await using gateway = await aGateway()
    const hanging = new Later<IssuedQrCode>()
    gateway.provider.answerQrCodes(hanging, { url: 'https://upstream.test/qr/2.png', handle: null })
    const loginId = await gateway.startLogin()
    await gateway.pass(19 * second)
    expect(hanging.aborted).toBe(false)
    await gateway.pass(8 * second)
    expect(hanging.aborted).toBe(true)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
  })
})

describe('a push', () => {
  test('is polled beside from two seconds on, and the poll confirms', async () => {
    await using gateway = await aGateway()
    const push = new Later<PushAnswer>()
    gateway.provider.answerPushes(push)
    gateway.provider.answerPolls({ kind: 'NOT_SCANNED' }, { kind: 'SIGNED_IN', profile: aProfile() })
    const loginId = await gateway.startLogin(byPush)
    await gateway.pass(1_900)
    expect(gateway.provider.callsOf('sendPush')).toHaveLength(1)
    expect(gateway.provider.callsOf('poll')).toHaveLength(0)
    await gateway.pass(3 * second)
    expect(await gateway.eventKinds(loginId)).toEqual(['LoginStarted', 'PushSent', 'LoginEnded'])
    expect((await gateway.login(loginId)).confirmedBy).toBe('PUSH')
    expect(push.aborted).toBe(true)
  })

  test('that is refused is followed by one last look and the QR code', async () => {
    await using gateway = await aGateway()
    const push = new Later<PushAnswer>()
    gateway.provider.answerPushes(push)
    const loginId = await gateway.startLogin(byPush)
    await gateway.pass(6 * second)
    push.answer({ kind: 'REFUSED', upstreamCode: '1001', upstreamMessage: '请使用扫码登录' })
    await gateway.pass(5 * second)
    expect(await gateway.eventKinds(loginId)).toEqual([
      'LoginStarted',
      'PushSent',
      'MethodChanged',
      'QrCodeIssued',
    ])
    expect(gateway.provider.callsOf('sendPush')).toHaveLength(1)
  })

  test('that hangs to its deadline gets its last look all the same', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerPushes(new Later())
    const loginId = await gateway.startLogin({ ...byPush, strategy: 'PUSH' })
    await gateway.pass(185 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('PUSH_EXPIRED')
  })

  test('that went unanswered is never sent again', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerPushes(cut)
    await gateway.startLogin({ ...byPush, strategy: 'PUSH' })
    await gateway.pass(185 * second)
    expect(gateway.provider.callsOf('sendPush')).toHaveLength(1)
  })
})

describe('a verify code', () => {
  test('pauses polling from the report on', async () => {
    await using gateway = await aGateway()
    const loginId = await gateway.startLogin()
    await gateway.pass(5 * second)
    await gateway.caller(loginId, { kind: 'CodePromptReported', at: gateway.clock.wall.now() })
    const polls = gateway.provider.callsOf('poll').length
    await gateway.pass(60 * second)
    expect(gateway.provider.callsOf('poll')).toHaveLength(polls)
  })

  test('waits for the open poll, whose answer is recorded first', async () => {
    await using gateway = await aGateway()
    const open = new Later<PollAnswer>()
    gateway.provider.answerPolls(open)
    gateway.provider.answerCodes({ kind: 'SIGNED_IN', profile: aProfile() })
    const loginId = await gateway.startLogin()
    await gateway.until(open)
    await submit(gateway, loginId, '123456')
    await gateway.pass(3 * second)
    expect(gateway.provider.callsOf('sendCode')).toEqual([])
    open.answer({ kind: 'NOT_SCANNED' })
    await gateway.pass(100)
    expect(gateway.provider.callsOf('sendCode')).toMatchObject([{ code: '123456' }])
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
  })

  test('is never sent where the open poll confirms', async () => {
    await using gateway = await aGateway()
    const open = new Later<PollAnswer>()
    gateway.provider.answerPolls(open)
    const loginId = await gateway.startLogin()
    await gateway.until(open)
    await submit(gateway, loginId, '123456')
    open.answer({ kind: 'SIGNED_IN', profile: aProfile() })
    await gateway.pass(20 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
    expect(gateway.provider.callsOf('sendCode')).toEqual([])
  })

  test('waits ten seconds for a silent poll, no longer', async () => {
    await using gateway = await aGateway()
    const silent = new Later<PollAnswer>()
    gateway.provider.answerPolls(silent)
    const loginId = await gateway.startLogin()
    await gateway.until(silent)
    await submit(gateway, loginId, '123456')
    await gateway.pass(11 * second)
    expect(gateway.provider.callsOf('sendCode')).toHaveLength(1)
  })

  test('unanswered, is looked after by asking who is online, and not sent again', async () => {
    await using gateway = await aGateway()
    const hanging = new Later<CodeAnswer>()
    gateway.provider.answerCodes(hanging)
    const loginId = await gateway.startLogin()
    await gateway.pass(3 * second)
    await submit(gateway, loginId, '123456')
    await gateway.pass(33 * second)
    expect(hanging.aborted).toBe(true)
    expect((await gateway.eventKinds(loginId)).at(-1)).toBe('VerifyCodeUnanswered')
    expect(gateway.provider.callsOf('sendCode')).toHaveLength(1)
    expect(gateway.provider.callsOf('whoIsSignedIn')).toHaveLength(2)
  })

  test('is in no event, no log line and no statistic', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerCodes({ kind: 'REJECTED', upstreamCode: '1001', upstreamMessage: '验证码错误' })
    const loginId = await gateway.startLogin()
    await gateway.pass(3 * second)
    await submit(gateway, loginId, '87654321')
    await gateway.pass(3 * second)
    const told = [await gateway.events(loginId), gateway.now.log, gateway.now.poller.statistics]
    expect(JSON.stringify(told)).not.toContain('87654321')
    expect((await gateway.eventKinds(loginId)).at(-1)).toBe('VerifyCodeRejected')
  })

  test('is given up where the caller cancels', async () => {
    await using gateway = await aGateway()
    const hanging = new Later<CodeAnswer>()
    gateway.provider.answerCodes(hanging)
    const loginId = await gateway.startLogin()
    await gateway.pass(3 * second)
    await submit(gateway, loginId, '123456')
    await gateway.until(hanging)
    await gateway.caller(loginId, {
      kind: 'CancelAsked',
      at: gateway.clock.wall.now(),
      by: 'CANCELLED_BY_CALLER',
    })
    expect(hanging.aborted).toBe(true)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('CANCELLED_BY_CALLER')
  })
})
