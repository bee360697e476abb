import { describe, expect, test } from 'vitest'
import type { CodeAnswer } from '../../src/login/observation.ts'
import { ProviderError } from '../../src/provider/port.ts'
import { aProfile, Later } from '../support/fake-provider.ts'
import { aHangingGateway, type Gateway, second } from './gateway.ts'

const signedIn = { kind: 'SIGNED_IN', profile: aProfile({ instanceId: 'handle-1' }) } as const
const dead = { kind: 'DEAD', upstreamCode: '1001', upstreamMessage: '二维码已过期' } as const
const silent = new ProviderError({ kind: 'UNREACHABLE', sent: true, answered: false })

/** Its QR code is out, and its first poll hangs. */
const aHangingLogin = async (gateway: Gateway, terms: Parameters<Gateway['startLogin']>[0] = {}) => {
  const polls = gateway.provider.hanging.length
  const loginId = await gateway.startLogin({ expectedWcId: 'wxid_anna', ...terms })
  for (let passed = 0; gateway.provider.hanging.length === polls; passed++) {
    if (passed > 500) throw new Error('It was never polled')
    await gateway.pass(10)
  }
  return loginId
}

/** With what changes nothing, so that another one hangs. */
const answerAfter = async (gateway: Gateway, ms: number) => {
  await gateway.pass(ms)
  gateway.provider.newest.reply.answer({ kind: 'NOT_SCANNED' })
}

const at = (gateway: Gateway) => gateway.clock.wall.now()
const report = (gateway: Gateway, loginId: string) =>
  gateway.caller(loginId, { kind: 'CodePromptReported', at: at(gateway) })
const submit = (gateway: Gateway, loginId: string) =>
  gateway.caller(loginId, { kind: 'CodeSubmitted', at: at(gateway), mark: 'm', code: '123456' })
const outcome = async (gateway: Gateway, loginId: string) =>
  (await gateway.login(loginId)).outcome?.reason ?? null

/** No two confirming calls for one QR code were ever under way. */
const expectNoOverlap = (gateway: Gateway) => expect(gateway.provider.overlaps).toBe(0)

