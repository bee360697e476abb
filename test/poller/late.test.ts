import { describe, expect, test } from 'vitest'
import type { CodeAnswer, PollAnswer } from '../../src/login/observation.ts'
import type { Profile } from '../../src/login/vocabulary.ts'
import { aProfile, Later } from '../support/fake-provider.ts'
import { aGateway, type Gateway, second } from './gateway.ts'

const signedIn = { kind: 'SIGNED_IN', profile: aProfile() } as const

describe('an answer that signs somebody in after the caller cancelled', () => {
  test('heard by a poller that does not know of it yet, is kept as true of the device', async () => {
    await using gateway = await aGateway()
    const open = new Later<PollAnswer>()
    gateway.provider.answerPolls(open)
    const loginId = await gateway.startLogin()
    await gateway.until(open)
    await gateway.caller(loginId, { ...cancel, at: gateway.clock.wall.now() }, 'LOST')
    open.answer(signedIn)
    await gateway.settle()
    await expectFound(gateway, loginId)
  })

  test('in flight when the login was let go, is kept as true of the device', async () => {
    await using gateway = await aGateway()
    const open = new Later<PollAnswer>()
    gateway.provider.answerPolls(open)
    const loginId = await gateway.startLogin()
    await gateway.until(open)
    await cancelAsAnswered(gateway, loginId, () => open.answer(signedIn))
    await expectFound(gateway, loginId)
    expect(gateway.provider.callsOf('poll')).toHaveLength(1)
  })

  test('to a code that was being verified, is kept as true of the device', async () => {
    await using gateway = await aGateway()
    const verifying = new Later<CodeAnswer>()
    gateway.provider.answerCodes(verifying)
    const loginId = await gateway.startLogin()
    await gateway.pass(3 * second)
    const at = gateway.clock.wall.now()
    await gateway.caller(loginId, { kind: 'CodePromptReported', at })
    await gateway.caller(loginId, { kind: 'CodeSubmitted', at, mark: 'm', code: '123456' })
    await gateway.until(verifying)
    await cancelAsAnswered(gateway, loginId, () => verifying.answer(signedIn))
    await expectFound(gateway, loginId)
  })

  test('to the question who is online, is kept as true of the device', async () => {
    await using gateway = await aGateway()
    const asking = new Later<Profile | null>()
    gateway.provider.answerWhoIsSignedIn(asking)
    const loginId = await gateway.startLogin()
    await gateway.until(asking)
    await cancelAsAnswered(gateway, loginId, () => asking.answer(aProfile()))
    await expectFound(gateway, loginId)
  })

  test('costs nothing where it signs nobody in', async () => {
    await using gateway = await aGateway()
    const open = new Later<PollAnswer>()
    gateway.provider.answerPolls(open)
    const loginId = await gateway.startLogin()
    await gateway.until(open)
    gateway.watch.take()
    await cancelAsAnswered(gateway, loginId, () => open.answer({ kind: 'NOT_SCANNED' }))
    expect(gateway.watch.take()).toEqual([])
  })
})

const cancel = { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' } as const

/** In the very tick in which this process hears of the cancel: too late for the call to be called off. */
const cancelAsAnswered = async (gateway: Gateway, loginId: string, answer: () => void) => {
  const { store, bus } = gateway.now
  const recorded = await store.record(loginId, { ...cancel, at: gateway.clock.wall.now() })
  if (recorded.kind !== 'RECORDED') throw new Error(`Nothing was recorded: ${recorded.kind}`)
  answer()
  bus.ring({ id: loginId, sequence: recorded.turn.state.sequence, carried: recorded })
  await gateway.settle()
}

const expectFound = async (gateway: Gateway, loginId: string) => {
  const login = await gateway.login(loginId)
  expect(login).toMatchObject({ outcome: { reason: 'CANCELLED_BY_CALLER' }, accountId: null })
  expect((await gateway.eventKinds(loginId)).at(-1)).toBe('LoginEnded')
  const device = (await gateway.now.store.readDevices('default', [login.deviceId])).get(login.deviceId)
  expect(device).toMatchObject({ accountId: expect.any(String), lastLogin: null })
  const account = (await gateway.now.store.readAccounts('default', [device?.accountId ?? ''])).get(
    device?.accountId ?? '',
  )
  expect(account).toMatchObject({
    wcId: 'wxid_anna',
    deviceId: login.deviceId,
    presence: { state: 'ONLINE', reason: 'FOUND_ONLINE' },
  })
}
