import { describe, expect, test } from 'vitest'
import type { PushAnswer } from '../../src/login/observation.ts'
import { ProviderError } from '../../src/provider/port.ts'
import { aProfile, Later } from '../support/fake-provider.ts'
import { aHangingGateway, second } from './gateway.ts'

const byPush = {
  strategy: 'PUSH',
  firstMethod: 'PUSH',
  expectedWcId: 'wxid_anna',
  knownHandles: ['handle-of-old'],
} as const
const cut = new ProviderError({ kind: 'UNREACHABLE', sent: true, answered: false })

describe('a push that is answered to whoever sent it', () => {
  test('confirms by its call, is never polled, and its account has a picture', async () => {
    await using gateway = await aHangingGateway()
    const push = new Later<PushAnswer>()
    gateway.provider.answerPushes(push)
    const loginId = await gateway.startLogin(byPush)
    await gateway.pass(120 * second)
    const profile = aProfile({ instanceId: 'handle-of-now', avatarUrl: 'https://upstream.test/anna.png' })
    push.answer({ kind: 'SIGNED_IN', profile })
    await gateway.settle()
    const { outcome, confirmedBy, accountId } = await gateway.login(loginId)
    expect(outcome?.reason).toBe('SIGNED_IN')
    expect(confirmedBy).toBe('PUSH')
    expect(gateway.provider.callsOf('poll')).toEqual([])
    const accounts = await gateway.now.store.readAccounts('default', [accountId ?? ''])
    expect(accounts.get(accountId ?? '')?.profile?.pictureId).toEqual(expect.any(String))
  })

  test('confirms ten seconds after its deadline still', async () => {
    await using gateway = await aHangingGateway()
    const push = new Later<PushAnswer>()
    gateway.provider.answerPushes(push)
    const loginId = await gateway.startLogin(byPush)
    await gateway.pass(188 * second)
    expect(push.aborted).toBe(false)
    push.answer({ kind: 'SIGNED_IN', profile: aProfile({ instanceId: 'handle-of-now' }) })
    await gateway.settle()
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
  })

  test('silent for longer than that, is given up, and who is signed in is asked last', async () => {
    await using gateway = await aHangingGateway()
    const push = new Later<PushAnswer>()
    gateway.provider.answerPushes(push)
    const loginId = await gateway.startLogin(byPush)
    await gateway.pass(195 * second)
    expect(push.aborted).toBe(true)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('PUSH_EXPIRED')
    expect(gateway.provider.callsOf('whoIsSignedIn').length).toBeGreaterThan(1)
  })

  test('unanswered, is confirmed by a handle that nobody knew', async () => {
    await using gateway = await aHangingGateway()
    gateway.provider.answerPushes(cut)
    gateway.provider.answerWhoIsSignedIn(null, aProfile({ instanceId: 'handle-of-now' }))
    const loginId = await gateway.startLogin(byPush)
    await gateway.pass(5 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
    expect(gateway.provider.callsOf('sendPush')).toHaveLength(1)
  })

  test('unanswered with nobody signed in, waits for its deadline and asks once more', async () => {
    await using gateway = await aHangingGateway()
    gateway.provider.answerPushes(cut)
    const loginId = await gateway.startLogin(byPush)
    await gateway.pass(170 * second)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_CONFIRMATION')
    expect(gateway.provider.callsOf('whoIsSignedIn')).toHaveLength(2)
    gateway.provider.answerWhoIsSignedIn(aProfile({ instanceId: 'handle-of-now' }))
    await gateway.pass(15 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
    expect(gateway.provider.callsOf('poll')).toEqual([])
  })

  test('refused, is followed by the QR code, which is polled by its handle', async () => {
    await using gateway = await aHangingGateway()
    const message = '二次登录失败，请重新扫码登录'
    gateway.provider.answerPushes({ kind: 'REFUSED', upstreamCode: '1001', upstreamMessage: message })
    const loginId = await gateway.startLogin({ ...byPush, strategy: 'AUTO' })
    await gateway.pass(10 * second)
    expect((await gateway.eventKinds(loginId)).at(-1)).toBe('QrCodeIssued')
    expect(gateway.provider.newest.handle).toBe('handle-1')
  })

  test('confirmed as the caller cancels, is kept as true of the device', async () => {
    await using gateway = await aHangingGateway()
    const push = new Later<PushAnswer>()
    gateway.provider.answerPushes(push)
    const loginId = await gateway.startLogin(byPush)
    await gateway.until(push)
    const { store, bus } = gateway.now
    const at = gateway.clock.wall.now()
    const recorded = await store.record(loginId, { kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' })
    if (recorded.kind !== 'RECORDED') throw new Error('It was not cancelled')
    push.answer({ kind: 'SIGNED_IN', profile: aProfile({ instanceId: 'handle-of-now' }) })
    bus.ring({ id: loginId, sequence: recorded.turn.state.sequence, carried: recorded })
    await gateway.settle()
    const { deviceId, outcome } = await gateway.login(loginId)
    expect(outcome?.reason).toBe('CANCELLED_BY_CALLER')
    const device = (await store.readDevices('default', [deviceId])).get(deviceId)
    expect(device?.accountId).toEqual(expect.any(String))
  })

  test('is aborted where the caller cancels, and left behind by a killed process is asked after', async () => {
    await using gateway = await aHangingGateway()
    const [left, over] = [new Later<PushAnswer>(), new Later<PushAnswer>()]
    gateway.provider.answerPushes(over, left)
    const cancelled = await gateway.startLogin(byPush)
    await gateway.until(over)
    const at = gateway.clock.wall.now()
    await gateway.caller(cancelled, { kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' })
    expect(over.aborted).toBe(true)

    const loginId = await gateway.startLogin(byPush)
    await gateway.until(left)
    gateway.now.kill()
    gateway.provider.answerWhoIsSignedIn(aProfile({ instanceId: 'handle-of-now' }))
    await gateway.begin()
    await gateway.pass(10 * second)
    expect((await gateway.login(loginId)).outcome?.reason).toBe('SIGNED_IN')
    expect(gateway.provider.callsOf('sendPush')).toHaveLength(2)
  })
})