describe('a poll that hangs', () => {
  test('is left alone for 250 s, and made again at once after an answer that changes nothing', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    const loginId = await aHangingLogin(gateway)
    const first = provider.newest
    await gateway.pass(250 * second)
    expect(provider.callsOf('poll')).toHaveLength(1)
    expect(first.reply.aborted).toBe(false)
    first.reply.answer({ kind: 'NOT_SCANNED' })
    await gateway.pass(20)
    expect(provider.callsOf('poll')).toMatchObject([{ handle: 'handle-1' }, { handle: 'handle-1' }])
    expect(provider.took[0]).toBeGreaterThanOrEqual(250 * second)
    expect(provider.took[0]).toBeLessThan(251 * second)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    expectNoOverlap(gateway)
  })

  test('costs no statement while it hangs', async () => {
    await using gateway = await aHangingGateway()
    await aHangingLogin(gateway)
    gateway.watch.take()
    await gateway.pass(200 * second)
    expect(gateway.watch.take()).toEqual([])
  })

  test('at its login’s deadline has ten seconds more, then is cut, and who is signed in is asked', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    const loginId = await aHangingLogin(gateway)
    await answerAfter(gateway, 100 * second)
    await gateway.pass(165 * second)
    expect((await gateway.login(loginId)).state).toMatchObject({ lastLook: { step: 'POLL' } })
    expect(provider.newest.reply.aborted).toBe(false)
    await gateway.pass(8 * second)
    expect(provider.newest.reply.aborted).toBe(true)
    expect(provider.callsOf('whoIsSignedIn')).toMatchObject([{ handle: null }, { handle: 'handle-1' }])
    expect(await outcome(gateway, loginId)).toBe('QR_CODE_EXPIRED')
    await gateway.pass(30 * second)
    expect(provider.callsOf('poll')).toHaveLength(2)
    expectNoOverlap(gateway)
  })

  test('confirms within those ten seconds', async () => {
    await using gateway = await aHangingGateway()
    const loginId = await aHangingLogin(gateway)
    await answerAfter(gateway, 100 * second)
    await gateway.pass(165 * second)
    gateway.provider.newest.reply.answer(signedIn)
    await gateway.settle()
    expect(await outcome(gateway, loginId)).toBe('SIGNED_IN')
  })

  test('sent late for a last look, by a successor, has its ten seconds all the same', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    const loginId = await aHangingLogin(gateway)
    const { store, kill } = gateway.now
    kill()
    await gateway.pass(262 * second)
    await store.record(loginId, { kind: 'DeadlinePassed', at: at(gateway) })
    await gateway.pass(60 * second)
    await gateway.begin()
    await gateway.pass(9 * second)
    expect(provider.callsOf('poll')).toHaveLength(2)
    expect(provider.newest.reply.aborted).toBe(false)
    expect(provider.callsOf('whoIsSignedIn')).toHaveLength(1)
    await gateway.pass(5 * second)
    expect(provider.newest.reply.aborted).toBe(true)
    expect(await outcome(gateway, loginId)).toBe('QR_CODE_EXPIRED')
  })

  test('that is longer silent than its upstream ever is is given up', async () => {
    await using gateway = await aHangingGateway()
    const loginId = await aHangingLogin(gateway)
    await gateway.pass(200 * second)
    await report(gateway, loginId)
    await gateway.pass(59 * second)
    expect(gateway.provider.newest.reply.aborted).toBe(false)
    await gateway.pass(2 * second)
    expect(gateway.provider.newest.reply.aborted).toBe(true)
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_CODE')
    expect(gateway.now.poller.statistics.failures).toBe(1)
  })

  test('asks for the next QR code by its own handle, once the upstream has called the old one dead', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    await aHangingLogin(gateway)
    await gateway.pass(240 * second)
    provider.newest.reply.answer(dead)
    await gateway.pass(5 * second)
    expect(provider.callsOf('poll')).toMatchObject([{ handle: 'handle-1' }, { handle: 'handle-2' }])
    expect(provider.callsOf('issueQrCode')).toHaveLength(2)
  })

  test('that waits for a free line keeps neither a deadline nor a code waiting', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    provider.lines = 1
    await aHangingLogin(gateway)
    const lapsing = await gateway.startLogin()
    const coding = await gateway.startLogin()
    await gateway.pass(5 * second)
    expect(provider.callsOf('poll')).toHaveLength(1)
    await report(gateway, coding)
    await submit(gateway, coding)
    await gateway.pass(100)
    expect(provider.callsOf('sendCode')).toHaveLength(1)
    // The line is given back at the deadline of whoever has it, and there are two who wait.
    provider.lines = 0
    await gateway.pass(280 * second)
    expect(await outcome(gateway, lapsing)).toBe('QR_CODE_EXPIRED')
  })
})

