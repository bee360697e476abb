// A whole upstream behind the provider port, without a network: it answers as scripted and keeps every call.

import type { CodeAnswer, PollAnswer, PushAnswer } from '../../src/login/observation.ts'
import type { Capabilities } from '../../src/login/terms.ts'
import type { Profile } from '../../src/login/vocabulary.ts'
import type { Time } from '../../src/poller/time.ts'
import { openCapabilities } from '../../src/provider/open/open.ts'
import {
  type IssuedQrCode,
  type OfflineReason,
  type PollCall,
  type Polling,
  type PreparedPoll,
  type Provider,
  ProviderError,
  type RawAnswer,
  type SignedInList,
  type Target,
  type UpstreamPage,
} from '../../src/provider/port.ts'

export type Endpoint =
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

export interface Called {
  readonly endpoint: Endpoint
  readonly upstreamId: string
  /** Of the QR code that was out. */
  readonly handle: string | null
  /** By the clock handed in. */
  readonly at: number
  readonly code: string | null
}

/** What a call is answered with: a value, an error, or later, when the test says so. */
export type Reply<Answer> = Answer | ProviderError | Later<Answer>

/** A call that hangs until it is answered. Given up, it fails as the real ones do. */
export class Later<Answer> {
  readonly #settled = Promise.withResolvers<Answer>()
  /** The call was made. */
  made = false
  aborted = false
  /** Given up, its socket closes when the test says so, by `fail`. */
  lingers = false

  constructor() {
    this.#settled.promise.catch(() => {})
  }

  answer(answer: Answer): void {
    this.#settled.resolve(answer)
  }

  fail(error: ProviderError): void {
    this.#settled.reject(error)
  }

  /** For the fake alone. */
  wait(): Promise<Answer> {
    this.made = true
    return this.#settled.promise
  }

  abort(): void {
    this.aborted = true
    if (!this.lingers) this.fail(new ProviderError({ kind: 'TIMEOUT', sent: true, answered: false }))
  }
}

/** Replies in order; the last one is given again and again. Without any, the usual one. */
class Script<Answer> {
  #replies: Reply<Answer>[] = []
  readonly #usual: () => Reply<Answer>

  constructor(usual: () => Reply<Answer>) {
    this.#usual = usual
  }

  set(replies: readonly Reply<Answer>[]): void {
    this.#replies = [...replies]
  }

  take(): Reply<Answer> {
    const [first, ...rest] = this.#replies
    if (first === undefined) return this.#usual()
    if (rest.length > 0) this.#replies = rest
    return first
  }
}

/** A question that is about nobody in particular. */
const everybody = { upstreamId: '*', handle: null }

interface FakePoll extends PreparedPoll {
  readonly target: Target
}

/** A poll that has not been answered, and is when the test says so. */
export interface HangingPoll {
  readonly upstreamId: string
  readonly handle: string | null
  readonly reply: Later<PollAnswer>
}

