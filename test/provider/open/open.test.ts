// The `open` adapter against the simulator: the suite of the port, and what only this dialect sends.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Endpoint } from '../../../simulator/endpoints.ts'
import type { FaultSpec } from '../../../simulator/faults.ts'
import { startSimulator } from '../../../simulator/server.ts'
import type { Switches } from '../../../simulator/settings.ts'
import { openProvider } from '../../../src/provider/dialects.ts'
import type { Target } from '../../../src/provider/port.ts'
import { conforms, type Fault, type Rig, type Verb } from '../conformance.ts'

const endpoints: Readonly<Record<Verb, Endpoint>> = {
  registerDevice: 'createWorkstation',
  whoIsSignedIn: 'isOnline',
  issueQrCode: 'getLoginQrCode',
  sendPush: 'loginAgain',
  sendCode: 'loginVerifyCode',
  poll: 'checkLoginShort',
}

const faults: Readonly<Record<Fault, Omit<FaultSpec, 'endpoint'>>> = {
  html502: { kind: 'html502' },
  cutJson: { kind: 'cutJson' },
  cutBody: { kind: 'cutBody' },
  wrongTypes: { kind: 'wrongTypes' },
  reset: { kind: 'reset' },
  hang: { kind: 'hang' },
  answerLost: { kind: 'answerLost' },
  huge: { kind: 'status', status: 200, body: `"${'x'.repeat(3_000_000)}"` },
}

const targetOf = (upstreamId: string): Target => ({
  upstreamId,
  deviceType: 'IPAD',
  province: '广东',
  city: null,
  proxy: null,
  ttuid: null,
  wcId: null,
})

const start = async (switches: Partial<Switches> = {}) => {
  const simulator = await startSimulator({ switches })
  let passed = 0
  const provider = openProvider({
    name: 'simulator',
    dialect: 'open',
    baseUrl: simulator.url,
    token: simulator.token,
    monotonic: () => performance.now() + passed,
    today: () => Date.parse('2026-11-20T12:00:00+08:00'),
  })
  const { world } = simulator
  return {
    simulator,
    provider,
    later: () => {
      passed += 1_000
    },
    target: targetOf,
    fault: (verb: Verb, fault: Fault) => {
      world.faults.add({ ...faults[fault], endpoint: endpoints[verb], times: 1 })
    },
    arrived: (verb: Verb) => world.next(`asked:${endpoints[verb]}`, 'desk-1'),
    calls: (verb: Verb) => world.calls(endpoints[verb]).length,
    shut: () => simulator.close(),
    killToken: () => void world.replaceToken(),
    phone: {
      scan: (id: string) => void world.phone(id).scan(),
      confirm: (id: string) => world.phone(id).confirm(),
      decline: (id: string) => world.phone(id).decline(),
      killQrCode: (id: string) => world.phone(id).killQr(),
      askForCode: (id: string) => world.phone(id).askForCode(),
      signIn: (id: string) => {
        const device = world.device(id)
        world.signIn(device, device.person)
        return device.person.wcId
      },
      goOffline: (id: string) => world.phone(id).goOffline('securityCheck'),
      becomeUnclear: (id: string) => world.set({ switches: { isOnline: 'unknown' } }, id),
      recycle: (id: string) => world.recycle(world.device(id)),
    },
    async [Symbol.asyncDispose]() {
      await provider.close()
      await simulator.close()
    },
  } satisfies Rig & { simulator: unknown }
}

conforms('open', () => start())
conforms('open, worded otherwise', () =>
  start({
    codesAs: 'number',
    textField: 'msg',
    emptyAnswer: 'space',
    avatarField: 'smallHeadImageUrl',
    unauthorizedStatus: 200,
    duplicateDevice: 'succeeds',
    deadCode: '1000',
  }),
)

