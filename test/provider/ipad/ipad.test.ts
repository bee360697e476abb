// The `ipad` adapter against the simulator: the suite of the port, and what only this dialect sends.

import { Client } from 'undici'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Endpoint } from '../../../simulator/endpoints.ts'
import type { FaultSpec } from '../../../simulator/faults.ts'
import { startSimulator } from '../../../simulator/server.ts'
import type { Switches } from '../../../simulator/settings.ts'
import { openProvider } from '../../../src/provider/dialects.ts'
import { ipadCapabilities } from '../../../src/provider/ipad/ipad.ts'
import { type Provider, ProviderError, type RawAnswer, type Target } from '../../../src/provider/port.ts'
import { conforms, type Fault, type Rig, type Verb } from '../conformance.ts'
import { answerWith, never as neverAnswers, Upstream } from '../upstream.ts'

/** `registerDevice` and `resetDevice` ask nobody. */
const endpoints: Readonly<Record<Exclude<Verb, 'registerDevice' | 'resetDevice'>, Endpoint>> = {
  whoIsSignedIn: 'queryLoginWx',
  issueQrCode: 'iPadLogin',
  sendPush: 'secondLogin',
  sendCode: 'getIPadLoginInfo',
  poll: 'getIPadLoginInfo',
  listSignedIn: 'queryLoginWx',
  isSignedIn: 'isOnline',
  offlineReason: 'offlineReason',
  logOut: 'logout',
  changeProxy: 'setproxy',
  listDevices: 'queryLoginWx',
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
  huge: { kind: 'status', status: 200, body: `"${'x'.repeat(9_000_000)}"` },
}

const wId = '25d50610-1a82-4531-b9db-dd80c5a3c14a'
const never = new AbortController().signal
const noon = Date.parse('2026-11-20T12:00:00+08:00')

/** The simulator knows a desk by the user of its proxy. */
const targetOf = (upstreamId: string): Target => ({
  upstreamId,
  deviceType: 'IPAD',
  province: '广东',
  city: null,
  proxy: { host: '10.1.2.3', port: 1080, username: upstreamId, password: 'p&=' },
  ttuid: null,
  wcId: 'wxid_nobody',
  handle: 'no-such-attempt',
  knownHandles: [],
})

const endpointOf = (verb: Verb): Endpoint => {
  if (verb === 'registerDevice' || verb === 'resetDevice') throw new Error('It asks nobody')
  return endpoints[verb]
}

const start = async (switches: Partial<Switches> = {}) => {
  const simulator = await startSimulator({ switches })
  let passed = 0
  const provider = openProvider({
    name: 'simulator',
    dialect: 'ipad',
    baseUrl: simulator.url,
    token: simulator.token,
    monotonic: () => performance.now() + passed,
    today: () => noon,
  })
  const { world } = simulator
  const slot = (id: string) => `ipad:${id}`
  return {
    simulator,
    provider,
    later: () => {
      passed += 1_000
    },
    target: targetOf,
    fault: (verb: Verb, fault: Fault) => {
      world.faults.add({ ...faults[fault], endpoint: endpointOf(verb), times: 1 })
    },
    // Of the desk, or of nobody that the simulator knows.
    arrived: (verb: Verb) => {
      const moment = `asked:${endpointOf(verb)}` as const
      return Promise.race([world.next(moment), world.next(moment, slot('desk-1'))])
    },
    // A poll and a code go to one endpoint.
    calls: (verb: Verb) =>
      world
        .calls(endpointOf(verb))
        .filter(({ params }) => (params.verifyCode === undefined) === (verb !== 'sendCode')).length,
    allCalls: () => world.log.calls().length,
    shut: () => simulator.close(),
    killToken: () => void world.replaceToken(),
    phone: {
      scan: (id: string) => void world.phone(slot(id)).scan(),
      confirm: (id: string) => world.phone(slot(id)).confirm(),
      decline: (id: string) => world.phone(slot(id)).decline(),
      killQrCode: (id: string) => world.phone(slot(id)).killQr(),
      askForCode: (id: string) => world.phone(slot(id)).askForCode(),
      signIn: (id: string) => {
        const device = world.createDevice(slot(id), 'ipad')
        world.instances.handOver(device)
        world.signIn(device, device.person)
        return device.person.wcId
      },
      goOffline: (id: string) => world.phone(slot(id)).goOffline('securityCheck'),
      proxyPassword: (id: string) => world.device(slot(id)).proxy?.password ?? null,
      becomeUnclear: () => {
        world.set({ switches: { isOnline: 'unknown' } })
        world.faults.add({ endpoint: 'queryLoginWx', kind: 'answer', code: '1001', message: '未知异常' })
      },
      recycle: () => {
        throw new Error('There are no devices')
      },
    },
    async [Symbol.asyncDispose]() {
      await provider.close()
      await simulator.close()
    },
  } satisfies Rig & { simulator: unknown }
}

