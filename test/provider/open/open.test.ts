// The `open` adapter against the simulator: the suite of the port, and what only this dialect sends.

import { inspect } from 'node:util'
import { Client } from 'undici'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Endpoint } from '../../../simulator/endpoints.ts'
import type { FaultSpec } from '../../../simulator/faults.ts'
import { startSimulator } from '../../../simulator/server.ts'
import type { Switches } from '../../../simulator/settings.ts'
import { openProvider } from '../../../src/provider/dialects.ts'
import { openCapabilities } from '../../../src/provider/open/open.ts'
import { type Provider, ProviderError, type RawAnswer, type Target } from '../../../src/provider/port.ts'
import { conforms, type Fault, type Rig, type Verb } from '../conformance.ts'
import { answerWith, never as neverAnswers, Upstream } from '../upstream.ts'

const endpoints: Readonly<Record<Verb, Endpoint>> = {
  registerDevice: 'createWorkstation',
  whoIsSignedIn: 'isOnline',
  issueQrCode: 'getLoginQrCode',
  sendPush: 'loginAgain',
  sendCode: 'loginVerifyCode',
  poll: 'checkLoginShort',
  listSignedIn: 'queryLoginDevice',
  isSignedIn: 'isOnline',
  offlineReason: 'offlineReason',
  logOut: 'logout',
  resetDevice: 'resetDevice',
  changeProxy: 'setDeviceProxy',
  listDevices: 'listWorkstations',
}

const faults: Readonly<Record<Fault, Omit<FaultSpec, 'endpoint'>>> = {
  html502: { kind: 'html502' },
  cutJson: { kind: 'cutJson' },
  cutBody: { kind: 'cutBody' },
  wrongTypes: { kind: 'wrongTypes' },
  reset: { kind: 'reset' },
  hang: { kind: 'hang' },
  answerLost: { kind: 'answerLost' },
  tellsPassword: { kind: 'answer', code: '1001', message: '代理 p&= 连接失败' },
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
  handle: null,
  knownHandles: [],
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
    // Of the desk, or of nobody in particular.
    arrived: (verb: Verb) => {
      const moment = `asked:${endpoints[verb]}` as const
      return Promise.race([world.next(moment), world.next(moment, 'desk-1')])
    },
    calls: (verb: Verb) => world.calls(endpoints[verb]).length,
    allCalls: () => world.log.calls().length,
    shut: () => simulator.close(),
    killToken: () => void world.replaceToken(),
    phone: {
      scan: (id: string) => void world.phone(id).scan(),
      confirm: (id: string) => world.phone(id).confirm(),
      decline: (id: string) => world.phone(id).decline(),
      killQrCode: (id: string) => world.phone(id).killQr(),
      askForCode: (id: string) => world.phone(id).askForCode(),
      signIn: (id: string) => {
        const device = world.createDevice(id)
        world.signIn(device, device.person)
        return device.person.wcId
      },
      goOffline: (id: string) => world.phone(id).goOffline('securityCheck'),
      proxyPassword: (id: string) => world.device(id).proxy?.password ?? null,
      becomeUnclear: (id: string) => world.set({ switches: { isOnline: 'unknown' } }, id),
      recycle: (id: string) => world.recycle(world.device(id)),
    },
    async [Symbol.asyncDispose]() {
      await provider.close()
      await simulator.close()
    },
  } satisfies Rig & { simulator: unknown }
}

const traits = { capabilities: openCapabilities, handle: 'DEVICE' } as const