describe('the open dialect', () => {
  const never = new AbortController().signal
  let rig: Awaited<ReturnType<typeof start>>
  beforeEach(async () => {
    rig = await start()
    await rig.provider.registerDevice(targetOf('desk-1'), never)
  })
  afterEach(() => rig[Symbol.asyncDispose]())

  const asked = (endpoint: Endpoint) => rig.simulator.log.calls({ endpoint }).map(({ params }) => params)

  it('sends forms', async () => {
    await rig.provider.whoIsSignedIn(targetOf('desk-1'), never)
    await rig.provider.issueQrCode(targetOf('desk-1'), never)
    const types = rig.simulator.log.calls().map(({ contentType }) => contentType)
    expect(new Set(types)).toEqual(new Set(['application/x-www-form-urlencoded']))
  })

  it.each<[string, Partial<Target>, object]>([
    ['no more than the province', {}, { province: '广东' }],
    ['the city', { city: '广州' }, { province: '广东', city: '广州' }],
    ['mac where it has to be', { deviceType: 'MAC' }, { province: '广东', deviceType: 'mac' }],
    ['the ttuid instead of a province', { province: null, ttuid: 't-1' }, { ttuid: 't-1' }],
    [
      'the proxy',
      { province: null, proxy: { host: '10.1.2.3', port: 1080, username: 'u', password: 'p&=' } },
      { proxyIp: '10.1.2.3:1080', proxyUser: 'u', proxyPassword: 'p&=' },
    ],
    [
      'a proxy that lets anybody in',
      { proxy: { host: '10.1.2.3', port: 1080, username: null, password: null } },
      { province: '广东', proxyIp: '10.1.2.3:1080' },
    ],
  ])('asks for a QR code with %s (S2:31)', async (_name, changes, form) => {
    await rig.provider.issueQrCode({ ...targetOf('desk-1'), ...changes }, never)
    expect(asked('getLoginQrCode')).toEqual([{ deviceId: 'desk-1', ...form }])
  })

  it('asks who it is only where somebody is online: one isOnline, then one checkLoginShort', async () => {
    await rig.provider.whoIsSignedIn(targetOf('desk-1'), never)
    expect([asked('isOnline').length, asked('checkLoginShort').length]).toEqual([1, 0])
    rig.phone.signIn('desk-1')
    rig.later()
    await rig.provider.whoIsSignedIn(targetOf('desk-1'), never)
    expect([asked('isOnline').length, asked('checkLoginShort').length]).toEqual([2, 1])
  })

  it('says that a proxy fails', async () => {
    rig.simulator.world.set({ switches: { proxy: 'fails' } })
    const proxy = { host: '10.1.2.3', port: 1080, username: null, password: null }
    await expect(rig.provider.issueQrCode({ ...targetOf('desk-1'), proxy }, never)).rejects.toMatchObject({
      kind: 'PROXY_FAILED',
      answered: true,
    })
  })

  it.each([
    ['用户取消登录', 'DECLINED'],
    ['二次登录失败，请重新扫码登录', 'REFUSED'],
  ])('a push that was declined with %s is %s', async (text, kind) => {
    rig.simulator.world.set({ switches: { pushDeclinedText: text } })
    rig.phone.signIn('desk-1')
    rig.phone.goOffline('desk-1')
    const arrived = rig.arrived('sendPush')
    const push = rig.provider.sendPush(targetOf('desk-1'), never)
    await arrived
    rig.phone.decline('desk-1')
    expect(await push).toMatchObject({ kind, upstreamMessage: text })
  })

  it('a push that hangs for long and is given up says nothing of the upstream', async () => {
    rig.phone.signIn('desk-1')
    rig.phone.goOffline('desk-1')
    const stop = new AbortController()
    const arrived = rig.arrived('sendPush')
    const push = rig.provider.sendPush(targetOf('desk-1'), stop.signal)
    await arrived
    for (let second = 0; second < 190; second++) rig.later()
    stop.abort()
    await expect(push).rejects.toMatchObject({ kind: 'TIMEOUT', sent: true })
    expect(rig.provider.reachable).toBe(true)
  })

  it('does not let a push that hangs hold up a poll', async () => {
    rig.phone.signIn('desk-1')
    rig.phone.goOffline('desk-1')
    const stop = new AbortController()
    const arrived = rig.arrived('sendPush')
    const push = rig.provider.sendPush(targetOf('desk-1'), stop.signal).catch(error => error)
    await arrived
    await rig.provider.issueQrCode(targetOf('desk-1'), never)
    stop.abort()
    await push
  })
})
