// What every dialect's adapter owes the port, told against an upstream with phones: one suite for all of them.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PollAnswer } from '../../src/login/observation.ts'
import {
  InvalidPageError,
  type Provider,
  ProviderError,
  type RawAnswer,
  type Target,
} from '../../src/provider/port.ts'

export type Verb =
  | 'registerDevice'
  | 'whoIsSignedIn'
  | 'issueQrCode'
  | 'sendPush'
  | 'sendCode'
  | 'poll'
  | 'listSignedIn'
  | 'isSignedIn'
  | 'offlineReason'
  | 'logOut'
  | 'resetDevice'
  | 'changeProxy'
  | 'listDevices'

export type Fault =
  | 'html502'
  | 'cutJson'
  | 'cutBody'
  | 'wrongTypes'
  | 'reset'
  | 'hang'
  | 'answerLost'
  | 'huge'
  /** It refuses, and repeats what it was told. */
  | 'tellsPassword'

/** An upstream behind an adapter, and the phones of its devices, as `upstreamId` names them. */
export interface Rig extends AsyncDisposable {
  readonly provider: Provider
  /** A second has passed for the adapter, so that nobody waits for its pacing. */
  later(): void
  /** For a device, an account and a QR code that the upstream need not know. */
  target(upstreamId: string): Target
  /** The next call of that verb meets it. */
  fault(verb: Verb, fault: Fault): void
  /** Resolves when the next call of that verb has arrived. */
  arrived(verb: Verb): Promise<void>
  /** Calls of that verb that arrived so far. */
  calls(verb: Verb): number
  /** Calls of any kind that arrived so far. */
  allCalls(): number
  /** Nobody listens there any more. */
  shut(): Promise<void>
  /** The token that the adapter has is none any more. */
  killToken(): void
  readonly phone: {
    scan(upstreamId: string): void
    confirm(upstreamId: string): void
    decline(upstreamId: string): void
    killQrCode(upstreamId: string): void
    /** The code that the phone shows. */
    askForCode(upstreamId: string): string
    /** Somebody is signed in there; answers with their wcId. */
    signIn(upstreamId: string): string
    goOffline(upstreamId: string): void
    /** The password of the proxy that the upstream was told of last; null: of none. */
    proxyPassword(upstreamId: string): string | null
    /** The upstream cannot say who is signed in there. */
    becomeUnclear(upstreamId: string): void
    recycle(upstreamId: string): void
  }
}

const never = new AbortController().signal