export class FakeProvider implements Provider {
  readonly name: string
  readonly dialect: Provider['dialect']
  readonly handle: Provider['handle']
  readonly capabilities: Capabilities
  readonly reachable = true
  readonly origin = 'https://upstream.test'
  /** Every call, in order. */
  readonly calls: Called[] = []
  /** Polls that may be open at once. */
  lines = Number.POSITIVE_INFINITY
  slow = false
  /** Answers decoded, which a remembered one is not. */
  reads = 0
  /** How long each of those polls took, in milliseconds. */
  readonly took: number[] = []
  /** Polls of this upstream that hang, oldest first, settled ones included. */
  readonly hanging: HangingPoll[] = []
  /** How often a poll or a code was sent while a poll of the same handle had not settled. */
  overlaps = 0
  closed = false
  readonly polling: Polling
  readonly #time: Time
  readonly #registering = new Script<'DONE'>(() => 'DONE')
  readonly #online = new Script<Profile | null>(() => null)
  readonly #qrCodes = new Script<IssuedQrCode>(() => ({
    url: 'https://upstream.test/qr/1.png',
    handle: this.handle === 'DEVICE' ? null : `handle-${this.callsOf('issueQrCode').length + 1}`,
  }))
  readonly #pushes = new Script<PushAnswer>(() => ({ kind: 'ACCEPTED' }))
  readonly #codes = new Script<CodeAnswer>(() => ({ kind: 'UNPROVEN' }))
  readonly #polls = new Script<PollAnswer>(() =>
    this.capabilities.poll === 'HANGS' ? new Later() : { kind: 'NOT_SCANNED' },
  )
  readonly #lists = new Script<SignedInList>(() => ({ find: () => ({ online: true, handle: null }) }))
  readonly #presences = new Script<boolean>(() => true)
  readonly #reasons = new Script<OfflineReason>(() => ({ kind: 'TOLD', reason: 'NO_POPUP', words: null }))
  readonly #operations = new Script<'DONE'>(() => 'DONE')
  readonly #pages = new Script<UpstreamPage>(() => ({ devices: [], total: 0, nextPage: null }))
  readonly #open = new Set<Target>()

  constructor(options: { time: Time; name?: string; capabilities?: Partial<Capabilities> }) {
    this.#time = options.time
    this.name = options.name ?? 'fake'
    this.capabilities = { ...openCapabilities, ...options.capabilities }
    const hangs = this.capabilities.poll === 'HANGS'
    this.dialect = hangs ? 'IPAD' : 'OPEN'
    this.handle = hangs ? 'SIGN_IN' : 'DEVICE'
    const isFull = () => this.#open.size >= this.lines
    const isSlow = () => this.slow
    this.polling = {
      get full() {
        return isFull()
      },
      get slow() {
        return isSlow()
      },
      patience: hangs ? 260_000 : 10_000,
      prepare: (target): FakePoll => ({ provider: this.name, target }),
      send: (poll, settled) => this.#poll(poll, settled),
      read: (_status, body, took) => {
        this.reads++
        this.took.push(took)
        return JSON.parse(Buffer.from(body).toString()) as PollAnswer
      },
    }
  }

  answerRegistration(...replies: Reply<'DONE'>[]): void {
    this.#registering.set(replies)
  }

  answerWhoIsSignedIn(...replies: Reply<Profile | null>[]): void {
    this.#online.set(replies)
  }

  answerQrCodes(...replies: Reply<IssuedQrCode>[]): void {
    this.#qrCodes.set(replies)
  }

  answerPushes(...replies: Reply<PushAnswer>[]): void {
    this.#pushes.set(replies)
  }

  answerCodes(...replies: Reply<CodeAnswer>[]): void {
    this.#codes.set(replies)
  }

  answerLists(...replies: Reply<SignedInList>[]): void {
    this.#lists.set(replies)
  }

  answerPresence(...replies: Reply<boolean>[]): void {
    this.#presences.set(replies)
  }

  answerOfflineReasons(...replies: Reply<OfflineReason>[]): void {
    this.#reasons.set(replies)
  }

  /** Log-outs, resets and changes of proxy alike. */
  answerOperations(...replies: Reply<'DONE'>[]): void {
    this.#operations.set(replies)
  }

  answerPages(...replies: Reply<UpstreamPage>[]): void {
    this.#pages.set(replies)
  }

  answerPolls(...replies: Reply<PollAnswer>[]): void {
    this.#polls.set(replies)
  }

  /** The newest poll that hangs. */
  get newest(): HangingPoll {
    const newest = this.hanging.at(-1)
    if (newest === undefined) throw new Error('No poll hangs')
    return newest
  }

  /** The calls of one endpoint, oldest first. */
  callsOf(endpoint: Endpoint): readonly Called[] {
    return this.calls.filter(call => call.endpoint === endpoint)
  }

  async registerDevice(target: Target, signal: AbortSignal): Promise<void> {
    await this.#reply('registerDevice', target, this.#registering.take(), signal)
  }

  whoIsSignedIn(target: Target, signal: AbortSignal): Promise<Profile | null> {
    return this.#reply('whoIsSignedIn', target, this.#online.take(), signal)
  }

  issueQrCode(target: Target, signal: AbortSignal): Promise<IssuedQrCode> {
    return this.#reply('issueQrCode', target, this.#qrCodes.take(), signal)
  }

  sendPush(target: Target, signal: AbortSignal): Promise<PushAnswer> {
    return this.#reply('sendPush', target, this.#pushes.take(), signal)
  }

  sendCode(target: Target, code: string, signal: AbortSignal): Promise<CodeAnswer> {
    this.#countOverlaps(target)
    return this.#reply('sendCode', target, this.#codes.take(), signal, code)
  }

  listSignedIn(signal: AbortSignal): Promise<SignedInList> {
    return this.#reply('listSignedIn', everybody, this.#lists.take(), signal)
  }

  isSignedIn(target: Target, signal: AbortSignal): Promise<boolean> {
    return this.#reply('isSignedIn', target, this.#presences.take(), signal)
  }

  offlineReason(target: Target, signal: AbortSignal): Promise<OfflineReason> {
    return this.#reply('offlineReason', target, this.#reasons.take(), signal)
  }

  async logOut(target: Target, signal: AbortSignal): Promise<void> {
    await this.#reply('logOut', target, this.#operations.take(), signal)
  }

  async resetDevice(target: Target, signal: AbortSignal): Promise<void> {
    await this.#reply('resetDevice', target, this.#operations.take(), signal)
  }

  async changeProxy(target: Target, signal: AbortSignal): Promise<void> {
    await this.#reply('changeProxy', target, this.#operations.take(), signal)
  }

  listDevices(_page: string | null, signal: AbortSignal): Promise<UpstreamPage> {
    return this.#reply('listDevices', everybody, this.#pages.take(), signal)
  }

  async close(): Promise<void> {
    this.closed = true
  }

  async #reply<Answer>(
    endpoint: Endpoint,
    { upstreamId, handle }: Pick<Target, 'upstreamId' | 'handle'>,
    reply: Reply<Answer>,
    signal: AbortSignal | null,
    code: string | null = null,
  ): Promise<Answer> {
    this.calls.push({ endpoint, upstreamId, handle, at: this.#time.now(), code })
    if (reply instanceof ProviderError) throw reply
    if (!(reply instanceof Later)) return reply
    signal?.addEventListener('abort', () => reply.abort(), { once: true })
    return await reply.wait()
  }

  #poll(poll: PreparedPoll, settled: (answer: RawAnswer) => void): PollCall {
    const { target } = poll as FakePoll
    const reply = this.#polls.take()
    this.#countOverlaps(target)
    // Open by itself, also where two polls were prepared at once.
    const opened = { ...target }
    this.#open.add(opened)
    if (reply instanceof Later)
      this.hanging.push({ upstreamId: target.upstreamId, handle: target.handle, reply })
    const settle = (answer: RawAnswer) => {
      this.#open.delete(opened)
      settled(answer)
    }
    this.#reply('poll', target, reply, null).then(
      answer => settle({ kind: 'ANSWERED', status: 200, body: Buffer.from(JSON.stringify(answer)) }),
      (error: ProviderError) => settle({ kind: 'FAILED', error }),
    )
    return { abort: () => (reply instanceof Later ? reply.abort() : undefined) }
  }

  #countOverlaps({ upstreamId, handle }: Target): void {
    for (const open of this.#open)
      if (open.upstreamId === upstreamId && open.handle === handle) this.overlaps++
  }
}

export const aProfile = (changes: Partial<Profile> = {}): Profile => ({
  wcId: 'wxid_anna',
  wAccount: null,
  nickName: 'Anna',
  avatarUrl: null,
  country: null,
  city: null,
  signature: null,
  sex: null,
  mobilePhone: null,
  instanceId: null,
  ...changes,
})