describe('a verify code where polls hang', () => {
  test('leaves the poll alone when it is reported, and goes out once its connection has closed', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    provider.answerCodes({ kind: 'SIGNED_IN', profile: aProfile({ instanceId: 'handle-9' }) })
    const loginId = await aHangingLogin(gateway)
    const { reply } = provider.newest
    reply.lingers = true
    await report(gateway, loginId)
    await gateway.pass(30 * second)
    expect(reply.aborted).toBe(false)
    await submit(gateway, loginId)
    await gateway.pass(100)
    expect(reply.aborted).toBe(true)
    expect(provider.callsOf('sendCode')).toEqual([])
    reply.fail(silent)
    await gateway.pass(100)
    expect(provider.callsOf('sendCode')).toMatchObject([{ handle: 'handle-1', code: '123456' }])
    expect(await outcome(gateway, loginId)).toBe('SIGNED_IN')
    expect(await gateway.eventKinds(loginId)).not.toContain('PollingDegraded')
    expect(gateway.now.poller.statistics.failures).toBe(0)
    expectNoOverlap(gateway)
  })

  test('is never sent where the poll confirms in the very tick of its submission', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    const loginId = await aHangingLogin(gateway)
    await report(gateway, loginId)
    const { store, bus } = gateway.now
    const told = { kind: 'CodeSubmitted', at: at(gateway), mark: 'm', code: '123456' } as const
    const recorded = await store.record(loginId, told)
    if (recorded.kind !== 'RECORDED') throw new Error('It was not submitted')
    bus.ring({ id: loginId, sequence: recorded.turn.state.sequence, carried: recorded })
    provider.newest.reply.answer(signedIn)
    await gateway.pass(20 * second)
    expect(await outcome(gateway, loginId)).toBe('SIGNED_IN')
    expect(provider.callsOf('sendCode')).toEqual([])
  })

  test('is never sent where the answer was on its way when the poll was aborted', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    const loginId = await aHangingLogin(gateway)
    const { reply } = provider.newest
    reply.lingers = true
    await report(gateway, loginId)
    await submit(gateway, loginId)
    await gateway.pass(100)
    expect(reply.aborted).toBe(true)
    reply.answer(signedIn)
    await gateway.pass(20 * second)
    expect(await outcome(gateway, loginId)).toBe('SIGNED_IN')
    expect(provider.callsOf('sendCode')).toEqual([])
  })

  test('that may not be sent, for want of the lease, leaves the poll alone', async () => {
    await using gateway = await aHangingGateway()
    gateway.errorsExpected = true
    const { provider } = gateway
    const loginId = await aHangingLogin(gateway)
    await report(gateway, loginId)
    gateway.watch.breaks = verb => (verb === 'beat' ? new Error('no database') : null)
    await gateway.pass(5 * second)
    await submit(gateway, loginId)
    await gateway.pass(5 * second)
    expect(provider.newest.reply.aborted).toBe(false)
    gateway.watch.breaks = () => null
    await gateway.pass(5 * second)
    expect(provider.newest.reply.aborted).toBe(true)
    expect(provider.callsOf('sendCode')).toHaveLength(1)
  })

  test('taken back, goes on with the poll that hangs', async () => {
    await using gateway = await aHangingGateway()
    const loginId = await aHangingLogin(gateway)
    await report(gateway, loginId)
    await gateway.pass(20 * second)
    await gateway.caller(loginId, { kind: 'CodePromptWithdrawn', at: at(gateway) })
    await gateway.pass(20 * second)
    expect(gateway.provider.callsOf('poll')).toHaveLength(1)
    gateway.provider.newest.reply.answer(signedIn)
    await gateway.settle()
    expect(await outcome(gateway, loginId)).toBe('SIGNED_IN')
  })

  test('hangs as long as a poll, and is then looked after', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    const hanging = new Later<CodeAnswer>()
    provider.answerCodes(hanging)
    const loginId = await aHangingLogin(gateway)
    await report(gateway, loginId)
    await submit(gateway, loginId)
    await gateway.pass(254 * second)
    expect(hanging.aborted).toBe(false)
    await gateway.pass(5 * second)
    expect(hanging.aborted).toBe(true)
    expect((await gateway.eventKinds(loginId)).at(-1)).toBe('VerifyCodeUnanswered')
    expect(provider.callsOf('sendCode')).toHaveLength(1)
  })

  test('that is answered with a slider puts it before the person, and with a dead QR code ends the login', async () => {
    await using gateway = await aHangingGateway()
    gateway.provider.answerCodes({ kind: 'SLIDER', url: 'http://upstream.test/slider' }, dead)
    const logins = [await aHangingLogin(gateway), await aHangingLogin(gateway)]
    for (const loginId of logins) {
      await report(gateway, loginId)
      await submit(gateway, loginId)
      await gateway.pass(100)
    }
    const [slid, died] = await Promise.all(logins.map(loginId => gateway.login(loginId)))
    expect(slid?.stateName).toBe('AWAITING_SLIDER')
    expect(died?.stateName).toBe('VERIFYING_CODE')
    await gateway.pass(2 * second)
    expect((await gateway.login(died?.id ?? '')).outcome?.reason).toBe('QR_CODE_EXPIRED')
  })
})