export const conforms = (
  name: string,
  { capabilities, handle }: Pick<Provider, 'capabilities' | 'handle'>,
  start: () => Promise<Rig>,
): void => {
  const proxy = { host: '10.9.8.7', port: 1080, username: 'desk-1', password: 'p&=' }
  const { poll: polling, pushAnsweredBy, recyclesDevices } = capabilities
  const hasDevices = handle === 'DEVICE'
  let rig: Rig
  let provider: Provider
  let target: Target
  beforeEach(async () => {
    rig = await start()
    provider = rig.provider
    target = rig.target('desk-1')
  })
  afterEach(() => rig[Symbol.asyncDispose]())

  const raw = () => {
    const { promise, resolve } = Promise.withResolvers<RawAnswer>()
    let hasReturned = false
    let settlements = 0
    const call = provider.polling.send(provider.polling.prepare(target), answer => {
      settlements++
      expect(settlements, 'settled exactly once').toBe(1)
      expect(hasReturned, 'not before send has returned').toBe(true)
      resolve(answer)
    })
    hasReturned = true
    return { call, answer: promise }
  }
  const poll = async (): Promise<PollAnswer> => {
    const answer = await raw().answer
    if (answer.kind === 'FAILED') throw answer.error
    return provider.polling.read(answer.status, answer.body, 0)
  }

  const verbs: Readonly<Record<Verb, (signal: AbortSignal) => Promise<unknown>>> = {
    registerDevice: signal => provider.registerDevice(target, signal),
    whoIsSignedIn: signal => provider.whoIsSignedIn(target, signal),
    issueQrCode: signal => provider.issueQrCode(target, signal),
    sendPush: signal => provider.sendPush(target, signal),
    sendCode: signal => provider.sendCode(target, '123456', signal),
    poll: signal => {
      const { call, answer } = raw()
      const abort = () => call.abort(new Error('given up'))
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
      return answer.then(told => {
        if (told.kind === 'FAILED') throw told.error
        return provider.polling.read(told.status, told.body, 0)
      })
    },
    listSignedIn: signal => provider.listSignedIn(signal),
    isSignedIn: signal => provider.isSignedIn(target, signal),
    offlineReason: signal => provider.offlineReason(target, signal),
    logOut: signal => provider.logOut(target, signal),
    resetDevice: signal => provider.resetDevice(target, signal),
    changeProxy: signal => provider.changeProxy({ ...target, proxy }, signal),
    listDevices: signal => provider.listDevices(null, signal),
  }
  /** Those that ask the upstream: where it has no devices, none is registered and none is reset. */
  const everyVerb = (Object.keys(verbs) as readonly Verb[]).filter(
    verb => hasDevices || (verb !== 'registerDevice' && verb !== 'resetDevice'),
  )
  const failure = async (work: Promise<unknown>): Promise<ProviderError> => {
    const error = await work.then(
      answer => new Error(`It was answered: ${JSON.stringify(answer)}`),
      error => error,
    )
    if (!(error instanceof ProviderError)) throw error
    return error
  }
  const register = () => provider.registerDevice(target, never)
  const issue = async () => {
    await register()
    const issued = await provider.issueQrCode(target, never)
    target = { ...target, handle: issued.handle }
    return issued
  }
  /** Somebody who was signed in here, and is no more. */
  const known = async () => {
    await register()
    const wcId = rig.phone.signIn('desk-1')
    rig.phone.goOffline('desk-1')
    target = { ...target, wcId }
    return wcId
  }
  /** Somebody is signed in here, and is found by what is known of that. */
  const online = async () => {
    await register()
    target = { ...target, wcId: rig.phone.signIn('desk-1'), handle: null }
    const found = (await provider.listSignedIn(never)).find(target)
    rig.later()
    target = { ...target, handle: found.online ? found.handle : null }
    return { online: found.online, hasHandle: target.handle !== null }
  }
  const push = async () => {
    const arrived = rig.arrived('sendPush')
    const answer = provider.sendPush(target, never)
    await arrived
    return { answer }
  }

  describe(`${name}: a login`, () => {
    it('registers a device, and once more without harm', async () => {
      await register()
      rig.later()
      await register()
      expect(provider.reachable).toBe(hasDevices ? true : null)
    })

    it('is polled under a handle of its own, where the upstream has no devices', async () => {
      const first = await issue()
      expect(first.handle === null).toBe(hasDevices)
      rig.later()
      expect((await issue()).handle !== first.handle).toBe(!hasDevices)
    })

    it('by QR code, whose picture can be had', async () => {
      const { url } = await issue()
      expect((await fetch(url)).status).toBe(200)
      rig.phone.scan('desk-1')
      rig.phone.confirm('desk-1')
      expect(await poll()).toMatchObject({ kind: 'SIGNED_IN', profile: { wcId: expect.stringMatching(/./) } })
    })

    it.runIf(polling === 'HANGS')('by QR code: a poll hangs until it is confirmed', async () => {
      await issue()
      const arrived = rig.arrived('poll')
      const told = vi.fn()
      const answer = poll().finally(told)
      await arrived
      rig.phone.scan('desk-1')
      expect(told).not.toHaveBeenCalled()
      rig.phone.confirm('desk-1')
      expect(await answer).toMatchObject({ kind: 'SIGNED_IN' })
    })

    it.runIf(polling === 'RETURNS')('by QR code: not scanned, scanned, signed in', async () => {
      await issue()
      expect(await poll()).toEqual({ kind: 'NOT_SCANNED' })
      rig.phone.scan('desk-1')
      expect(await poll()).toMatchObject({ kind: 'SCANNED', avatarUrl: expect.stringMatching(/^http/) })
      rig.phone.confirm('desk-1')
      expect(await poll()).toMatchObject({ kind: 'SIGNED_IN', profile: { wcId: expect.stringMatching(/./) } })
    })

    it('whose QR code died', async () => {
      await issue()
      rig.phone.killQrCode('desk-1')
      expect(await poll()).toMatchObject({ kind: 'DEAD', upstreamMessage: expect.any(String) })
    })

    it('with a code: wrong, then right', async () => {
      await issue()
      rig.phone.scan('desk-1')
      const code = rig.phone.askForCode('desk-1')
      expect(await provider.sendCode(target, '0000', never)).toMatchObject({ kind: 'REJECTED' })
      rig.later()
      expect(await provider.sendCode(target, code, never)).toMatchObject({
        kind: 'SIGNED_IN',
        profile: { wcId: expect.stringMatching(/./) },
      })
    })

    it.runIf(pushAnsweredBy === 'POLL')('by push: its call confirms nothing, the poll does', async () => {
      const wcId = await known()
      const { answer } = await push()
      expect(await poll()).toEqual({ kind: 'NOT_SCANNED' })
      rig.phone.confirm('desk-1')
      expect(await answer).toEqual({ kind: 'ACCEPTED' })
      expect(await poll()).toMatchObject({ kind: 'SIGNED_IN', profile: { wcId } })
    })

    it.runIf(pushAnsweredBy === 'CALL')('by push: its call tells who signed in', async () => {
      const wcId = await known()
      const { answer } = await push()
      rig.phone.confirm('desk-1')
      expect(await answer).toMatchObject({
        kind: 'SIGNED_IN',
        profile: { wcId, instanceId: expect.any(String) },
      })
    })

    it('by push, refused where nobody was signed in before', async () => {
      await register()
      expect(await provider.sendPush(target, never)).toMatchObject({ kind: 'REFUSED' })
    })

    it('by push, declined: never accepted', async () => {
      await known()
      const { answer } = await push()
      rig.phone.decline('desk-1')
      expect((await answer).kind).toMatch(/^(REFUSED|DECLINED)$/)
    })
  })

  describe(`${name}: who is signed in`, () => {
    it('nobody, then somebody', async () => {
      await register()
      expect(await provider.whoIsSignedIn(target, never)).toBeNull()
      const wcId = rig.phone.signIn('desk-1')
      target = { ...target, wcId }
      rig.later()
      expect(await provider.whoIsSignedIn(target, never)).toMatchObject({ wcId })
    })

    it('asks without completing a login', async () => {
      await issue()
      rig.phone.scan('desk-1')
      rig.phone.confirm('desk-1')
      expect(await provider.whoIsSignedIn(target, never)).toBeNull()
      expect(rig.calls('poll')).toBe(0)
    })

    it('an unclear answer is no answer', async () => {
      await register()
      rig.phone.signIn('desk-1')
      rig.phone.becomeUnclear('desk-1')
      expect(await failure(provider.whoIsSignedIn(target, never))).toMatchObject({
        kind: 'ERROR',
        answered: true,
      })
    })
  })

  describe(`${name}: an account that is signed in`, () => {
    it('is listed, under a handle of its own where the upstream has no devices', async () => {
      await register()
      expect((await provider.listSignedIn(never)).find(target)).toEqual({ online: false })
      rig.later()
      expect(await online()).toEqual({ online: true, hasHandle: !hasDevices })
      const list = await provider.listSignedIn(never)
      const stranger = { upstreamId: 'desk-2', wcId: 'wxid_else', handle: 'other', knownHandles: ['another'] }
      expect(list.find(stranger)).toEqual({ online: false })
    })

    it('is on, until it is not', async () => {
      await online()
      expect(await provider.isSignedIn(target, never)).toBe(true)
      rig.phone.goOffline('desk-1')
      rig.later()
      expect(await provider.isSignedIn(target, never)).toBe(false)
      expect((await provider.listSignedIn(never)).find(target)).toEqual({ online: false })
    })

    it('is asked after without completing a login', async () => {
      await issue()
      rig.phone.scan('desk-1')
      rig.phone.confirm('desk-1')
      expect(await provider.isSignedIn(target, never)).toBe(false)
      expect((await provider.listSignedIn(never)).find(target)).toEqual({ online: false })
      await provider.listDevices(null, never)
      expect(rig.calls('poll')).toBe(0)
    })

    it('is not offline where nobody can say', async () => {
      await online()
      rig.phone.becomeUnclear('desk-1')
      expect(await failure(provider.isSignedIn(target, never))).toMatchObject({
        kind: 'ERROR',
        answered: true,
      })
    })

    it('tells why it went', async () => {
      await online()
      rig.phone.goOffline('desk-1')
      expect(await provider.offlineReason(target, never)).toEqual({
        kind: 'TOLD',
        reason: 'SECURITY_CHECK',
        words: '为了你的账号安全，请重新登录',
      })
    })

    it('is logged out', async () => {
      await online()
      await provider.logOut(target, never)
      expect(await provider.isSignedIn(target, never)).toBe(false)
      rig.later()
      expect(await failure(provider.logOut(target, never)), 'once').toMatchObject({ answered: true })
    })

    it('moves to another proxy, whose password comes back from nowhere', async () => {
      await online()
      await provider.changeProxy({ ...target, proxy }, never)
      expect(rig.phone.proxyPassword('desk-1')).toBe('p&=')
      rig.later()
      rig.fault('changeProxy', 'tellsPassword')
      const refused = await failure(provider.changeProxy({ ...target, proxy }, never))
      expect(refused).toMatchObject({ kind: 'PROXY_FAILED', answered: true })
      expect(refused.upstreamMessage).toContain('***')
      expect(refused.upstreamMessage).not.toContain('p&=')
    })

    it('moves nowhere without a proxy: nothing is sent', async () => {
      await online()
      expect(await failure(provider.changeProxy({ ...target, proxy: null }, never))).toMatchObject({
        kind: 'PROXY_FAILED',
        sent: false,
        answered: true,
      })
      expect(rig.calls('changeProxy')).toBe(0)
    })

    it.runIf(hasDevices)('is gone once its device is reset', async () => {
      await online()
      await provider.resetDevice(target, never)
      expect(await provider.isSignedIn(target, never)).toBe(false)
    })

    it.runIf(!hasDevices)('stays where there is no device to reset: nothing is sent', async () => {
      await online()
      const before = rig.allCalls()
      await provider.resetDevice(target, never)
      expect(rig.allCalls()).toBe(before)
      expect(await provider.isSignedIn(target, never)).toBe(true)
    })

    it.runIf(!hasDevices)('is asked after by its handle alone: without one nothing is sent', async () => {
      const before = rig.allCalls()
      const nameless = { ...target, handle: null, wcId: null }
      for (const ask of [provider.isSignedIn, provider.logOut, provider.offlineReason])
        expect(await failure(ask(nameless, never))).toMatchObject({ sent: false, answered: true })
      expect(rig.allCalls()).toBe(before)
    })
  })

  describe(`${name}: what there is upstream`, () => {
    const names = Array.from({ length: 205 }, (_, one) => `desk-${one + 1}`)

    /** Page after page, with a second between them. */
    const pages = async (between: (page: number) => void = () => {}) => {
      const devices = []
      let page: string | null = null
      for (let read = 1; read === 1 || page !== null; read++) {
        const told = await provider.listDevices(page, never)
        devices.push(...told.devices)
        page = told.nextPage
        rig.later()
        between(read)
        expect(read, 'it ends').toBeLessThan(10)
      }
      return devices
    }

    it('is nothing at first', async () => {
      expect(await provider.listDevices(null, never)).toEqual({ devices: [], total: 0, nextPage: null })
    })

    it('is listed page by page, each once, with who is signed in', async () => {
      for (const name of names) rig.phone.signIn(name)
      const first = await provider.listDevices(null, never)
      expect([first.devices.length, first.total]).toEqual([100, 205])
      rig.later()
      let read = 0
      const devices = await pages(page => {
        read = page
      })
      expect(read, 'the last one says that it is').toBe(3)
      expect(new Set(devices.map(({ upstreamId }) => upstreamId)).size).toBe(205)
      expect(devices).toHaveLength(205)
      for (const { online, wcId, handle } of devices)
        expect([online, typeof wcId, handle === null]).toEqual([true, 'string', hasDevices])
    })

    it.runIf(!hasDevices)(
      'loses nobody who stays while others come and go',
      async () => {
        const stay = names.slice(0, 150).map(name => rig.phone.signIn(name))
        for (const name of names.slice(150)) rig.phone.signIn(name)
        const devices = await pages(page => {
          for (const name of names.slice(150 + page * 10, 160 + page * 10)) rig.phone.goOffline(name)
          rig.phone.signIn(`late-${page}`)
        })
        const found = devices.map(({ upstreamId }) => upstreamId)
        expect(stay.filter(wcId => !found.includes(wcId))).toEqual([])
        expect(new Set(found).size).toBe(found.length)
      },
      20_000,
    )

    it.each(['', '0', '-1', '1.5', 'x', ' 1', 'after:', '1 or 2', 'after:'.padEnd(200, 'x'), '99999999'])(
      'has no page %j: nothing is sent',
      async page => {
        const told = provider.listDevices(page, never)
        await expect(told).rejects.toBeInstanceOf(InvalidPageError)
        expect(rig.allCalls()).toBe(0)
      },
    )
  })

  describe(`${name}: refusals`, () => {
    it
      .runIf(hasDevices)
      .each(everyVerb.filter(verb => !['registerDevice', 'listSignedIn', 'listDevices'].includes(verb)))(
      '%s of a device that the upstream does not know',
      async verb => {
        expect(await failure(verbs[verb](never))).toMatchObject({
          kind: 'DEVICE_UNKNOWN',
          answered: true,
          upstreamCode: expect.any(String),
          upstreamMessage: expect.any(String),
        })
        expect(provider.reachable, 'it has answered').toBe(true)
      },
    )

    it.runIf(recyclesDevices)('of a recycled device', async () => {
      await register()
      rig.phone.recycle('desk-1')
      expect(await failure(verbs.issueQrCode(never))).toMatchObject({
        kind: 'RESET_REQUIRED',
        answered: true,
      })
    })

    it.each(everyVerb)('%s with a dead token, and then nothing more is sent for a while', async verb => {
      rig.killToken()
      expect(await failure(verbs[verb](never))).toMatchObject({ kind: 'UNAUTHORIZED', answered: true })
      expect(provider.reachable).toBe(false)
      expect(provider.polling.slow).toBe(true)
      for (const other of everyVerb)
        expect(await failure(verbs[other](never))).toMatchObject({ kind: 'UNAUTHORIZED', sent: false })
      expect(rig.allCalls()).toBe(1)
    })
  })

  describe.each(everyVerb)(`${name}: %s`, verb => {
    it.each([
      ['html502', 'UNREACHABLE'],
      ['cutJson', 'UNREADABLE'],
      ['wrongTypes', 'UNREADABLE'],
      ['cutBody', 'UNREACHABLE'],
      ['reset', 'UNREACHABLE'],
      ['answerLost', 'UNREACHABLE'],
      ['huge', 'UNREADABLE'],
    ] as const)('met by %s: sent, and nobody knows what it did', async (fault, kind) => {
      await register()
      rig.later()
      rig.fault(verb, fault)
      expect(await failure(verbs[verb](never))).toMatchObject({ kind, sent: true, answered: false })
      rig.later()
      // One failure is no weather: the next call goes out.
      await verbs[verb](never).catch(error => expect(error).toMatchObject({ answered: true }))
    })

    it('given up while it hangs: sent, and nobody knows what it did', async () => {
      await register()
      rig.later()
      rig.fault(verb, 'hang')
      const arrived = rig.arrived(verb)
      const stop = new AbortController()
      const work = failure(verbs[verb](stop.signal))
      await arrived
      stop.abort()
      expect(await work).toMatchObject({ kind: 'TIMEOUT', sent: true, answered: false })
    })

    it('given up before it began', async () => {
      const error = await failure(verbs[verb](AbortSignal.abort()))
      expect(error).toMatchObject({ answered: false })
      // A poll is begun at once, and is no risky call.
      if (verb !== 'poll') expect([error.sent, rig.calls(verb)]).toEqual([false, 0])
    })

    it('where nobody listens: never sent', async () => {
      await rig.shut()
      expect(await failure(verbs[verb](never))).toMatchObject({
        kind: 'UNREACHABLE',
        sent: false,
        answered: false,
      })
    })

    it('after the end: never sent', async () => {
      await provider.close()
      expect(await failure(verbs[verb](never))).toMatchObject({ sent: false, answered: false })
    })
  })
}