conforms('open', traits, () => start())
conforms('open, worded otherwise', traits, () =>
  start({
    codesAs: 'number',
    textField: 'msg',
    emptyAnswer: 'space',
    avatarField: 'smallHeadImageUrl',
    unauthorizedStatus: 200,
    duplicateDevice: 'succeeds',
    deadCode: '1000',
    timeFormat: 'epochMs',
    popups: 'filled',
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
      'a proxy at an IPv6 address',
      { proxy: { host: '2001:db8::1', port: 1080, username: null, password: null } },
      { province: '广东', proxyIp: '[2001:db8::1]:1080' },
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

describe('an adapter of the open dialect', () => {
  const never = new AbortController().signal
  let now: number
  let upstream: Upstream
  let provider: Provider
  const done = JSON.stringify({ code: '1000', message: '成功', data: { qrCodeUrl: 'http://x.example/qr' } })
  const says = (message: string) => JSON.stringify({ code: '1001', message, data: null })
  beforeEach(async () => {
    now = 1_000_000
    upstream = await Upstream.start(answerWith(done))
    provider = openProvider({
      name: 'a',
      dialect: 'open',
      baseUrl: upstream.origin,
      token: 'raw-token',
      monotonic: () => now,
    })
  })
  afterEach(async () => {
    vi.useRealTimers()
    await provider.close()
    await upstream.stop()
  })

  const failure = async (work: Promise<unknown>): Promise<ProviderError> => {
    const error = await work.then(
      answer => new Error(`It was answered: ${JSON.stringify(answer)}`),
      error => error,
    )
    if (!(error instanceof ProviderError)) throw error
    return error
  }
  const poll = () =>
    new Promise<RawAnswer>(settled => {
      provider.polling.send(provider.polling.prepare(targetOf('desk-1')), settled)
    })
  const open = async () => {
    upstream.handle(answerWith('<html>', 502))
    for (let failed = 0; failed < 5; failed++) await poll()
    expect(provider.reachable).toBe(false)
  }
  /** Calls that have arrived, and are not answered. */
  const hanging = async (count: number, signal: AbortSignal) => {
    upstream.handle(neverAnswers)
    const before = upstream.requests
    const calls = Array.from({ length: count }, (_, device) =>
      provider.registerDevice(targetOf(`busy-${device}`), signal).catch(error => error),
    )
    while (upstream.requests < before + count) await upstream.asked
    return calls
  }

  it('sends what is asked of those who are signed in (P 3.2)', async () => {
    const seen: string[] = []
    upstream.handle((request, response) => {
      const { method, url, headers } = request
      expect(headers.authorization).toBe('raw-token')
      seen.push(`${method} ${url} ${upstream.bodyOf(request)}`.trim())
      const data = { deviceIds: [], lists: [], total: 0, reason: null }
      answerWith(JSON.stringify({ code: '1000', message: '成功', data }))(request, response)
    })
    const proxy = { host: '2001:db8::1', port: 1080, username: null, password: 'p&=' }
    await provider.listSignedIn(never)
    await provider.isSignedIn(targetOf('desk 1'), never)
    await provider.offlineReason(targetOf('desk 1'), never)
    await provider.logOut(targetOf('desk 1'), never)
    await provider.resetDevice(targetOf('desk 1'), never)
    await provider.changeProxy({ ...targetOf('desk 1'), proxy }, never)
    await provider.listDevices(null, never)
    now += 1_000
    await provider.listDevices('12', never)
    expect(seen).toEqual([
      'GET /open/queryLoginDevice',
      'POST /open/isOnline deviceId=desk+1',
      'POST /open/offlineReason deviceId=desk+1',
      'POST /open/logout deviceId=desk+1',
      'POST /open/workstation/resetDevice deviceId=desk+1',
      'POST /open/setDeviceProxy deviceId=desk+1&proxyIp=%5B2001%3Adb8%3A%3A1%5D%3A1080&proxyPassword=p%26%3D',
      'GET /open/workstation?page=1&pageSize=100',
      'GET /open/workstation?page=12&pageSize=100',
    ])
  })

  it('lists eighty thousand devices', async () => {
    const deviceIds = Array.from({ length: 80_000 }, (_, one) => `${'desk'.padEnd(40, 'x')}-${one}`)
    upstream.handle(
      answerWith(JSON.stringify({ code: '1000', message: '成功', data: { deviceIds, total: 80_000 } })),
    )
    const list = await provider.listSignedIn(never)
    const upstreamId = deviceIds[79_999] ?? ''
    expect(list.find({ ...targetOf(upstreamId) })).toEqual({ online: true, handle: null })
  })

  it('lets none of what it tells come back', async () => {
    const told = '错误 483920 raw-token p&= p%26%3D http://x.example/qr?k=1'
    upstream.handle(answerWith(says(told)))
    const proxy = { host: '10.1.2.3', port: 1080, username: 'u', password: 'p&=' }
    const refusals = [
      await failure(provider.issueQrCode({ ...targetOf('desk-1'), proxy }, never)),
      await provider.sendCode(targetOf('desk-1'), '483920', never),
      await provider.sendPush(targetOf('desk-1'), never),
    ]
    expect(refusals).toMatchObject([
      { upstreamMessage: '错误 483920 *** *** *** ***' },
      { upstreamMessage: '错误 *** *** p&= p%26%3D ***' },
      { upstreamMessage: '错误 483920 *** p&= p%26%3D ***' },
    ])
    expect(inspect(refusals[0], { depth: 9 })).not.toMatch(/raw-token|p&=/)
  })

  it('does not let a proxy with a bad password hold everybody up', async () => {
    upstream.handle(answerWith(says('代理认证失败')))
    expect(await failure(provider.issueQrCode(targetOf('desk-1'), never))).toMatchObject({
      kind: 'PROXY_FAILED',
    })
    expect(provider.reachable).toBe(true)
  })

  it('keeps no byte of an answer that could not be parsed', async () => {
    upstream.handle((_request, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nbad header http://x/secret-qr\r\n\r\n')
    })
    const error = await failure(provider.issueQrCode(targetOf('desk-1'), never))
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret-qr')
    expect(error.cause).toMatchObject({ name: 'HTTPParserError' })
  })

  it('holds nobody up for long with a push that tries whether the upstream is back', async () => {
    await open()
    upstream.handle(neverAnswers)
    now += 1_000
    const { asked } = upstream
    const stop = new AbortController()
    const push = failure(provider.sendPush(targetOf('desk-1'), stop.signal))
    await asked
    upstream.handle(answerWith(done))
    expect(await poll()).toMatchObject({ kind: 'FAILED', error: { sent: false } })
    now += 5_000
    expect(await poll()).toMatchObject({ kind: 'ANSWERED' })
    expect(provider.reachable).toBe(true)
    stop.abort()
    await push
  })

  it('learns nothing from calls that whoever asked has given up, or that waited here for a free line', async () => {
    const stop = new AbortController()
    const busy = await hanging(64, stop.signal)
    const enough = new AbortController()
    const waiting = Array.from({ length: 5 }, (_, device) =>
      failure(provider.registerDevice(targetOf(`late-${device}`), enough.signal)),
    )
    now += 5_000
    enough.abort()
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ sent: false })
    stop.abort()
    await Promise.all(busy)
    expect(provider.reachable).toBeNull()
  })

  it('learns from calls that are silent for as long as anybody waits', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const calls = await hanging(5, never)
    await vi.advanceTimersByTimeAsync(10_000)
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ kind: 'TIMEOUT', sent: true })
    expect(provider.reachable).toBe(false)
  })

  describe('sends a risky call', () => {
    it('in the very tick in which it is asked to', async () => {
      const sent = vi.spyOn(Client.prototype, 'request')
      const work = provider.sendCode(targetOf('desk-1'), '483920', never)
      expect(sent).toHaveBeenCalledOnce()
      sent.mockRestore()
      await work
    })

    it.each(['logOut', 'resetDevice', 'changeProxy'] as const)(
      'as %s is one: in that tick, or not at all',
      async verb => {
        const proxy = { host: '10.1.2.3', port: 1080, username: 'u', password: 'p' }
        const target = { ...targetOf('desk-1'), proxy }
        const sent = vi.spyOn(Client.prototype, 'request')
        const work = provider[verb](target, never)
        expect(sent).toHaveBeenCalledOnce()
        sent.mockRestore()
        await work
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
        const again = failure(provider[verb](target, never))
        await vi.advanceTimersByTimeAsync(900)
        expect(await again).toMatchObject({ kind: 'TIMEOUT', sent: false })
        expect(upstream.requests).toBe(1)
      },
    )

    it('after its pacing, where that is over within the margin of the lease', async () => {
      await provider.issueQrCode(targetOf('desk-1'), never)
      now += 200
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const work = provider.issueQrCode(targetOf('desk-1'), never)
      now += 800
      await vi.advanceTimersByTimeAsync(800)
      vi.useRealTimers()
      expect(await work).toMatchObject({ url: expect.any(String) })
    })

    it.each([
      ['its pacing takes longer', 50, 950],
      ['the process stood still meanwhile', 200, 3_000],
    ])('not at all where %s', async (_name, before, passed) => {
      await provider.issueQrCode(targetOf('desk-1'), never)
      now += before
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const work = failure(provider.issueQrCode(targetOf('desk-1'), never))
      now += passed
      await vi.advanceTimersByTimeAsync(1_000 - before)
      expect(await work).toMatchObject({ kind: 'TIMEOUT', sent: false })
      expect(upstream.requests).toBe(1)
      expect(provider.reachable).toBe(true)
    })

    it('not at all where it would wait for a free line for long', async () => {
      const stop = new AbortController()
      const busy = await hanging(64, stop.signal)
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const work = failure(provider.issueQrCode(targetOf('desk-1'), never))
      await vi.advanceTimersByTimeAsync(900)
      expect(await work).toMatchObject({ kind: 'TIMEOUT', sent: false })
      stop.abort()
      await Promise.all(busy)
    })

    it('a code, and waits for its answer as long as the poller does', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      upstream.handle(neverAnswers)
      const { asked } = upstream
      const told = vi.fn()
      const work = failure(provider.sendCode(targetOf('desk-1'), '483920', never)).then(told)
      await asked
      await vi.advanceTimersByTimeAsync(59_999)
      expect(told).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      await work
      expect(told).toHaveBeenCalledWith(expect.objectContaining({ kind: 'TIMEOUT', sent: true }))
    })
  })
})