describe('a change to MAC where polls hang', () => {
  test('aborts the poll of the old QR code, and asks for the new one after its connection has closed', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    const loginId = await aHangingLogin(gateway)
    const { reply } = provider.newest
    reply.lingers = true
    await gateway.caller(loginId, { kind: 'NewDevicePromptReported', at: at(gateway) })
    expect(reply.aborted).toBe(true)
    await gateway.pass(5 * second)
    expect(provider.callsOf('issueQrCode')).toHaveLength(1)
    reply.fail(silent)
    await gateway.pass(3 * second)
    expect(provider.callsOf('issueQrCode')).toHaveLength(2)
    expect(provider.newest.handle).toBe('handle-2')
    expect((await gateway.login(loginId)).stateName).toBe('AWAITING_SCAN')
    expect(gateway.now.poller.statistics.failures).toBe(0)
    expectNoOverlap(gateway)
  })

  test('does not lose the confirmation that the old poll still answers', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    const loginId = await aHangingLogin(gateway)
    provider.newest.reply.lingers = true
    await gateway.caller(loginId, { kind: 'NewDevicePromptReported', at: at(gateway) })
    provider.newest.reply.answer(signedIn)
    await gateway.pass(5 * second)
    expect(await outcome(gateway, loginId)).toBe('SIGNED_IN')
    expect(provider.callsOf('issueQrCode')).toHaveLength(1)
  })
})