const traits = { capabilities: ipadCapabilities, handle: 'SIGN_IN' } as const

conforms('ipad', traits, () => start())
conforms('ipad, worded otherwise', traits, () =>
  start({
    codesAs: 'number',
    textField: 'msg',
    emptyAnswer: 'emptyFields',
    unauthorizedStatus: 200,
    handleAfterSignIn: 'stays',
    pushFailure: 'outer',
    codePrompt: 'ipad',
    onlineTold: 'code',
    offlineReasonAs: 'nested',
    popups: 'filled',
  }),
)

describe('the ipad dialect', () => {
  let rig: Awaited<ReturnType<typeof start>>
  beforeEach(async () => {
    rig = await start()
  })
  afterEach(() => rig[Symbol.asyncDispose]())

  it('shows a slider, and signs in after it was solved (S4:19)', async () => {
    const { provider, simulator, phone } = rig
    const target: Target = { ...targetOf('desk-1'), deviceType: 'MAC' }
    const { handle } = await provider.issueQrCode(target, never)
    const poll = async () => {
      const answer = await new Promise<RawAnswer>(settled => {
        provider.polling.send(provider.polling.prepare({ ...target, handle }), settled)
      })
      if (answer.kind === 'FAILED') throw answer.error
      return provider.polling.read(answer.status, answer.body, 0)
    }
    phone.scan('desk-1')
    expect(await poll()).toMatchObject({ kind: 'SLIDER', url: expect.stringMatching(/^http/) })
    simulator.world.phone('ipad:desk-1').solveSlider()
    phone.confirm('desk-1')
    expect(await poll()).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('says that a code is asked for (S4:18)', async () => {
    const { provider, phone } = rig
    const { handle } = await provider.issueQrCode(targetOf('desk-1'), never)
    phone.scan('desk-1')
    phone.askForCode('desk-1')
    const answer = await new Promise<RawAnswer>(settled => {
      provider.polling.send(provider.polling.prepare({ ...targetOf('desk-1'), handle }), settled)
    })
    if (answer.kind === 'FAILED') throw answer.error
    expect(provider.polling.read(answer.status, answer.body, 250_000)).toMatchObject({ kind: 'CODE_ASKED' })
  })

  it('says that a proxy fails', async () => {
    rig.simulator.world.set({ switches: { proxy: 'fails' } })
    await expect(rig.provider.issueQrCode(targetOf('desk-1'), never)).rejects.toMatchObject({
      kind: 'PROXY_FAILED',
      answered: true,
    })
  })
})

describe('an adapter of the ipad dialect', () => {
  let now: number
  let upstream: Upstream
  let provider: Provider
  let seen: { path: string | undefined; body: unknown; type: string | undefined }[]
  const issued = JSON.stringify({
    code: '1000',
    message: '登录成功',
    data: { wId, qrCodeUrl: 'http://x.example/qr' },
  })
  const bare: Target = { ...targetOf('desk-1'), proxy: null, wcId: null, handle: null }
  beforeEach(async () => {
    now = 1_000_000
    seen = []
    upstream = await Upstream.start(answerWith(issued))
    provider = openProvider({
      name: 'a',
      dialect: 'ipad',
      baseUrl: upstream.origin,
      token: 'raw-token',
      monotonic: () => now,
      today: () => noon,
    })
  })
  afterEach(async () => {
    vi.useRealTimers()
    await provider.close()
    await upstream.stop()
  })

  /** Keeps what is asked, and answers. */
  const hear = (answer: string) =>
    upstream.handle((request, response) => {
      seen.push({
        path: request.url,
        body: JSON.parse(upstream.bodyOf(request)),
        type: request.headers['content-type'],
      })
      answerWith(answer)(request, response)
    })
  const failure = async (work: Promise<unknown>): Promise<ProviderError> => {
    const error = await work.then(
      answer => new Error(`It was answered: ${JSON.stringify(answer)}`),
      error => error,
    )
    if (!(error instanceof ProviderError)) throw error
    return error
  }
  const send = (handle: string | null = wId) => {
    const { promise, resolve } = Promise.withResolvers<RawAnswer>()
    const call = provider.polling.send(provider.polling.prepare({ ...bare, handle }), resolve)
    return { call, answer: promise }
  }

  it.each<[string, Partial<Target>, string, object]>([
    ['in its area', {}, '/iPadLogin', { wcId: '', deviceType: 'ipad', proxy: 16 }],
    [
      'for an account that is known',
      { wcId: 'wxid_a' },
      '/iPadLogin',
      { wcId: 'wxid_a', deviceType: 'ipad', proxy: 16 },
    ],
    ['on a mac', { deviceType: 'MAC' }, '/iPadLogin', { wcId: '', deviceType: 'mac', proxy: 16 }],
    ['in an area of the newer page', { province: '内蒙古' }, '/iPadLogin', { proxy: 30 }],
    [
      'with a proxy of its own',
      { proxy: { host: '10.1.2.3', port: 1080, username: 'u', password: 'p&=' } },
      '/iPadLogin',
      { proxy: 16, proxyIp: '10.1.2.3:1080', proxyUser: 'u', proxyPassword: 'p&=' },
    ],
    [
      'with a proxy that lets anybody in, where no area is known',
      { province: null, proxy: { host: '2001:db8::1', port: 1080, username: null, password: null } },
      '/iPadLogin',
      { wcId: '', deviceType: 'ipad', proxyIp: '[2001:db8::1]:1080' },
    ],
    [
      'by a helper app',
      { ttuid: 't-1', wcId: 'wxid_a' },
      '/localIPadLogin',
      { wcId: 'wxid_a', ttuid: 't-1' },
    ],
    [
      'by a helper app, on a mac',
      { ttuid: 't-1', deviceType: 'MAC' },
      '/localIPadLogin',
      { wcId: '', ttuid: 't-1', deviceType: 'mac' },
    ],
    [
      'with a proxy of its own rather than by a helper app',
      { ttuid: 't-1', proxy: { host: '10.1.2.3', port: 1080, username: null, password: null } },
      '/iPadLogin',
      { wcId: '', deviceType: 'ipad', proxy: 16, proxyIp: '10.1.2.3:1080' },
    ],
  ])('asks for a QR code %s (P 2.1, P 2.5)', async (_name, changes, path, body) => {
    hear(issued)
    expect(await provider.issueQrCode({ ...bare, ...changes }, never)).toEqual({
      url: 'http://x.example/qr',
      handle: wId,
    })
    expect(seen).toEqual([
      { path, body: expect.objectContaining(body), type: expect.stringMatching(/^application\/json/) },
    ])
  })

  it.each(['新疆', '香港', '澳门', '台湾', null])(
    'asks for no QR code from %s: there is no exit',
    async province => {
      expect(await failure(provider.issueQrCode({ ...bare, province }, never))).toMatchObject({
        kind: 'PROXY_FAILED',
        answered: true,
        sent: false,
      })
      expect(upstream.requests).toBe(0)
    },
  )

  it('polls for what was issued, and lets nobody solve a slider (S4:15)', async () => {
    hear('{"code":"1001","message":"二维码已过期"}')
    await send().answer
    expect(seen).toMatchObject([{ path: '/getIPadLoginInfo', body: { wId, autoCheck: false } }])
  })

  it('polls nothing where nothing is out', async () => {
    expect(await send(null).answer).toMatchObject({
      kind: 'FAILED',
      error: { kind: 'ERROR', sent: false },
    })
    expect(upstream.requests).toBe(0)
  })

  it('sends a code with the handle of its QR code, and pushes to the account', async () => {
    hear('{"code":"1001","message":"失败"}')
    await provider.sendCode({ ...bare, handle: wId }, '483920', never)
    await provider.sendPush({ ...bare, wcId: 'wxid_a' }, never)
    now += 1_000
    await provider.sendPush({ ...bare, wcId: 'wxid_a', ttuid: 't-1' }, never)
    expect(seen).toMatchObject([
      { path: '/getIPadLoginInfo', body: { wId, autoCheck: false, verifyCode: '483920' } },
      { path: '/secondLogin', body: { wcId: 'wxid_a' } },
      { path: '/secondLogin', body: { wcId: 'wxid_a', ttuid: 't-1' } },
    ])
  })

  it('sends what is asked of those who are signed in (P 2.1)', async () => {
    const target: Target = { ...bare, wcId: 'wxid_a', handle: wId }
    const proxy = { host: '10.1.2.3', port: 1080, username: 'u', password: 'p&=' }
    hear('{"code":"1000","message":"成功","data":null}')
    await provider.listSignedIn(never)
    await provider.isSignedIn(target, never)
    await provider.logOut(target, never)
    await provider.changeProxy({ ...target, proxy }, never)
    hear('{"code":"1000","message":"成功","data":[{"wcId":"wxid_a","reason":null}]}')
    expect(await provider.offlineReason(target, never)).toEqual({ kind: 'ONLINE' })
    expect(seen.map(({ path, body }) => [path, body])).toEqual([
      ['/queryLoginWx', {}],
      ['/isOnline', { wId }],
      ['/logout', { wId }],
      ['/setproxy', { wcId: 'wxid_a', proxyIp: '10.1.2.3:1080', proxyUser: 'u', proxyPassword: 'p&=' }],
      ['/offlineReason', { wcId: 'wxid_a' }],
    ])
  })

  it.each<[string, Partial<Target>]>([
    ['an account', { wcId: null }],
    ['a user', { proxy: { host: '10.1.2.3', port: 1080, username: null, password: 'p' } }],
    ['a password', { proxy: { host: '10.1.2.3', port: 1080, username: 'u', password: null } }],
  ])('changes no proxy without %s: all four are required (P 2.1)', async (_name, changes) => {
    const proxy = { host: '10.1.2.3', port: 1080, username: 'u', password: 'p' }
    const target = { ...bare, wcId: 'wxid_a', proxy, ...changes }
    expect(await failure(provider.changeProxy(target, never))).toMatchObject({
      kind: 'PROXY_FAILED',
      sent: false,
      answered: true,
    })
    expect(upstream.requests).toBe(0)
  })

  it.each(['logOut', 'changeProxy'] as const)('sends %s at once, or not at all', async verb => {
    const proxy = { host: '10.1.2.3', port: 1080, username: 'u', password: 'p' }
    const target: Target = { ...bare, wcId: 'wxid_a', handle: wId, proxy }
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
  })

  it('asks nobody where there is nobody to ask', async () => {
    expect(await provider.sendPush(bare, never)).toMatchObject({ kind: 'REFUSED' })
    expect(await failure(provider.sendCode(bare, '483920', never))).toMatchObject({ sent: false })
    expect(await provider.whoIsSignedIn(bare, never)).toBeNull()
    await provider.registerDevice(bare, never)
    expect(upstream.requests).toBe(0)
  })

  it('lets none of what it tells come back', async () => {
    upstream.handle(answerWith('{"code":"1001","message":"错误 483920 raw-token http://x.example/?k=1"}'))
    expect(await provider.sendCode({ ...bare, handle: wId }, '483920', never)).toMatchObject({
      upstreamMessage: '错误 *** *** ***',
    })
  })

  describe('asks once who is online', () => {
    const listed = JSON.stringify({
      code: '1000',
      data: [
        { wcId: 'wxid_a', wId: 'w-1' },
        { wcId: 'wxid_b', wId: 'w-2' },
      ],
    })
    const who = (changes: Partial<Target>, signal = never) =>
      provider.whoIsSignedIn({ ...bare, ...changes }, signal)

    it.each<[string, Partial<Target>, object | null]>([
      ['by the account', { wcId: 'wxid_a' }, { wcId: 'wxid_a', instanceId: 'w-1', nickName: null }],
      ['by the handle that is out', { handle: 'w-2' }, { wcId: 'wxid_b', instanceId: 'w-2' }],
      ['by an earlier handle', { knownHandles: ['w-0', 'w-1'] }, { wcId: 'wxid_a', instanceId: 'w-1' }],
      ['by what is out before who was here', { wcId: 'wxid_a', handle: 'w-2' }, { wcId: 'wxid_b' }],
      ['and tells of nobody else', { wcId: 'wxid_c', handle: 'w-3', knownHandles: ['w-4'] }, null],
    ])('%s', async (_name, changes, found) => {
      upstream.handle(answerWith(listed))
      if (found === null) expect(await who(changes)).toBeNull()
      else expect(await who(changes)).toMatchObject(found)
    })

    it('an account that is listed twice by the sign-in that is news', async () => {
      const data = [{ wcId: 'wxid_a', wId: 'w-2' }, { wcId: 'wxid_a', wId: 'w-1' }, { wcId: 'wxid_a' }]
      upstream.handle(answerWith(JSON.stringify({ code: '1000', data })))
      expect(await who({ wcId: 'wxid_a', knownHandles: ['w-1'] })).toMatchObject({ instanceId: 'w-2' })
    })

    it('for all who ask at the same time, and anew for whoever comes later', async () => {
      upstream.handle(answerWith(listed))
      const told = await Promise.all([
        who({ wcId: 'wxid_a' }),
        who({ wcId: 'wxid_b' }),
        who({ wcId: 'wxid_c' }),
      ])
      expect(told.map(profile => profile?.instanceId)).toEqual(['w-1', 'w-2', undefined])
      expect(upstream.requests).toBe(1)
      now += 1_000
      await who({ wcId: 'wxid_a' })
      expect(upstream.requests).toBe(2)
    })

    it('and whoever gives up takes nobody along', async () => {
      const answers: (() => void)[] = []
      upstream.handle((...call) => answers.push(() => answerWith(listed)(...call)))
      const { asked } = upstream
      const stop = new AbortController()
      const impatient = failure(who({ wcId: 'wxid_a' }, stop.signal))
      const patient = who({ wcId: 'wxid_b' })
      await asked
      stop.abort()
      expect(await impatient).toMatchObject({ kind: 'TIMEOUT', sent: true })
      answers[0]?.()
      expect(await patient).toMatchObject({ wcId: 'wxid_b' })
    })

    it('and all who wait hear of a failure, which is not kept', async () => {
      upstream.handle(answerWith('{"code":"1001","message":"未知异常"}'))
      const failures = await Promise.all([failure(who({ wcId: 'wxid_a' })), failure(who({ wcId: 'wxid_b' }))])
      expect(failures.map(({ kind }) => kind)).toEqual(['ERROR', 'ERROR'])
      expect(upstream.requests).toBe(1)
      upstream.handle(answerWith(listed))
      now += 1_000
      expect(await who({ wcId: 'wxid_a' })).toMatchObject({ wcId: 'wxid_a' })
    })

    // Whoever kept copying what was there already would not be done in time.
    it('an account that is listed a hundred thousand times', async () => {
      const data = Array.from({ length: 100_000 }, (_, one) => ({ wcId: 'wxid_a', wId: `${wId}-${one}` }))
      upstream.handle(answerWith(JSON.stringify({ code: '1000', data })))
      expect(await who({ wcId: 'wxid_a' })).toMatchObject({ instanceId: `${wId}-0` })
    })

    it('of ten thousand accounts', async () => {
      const list = Array.from({ length: 10_000 }, (_, one) => ({
        wcId: `wxid_${one}`.padEnd(40, 'x'),
        wId: `${wId}-${one}`,
        note: 'x'.repeat(20),
      }))
      upstream.handle(answerWith(JSON.stringify({ code: '1000', data: list })))
      expect(await who({ handle: `${wId}-9999` })).toMatchObject({
        wcId: expect.stringMatching(/^wxid_9999x/),
      })
    })
  })

  describe('polls that hang', () => {
    const hanging = async (count: number) => {
      upstream.handle(neverAnswers)
      const before = upstream.requests
      const calls = Array.from({ length: count }, () => send())
      while (upstream.requests < before + count) await upstream.asked
      return calls
    }
    const giveUp = async (calls: readonly ReturnType<typeof send>[]) => {
      for (const { call } of calls) call.abort(new Error('enough'))
      return await Promise.all(calls.map(({ answer }) => answer))
    }

    it('are no slow upstream, however long they take', async () => {
      upstream.handle((request, response) => {
        now += 250_000
        answerWith('{"code":"1001","message":"失败"}')(request, response)
      })
      for (let poll = 0; poll < 20; poll++) await send().answer
      expect(provider.polling.slow).toBe(false)
      await giveUp(await hanging(20))
      expect([provider.polling.slow, provider.reachable]).toEqual([false, true])
      expect(provider.polling.patience).toBeGreaterThan(250_000)
    })

    it('hold up no other call, and leave no connection behind', async () => {
      const calls = await hanging(300)
      expect(provider.polling.full).toBe(false)
      upstream.handle(answerWith(issued))
      expect(await provider.issueQrCode(bare, never)).toMatchObject({ handle: wId })
      await giveUp(calls)
      // The one of the QR code is kept for a while.
      while ((await upstream.open()) > 1) await new Promise(resolve => setImmediate(resolve))
    })

    it('leave no connection behind when they are answered either', async () => {
      const answers: (() => void)[] = []
      upstream.handle((...call) => answers.push(() => answerWith('{"code":"1001"}')(...call)))
      const calls = [send(), send()]
      while (answers.length < 2) await upstream.asked
      for (const answer of answers) answer()
      await Promise.all(calls.map(({ answer }) => answer))
      await upstream.quiet()
    })

    it('do not hold everybody up where one of them tries whether the upstream is back', async () => {
      upstream.handle(answerWith('<html>', 502))
      for (let failed = 0; failed < 5; failed++) await send().answer
      expect(provider.reachable).toBe(false)
      now += 1_000
      const calls = await hanging(1)
      expect(await send().answer).toMatchObject({ kind: 'FAILED', error: { sent: false } })
      now += 8_000
      upstream.handle(answerWith(issued))
      expect(await provider.issueQrCode(bare, never)).toMatchObject({ handle: wId })
      expect(provider.reachable).toBe(true)
      await giveUp(calls)
    })
  })
})
