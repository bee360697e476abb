// A gateway's inner part for stories about polling: a real store in memory, a real bus, the poller, a scripted upstream
// and a clock that is pushed. A process of it can be killed as kill -9 does.

import { openMemoryBus } from '../../src/bus/memory.ts'
import { newId } from '../../src/db/ids.ts'
import type { LoginRecord, RecordedEvent } from '../../src/db/records.ts'
import type { Carried, Store } from '../../src/db/store.ts'
import { begin } from '../../src/login/begin.ts'
import type { CallerObservation } from '../../src/login/observation.ts'
import { type Capabilities, deadlinesFor, type Terms } from '../../src/login/terms.ts'
import type { Picture } from '../../src/pictures/fetch-picture.ts'
import type { PollerOptions } from '../../src/poller/options.ts'
import { type Poller, startPoller } from '../../src/poller/poller.ts'
import type { Time } from '../../src/poller/time.ts'
import { ipadCapabilities } from '../../src/provider/ipad/ipad.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { FakeProvider } from '../support/fake-provider.ts'
import { ManualClock } from '../support/manual-clock.ts'

export const second = 1_000
const tenant = 'default'

/** Verbs that a process calls on its own, whatever its logins do. */
const chores: ReadonlySet<string> = new Set([
  'beat',
  'claim',
  'claimOperations',
  'ownedVersions',
  'changedVersions',
  'readDueLooks',
  'readFollowed',
  'readFollowedOf',
  'readFollowedOn',
])

/** Sees every call of a store, and cuts them off where the process is killed. */
class Watch {
  pending = 0
  killed = false
  readonly calls: string[] = []
  /** Throws in place of the call, where it says so. */
  breaks: (verb: string, args: readonly unknown[]) => Error | null = () => null
  /** Answers in place of the store. */
  answers: ((verb: string) => unknown) | null = null

  on(store: Store): Store {
    return new Proxy(store, {
      get: (target, verb, receiver) => {
        const found: unknown = Reflect.get(target, verb, receiver)
        if (typeof found !== 'function' || typeof verb !== 'string') return found
        return (...args: unknown[]) => this.#seen(verb, args, () => Reflect.apply(found, target, args))
      },
    })
  }

  /** Calls about logins since the last time that this was asked. */
  take(): readonly string[] {
    return this.calls.splice(0).filter(verb => !chores.has(verb))
  }

  async #seen(verb: string, args: readonly unknown[], call: () => unknown): Promise<unknown> {
    if (this.killed) return await new Promise(() => {})
    this.calls.push(verb)
    this.pending++
    try {
      const broken = this.breaks(verb, args)
      if (broken !== null) throw broken
      const answer = await (this.answers?.(verb) ?? call())
      return this.killed ? await new Promise(() => {}) : answer
    } finally {
      this.pending--
    }
  }
}

export interface Process {
  readonly poller: Poller
  readonly bus: ReturnType<typeof openMemoryBus<Carried>>
  readonly watch: Watch
  readonly store: Store
  readonly log: readonly object[]
  /** Nothing of it happens any more, and nothing is given back. */
  kill(): void
}

export class Gateway implements AsyncDisposable {
  readonly clock = new ManualClock()
  readonly provider: FakeProvider
  readonly processes: Process[] = []
  readonly #database: TestDatabase
  fetched: string[] = []
  /** Set by stories in which something of ours is broken on purpose. */
  errorsExpected = false
  fetchPicture: (url: string, signal: AbortSignal) => Promise<Picture> = async () => ({
    bytes: new Uint8Array([1, 2, 3]),
    type: 'image/png',
  })

  constructor(database: TestDatabase, capabilities: Partial<Capabilities> = {}) {
    this.#database = database
    this.provider = new FakeProvider({ time: this.clock, capabilities })
  }

  /** The process that began last. */
  get now(): Process {
    const last = this.processes.at(-1)
    if (last === undefined) throw new Error('No process was begun')
    return last
  }

  get watch(): Watch {
    return this.now.watch
  }

  async begin(options: Partial<PollerOptions> = {}): Promise<Process> {
    const clock = { ...this.clock.wall, learn: async () => {} }
    const opened = await this.#database.open({ clock, instanceId: `process-${this.processes.length}` })
    const watch = new Watch()
    const store = watch.on(opened)
    const log: object[] = []
    const bus = openMemoryBus<Carried>(error => log.push({ error }))
    const time: Time = {
      now: () => this.clock.now(),
      setTimer: (ms, fired) => this.clock.setTimer(ms, () => (watch.killed ? undefined : fired())),
    }
    const poller = startPoller({
      store,
      bus,
      time,
      providers: new Map([[this.provider.name, this.provider]]),
      pictures: {
        fetch: async (url, _origin, signal) => {
          this.fetched.push(url)
          return await this.fetchPicture(url, signal)
        },
        decode: async () => 'http://weixin.qq.com/x/abc',
      },
      earlyDropSeconds: 60,
      log: {
        warn: (fields, message) => log.push({ ...fields, message }),
        error: (fields, message) => log.push({ ...fields, message }),
      },
      ...options,
    })
    const kill = () => {
      watch.killed = true
    }
    const begun = { poller, bus, watch, store: opened, log, kill }
    this.processes.push(begun)
    await poller.start()
    await this.settle()
    return begun
  }