describe('a poll whose predecessor went unheard', () => {
  /** Dead: of a QR code that nobody scanned, or of one that signed somebody in. */
  const expectAsked = async (gateway: Gateway, loginId: string) => {
    const asked = gateway.provider.callsOf('whoIsSignedIn').length
    gateway.provider.answerWhoIsSignedIn(aProfile({ instanceId: 'handle-1' }))
    gateway.provider.newest.reply.answer(dead)
    await gateway.pass(5 * second)
    expect(gateway.provider.callsOf('whoIsSignedIn')).toHaveLength(asked + 1)
    expect(gateway.provider.callsOf('issueQrCode')).toHaveLength(1)
    expect(await outcome(gateway, loginId)).toBe('SIGNED_IN')
  }

  test('because its process was killed, tells so: who is signed in is asked before another QR code', async () => {
    await using gateway = await aHangingGateway()
    const loginId = await aHangingLogin(gateway)
    gateway.now.kill()
    await gateway.begin()
    await gateway.pass(10 * second)
    expect(gateway.provider.newest.handle).toBe('handle-1')
    expect(gateway.provider.callsOf('poll')).toHaveLength(2)
    await expectAsked(gateway, loginId)
  })

  test('because its connection broke, tells so', async () => {
    await using gateway = await aHangingGateway()
    const loginId = await aHangingLogin(gateway)
    await gateway.pass(60 * second)
    gateway.provider.newest.reply.fail(silent)
    await gateway.pass(5 * second)
    await expectAsked(gateway, loginId)
  })

  test('because its answer could not be written, tells so', async () => {
    await using gateway = await aHangingGateway()
    gateway.errorsExpected = true
    const loginId = await aHangingLogin(gateway)
    await gateway.pass(60 * second)
    gateway.watch.breaks = verb => (verb === 'record' ? new Error('no database') : null)
    gateway.provider.newest.reply.answer(signedIn)
    await gateway.pass(20 * second)
    gateway.watch.breaks = () => null
    await gateway.pass(20 * second)
    expect(gateway.provider.hanging).toHaveLength(2)
    await expectAsked(gateway, loginId)
  })

  test.each([
    ['was never sent', new ProviderError({ kind: 'UNREACHABLE', sent: false, answered: false })],
    ['was refused', new ProviderError({ kind: 'ERROR', sent: true, answered: true })],
  ])('tells nothing of the kind where that one %s', async (_, error) => {
    await using gateway = await aHangingGateway()
    await aHangingLogin(gateway)
    await gateway.pass(60 * second)
    gateway.provider.newest.reply.fail(error)
    await gateway.pass(5 * second)
    gateway.provider.newest.reply.answer(dead)
    await gateway.pass(5 * second)
    expect(gateway.provider.callsOf('whoIsSignedIn')).toHaveLength(1)
    expect(gateway.provider.callsOf('issueQrCode')).toHaveLength(2)
  })

  test.each(['broken', 'killed'])('tells so once: an answer in between is heard (%s)', async how => {
    await using gateway = await aHangingGateway()
    await aHangingLogin(gateway)
    if (how === 'killed') {
      gateway.now.kill()
      await gateway.begin()
    } else gateway.provider.newest.reply.fail(silent)
    await gateway.pass(10 * second)
    gateway.provider.newest.reply.answer({ kind: 'NOT_SCANNED' })
    await gateway.pass(5 * second)
    gateway.provider.newest.reply.answer(dead)
    await gateway.pass(5 * second)
    expect(gateway.provider.callsOf('whoIsSignedIn')).toHaveLength(1)
    expect(gateway.provider.callsOf('issueQrCode')).toHaveLength(2)
  })

  test('tells nothing of the kind of another QR code', async () => {
    await using gateway = await aHangingGateway()
    const loginId = await gateway.startLogin({ expectedWcId: 'wxid_anna' })
    gateway.now.kill()
    await gateway.begin()
    await gateway.pass(5 * second)
    gateway.provider.newest.reply.answer(dead)
    await gateway.pass(5 * second)
    expect(gateway.provider.callsOf('whoIsSignedIn')).toHaveLength(1)
    expect(await gateway.eventKinds(loginId)).toEqual(['LoginStarted', 'QrCodeIssued', 'QrCodeIssued'])
  })

  test('tells nothing of the kind of the QR code of a MAC, where that of an iPad went unheard', async () => {
    await using gateway = await aHangingGateway()
    const loginId = await aHangingLogin(gateway)
    gateway.provider.newest.reply.fail(silent)
    await gateway.pass(5 * second)
    await gateway.caller(loginId, { kind: 'NewDevicePromptReported', at: at(gateway) })
    await gateway.pass(5 * second)
    gateway.provider.newest.reply.answer(dead)
    await gateway.pass(5 * second)
    expect(gateway.provider.callsOf('whoIsSignedIn')).toHaveLength(1)
    expect(gateway.provider.callsOf('issueQrCode')).toHaveLength(3)
  })
})

describe('a login whose poll hangs', () => {
  test('aborts it at once when the caller cancels', async () => {
    await using gateway = await aHangingGateway()
    const loginId = await aHangingLogin(gateway)
    await gateway.caller(loginId, { kind: 'CancelAsked', at: at(gateway), by: 'CANCELLED_BY_CALLER' })
    expect(gateway.provider.newest.reply.aborted).toBe(true)
    await gateway.pass(30 * second)
    expect(gateway.provider.callsOf('poll')).toHaveLength(1)
    expect(gateway.now.poller.statistics).toMatchObject({ live: 0, failures: 0 })
  })

  test('is one of a thousand that a stop ends at once', async () => {
    await using gateway = await aHangingGateway()
    const { provider } = gateway
    for (let each = 0; each < 1_000; each++) await gateway.startLogin()
    await gateway.pass(5 * second)
    expect(provider.callsOf('poll')).toHaveLength(1_000)
    const { poller } = gateway.now
    await poller.stop()
    expect(provider.hanging.every(({ reply }) => reply.aborted)).toBe(true)
    expect(poller.statistics).toMatchObject({ live: 0, failures: 0, errors: 0 })
    expect(gateway.clock.pending).toBe(0)
    expectNoOverlap(gateway)
  })
})
