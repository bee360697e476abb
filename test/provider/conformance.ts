// What every dialect's adapter owes the port, told against an upstream with phones: one suite for all of them.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PollAnswer } from '../../src/login/observation.ts'
import { type Provider, ProviderError, type RawAnswer, type Target } from '../../src/provider/port.ts'

export type Verb = 'registerDevice' | 'whoIsSignedIn' | 'issueQrCode' | 'sendPush' | 'sendCode' | 'poll'

export type Fault =
  | 'html502'
  | 'cutJson'
  | 'cutBody'
  | 'wrongTypes'
  | 'reset'
  | 'hang'
  | 'answerLost'
  | 'huge'

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
  }
  /** Those that ask the upstream: where it has no devices, none is registered. */
  const everyVerb = (Object.keys(verbs) as readonly Verb[]).filter(
    verb => hasDevices || verb !== 'registerDevice',
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

  describe(`${name}: refusals`, () => {
    it.runIf(hasDevices).each(['whoIsSignedIn', 'issueQrCode', 'sendPush', 'sendCode', 'poll'] as const)(
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
      expect(everyVerb.reduce((sum, other) => sum + rig.calls(other), 0)).toBe(1)
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