  /** Registers a device (upstream too, where `create` says so) and starts a login on it, as the API would. */
  async startLogin(terms: Partial<Terms> = {}, on: string | null = null): Promise<string> {
    const { store, bus } = this.now
    const deviceId = on ?? (await this.register(`device-${newId(this.clock.wall.now())}`, false)).device.id
    const started = this.clock.wall.now()
    const { state } = begin(this.#terms({ started, ...terms }))
    const loginId = newId(started)
    const answer = await store.startLogin({
      loginId,
      tenant,
      deviceId,
      startedBy: 'test',
      reference: null,
      continues: null,
      terms: state.terms,
      state,
      advisories: [],
      idempotency: null,
      replaces: null,
    })
    if (answer.kind !== 'CREATED') throw new Error(`The login was not started: ${answer.kind}`)
    const at = this.now.store.clock.now()
    bus.ring({ id: loginId, sequence: 1, carried: { kind: 'RECORDED', turn: answer.turn, events: [], at } })
    await this.settle()
    return loginId
  }

  register(deviceKey: string, create: boolean) {
    return this.now.store.registerDevice({
      tenant,
      provider: this.provider.name,
      deviceKey,
      upstreamId: `up-${deviceKey}`,
      settings: {
        label: null,
        deviceType: 'IPAD',
        province: '广东',
        city: null,
        proxy: null,
        ttuid: null,
      },
      inputHash: deviceKey,
      changedBy: 'test',
      create,
    })
  }

  /** What a caller does, through the store, with the ring that follows. */
  async caller(
    loginId: string,
    observation: CallerObservation,
    rings: 'CARRIED' | 'BARE' | 'LOST' = 'CARRIED',
  ) {
    const { store, bus } = this.now
    const recorded = await store.record(loginId, observation)
    if (recorded.kind !== 'RECORDED') throw new Error(`Nothing was recorded: ${recorded.kind}`)
    const { sequence } = recorded.turn.state
    if (rings === 'CARRIED') bus.ring({ id: loginId, sequence, carried: recorded })
    if (rings === 'BARE') bus.ring({ id: loginId, sequence })
    await this.settle()
  }

  async login(loginId: string): Promise<LoginRecord> {
    const login = await this.now.store.readLogin(tenant, loginId)
    if (login === null) throw new Error('No such login')
    return login
  }

  async events(loginId: string): Promise<readonly RecordedEvent[]> {
    return (await this.now.store.readProgress(tenant, loginId, 0, 100))?.events ?? []
  }

  async eventKinds(loginId: string): Promise<readonly string[]> {
    return (await this.events(loginId)).map(({ body }) => body.kind)
  }

  async secrets(loginId: string) {
    return await this.now.store.readSecrets(tenant, loginId)
  }

  /** Pushes the clock, letting everything happen that follows at each moment. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms, () => this.settle())
  }

  /** Pushes the clock until that call is made, a minute at most. */
  async until(call: { readonly made: boolean }): Promise<void> {
    for (let passed = 0; !call.made; passed += 10) {
      if (passed > 60 * second) throw new Error('The call was never made')
      await this.pass(10)
    }
  }

  /** Until no store is asked anything and nothing more follows by itself. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet++) {
      await new Promise(resolve => setImmediate(resolve))
      if (this.processes.some(({ watch }) => watch.pending > 0 && !watch.killed)) quiet = -1
    }
  }

  #terms(change: Partial<Terms>): Terms {
    return {
      strategy: 'QR_CODE',
      firstMethod: 'QR_CODE',
      deviceType: 'IPAD',
      expectedWcId: null,
      started: this.clock.wall.now(),
      capabilities: this.provider.capabilities,
      deadlines: deadlinesFor(this.provider.capabilities),
      firstOnDevice: false,
      qrCodesPerHour: 0,
      recentQrCodes: [],
      seenOnline: false,
      pauseAtScan: false,
      scannedUnconfirmed: 0,
      knownHandles: [],
      ...change,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { poller, watch } of this.processes) {
      if (watch.killed) continue
      const stopped = poller.stop()
      // A risky call that hangs is waited for.
      await this.pass(3 * second)
      await stopped
    }
    const errors = this.processes.flatMap(({ log }) => log)
    await this.#database[Symbol.asyncDispose]()
    if (errors.length > 0 && !this.errorsExpected) throw new Error(`It logged ${JSON.stringify(errors)}`)
  }
}

export const aGateway = async (options: Partial<PollerOptions> = {}): Promise<Gateway> => {
  const gateway = new Gateway(await freshDatabase('pglite'))
  await gateway.begin(options)
  return gateway
}

/** Its upstream's polls hang, and its pushes are answered to whoever sent them. */
export const aHangingGateway = async (options: Partial<PollerOptions> = {}): Promise<Gateway> => {
  const gateway = new Gateway(await freshDatabase('pglite'), ipadCapabilities)
  await gateway.begin(options)
  return gateway
}

/** Milliseconds between one and the next. */
export const gaps = (moments: readonly { readonly at: number }[]): readonly number[] =>
  moments.slice(1).map(({ at }, index) => at - (moments[index]?.at ?? 0))
