// A gateway's process on data that outlives it, an upstream with phones, and the logins that a kill is to meet in some
// state. What they are brought to, and what must follow, is each dialect's own story.

import { expect } from 'vitest'
import type { Endpoint } from '../../simulator/endpoints.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import {
  collect,
  eventsOf,
  registerDevice,
  type SeenEvent,
  type SeenUpdate,
  startLogin,
  watchBySocket,
} from '../support/api-client.ts'
import { type EngineName, freshDatabase, type TestDatabase } from '../support/database.ts'
import { type Dialect, providerOf, providersOn, testKey } from '../support/gateway.ts'
import { freePort, type GatewayProcess, startProcess, temporaryFolder } from '../support/gateway-process.ts'

export interface Subject {
  readonly name: string
  readonly deviceId: string
  /** The simulator's name for the device, or for the desk that its exit stands for. */
  readonly slot: string
  loginId: string
  /** Events up to the kill. */
  seen: readonly SeenEvent[]
}

/** A second provider on the same upstream, with lines and a circuit of its own. */
export const twin = 'twin'

const noLimits = JSON.stringify({
  loginsPerHour: 0,
  qrCodesPerHour: 0,
  promptHoldSeconds: 0,
  earlyDropSeconds: 0,
  exitRejectedHours: 0,
})

export class Stage implements AsyncDisposable {
  readonly simulator: Simulator
  readonly dialect: Dialect
  gateway: GatewayProcess
  readonly #start: () => Promise<GatewayProcess>
  readonly #leave: () => Promise<void>
  readonly #subjects = new Map<string, Subject>()

  private constructor(parts: {
    simulator: Simulator
    dialect: Dialect
    gateway: GatewayProcess
    start: () => Promise<GatewayProcess>
    leave: () => Promise<void>
  }) {
    this.simulator = parts.simulator
    this.dialect = parts.dialect
    this.gateway = parts.gateway
    this.#start = parts.start
    this.#leave = parts.leave
  }

  static async open(engine: EngineName, dialect: Dialect): Promise<Stage> {
    const folder = await temporaryFolder()
    const simulator = await startSimulator()
    const port = await freePort()
    const database: TestDatabase | null = engine === 'postgres' ? await freshDatabase('postgres') : null
    const onServer = {
      DATABASE_URL: database?.url ?? '',
      GATEHOUSE_PROFILE: 'development',
      GATEHOUSE_ADMIN_KEY: testKey,
      GATEHOUSE_SECRET: '07'.repeat(32),
    }
    const start = () =>
      startProcess(folder.path, port, {
        ...(engine === 'postgres' ? onServer : {}),
        GATEHOUSE_PROVIDERS: JSON.stringify([
          ...providersOn(simulator, [dialect]),
          // One that can fall ill by itself.
          ...providersOn(simulator, [dialect]).map(one => ({ ...one, name: twin })),
        ]),
        LOGIN_LIMITS: noLimits,
        LOG_LEVEL: 'warn',
      })
    const leave = async () => {
      await simulator.close()
      await folder[Symbol.asyncDispose]()
      await database?.[Symbol.asyncDispose]()
    }
    return new Stage({ simulator, dialect, gateway: await start(), start, leave })
  }

  /** Devices, one for each name. */
  async register(names: readonly string[], provider = providerOf(this.dialect)): Promise<void> {
    for (const name of names) {
      const deviceKey = name.replaceAll(' ', '-')
      const answer = await registerDevice(this.gateway.address, {
        provider,
        deviceKey,
        province: '广东',
        // An upstream without devices tells desks apart by their line.
        ...(this.dialect === 'ipad'
          ? { proxy: { host: 'proxy.test', port: 1080, username: deviceKey } }
          : {}),
      })
      if (answer.device === undefined) throw new Error(answer.message)
      const { id, upstreamId } = answer.device
      const slot = this.dialect === 'ipad' ? `ipad:${deviceKey}` : upstreamId
      this.#subjects.set(name, { name, deviceId: id, slot, loginId: '', seen: [] })
    }
  }

  subject(name: string): Subject {
    const found = this.#subjects.get(name)
    if (found === undefined) throw new Error(`Nobody is called ${name}`)
    return found
  }

  phone(name: string) {
    return this.simulator.world.phone(this.subject(name).slot)
  }

  async begin(name: string, strategy: 'QR_CODE' | 'PUSH' = 'QR_CODE'): Promise<void> {
    const { deviceId } = this.subject(name)
    const { login, message } = await startLogin(this.gateway.address, { deviceId, strategy })
    if (login === undefined) throw new Error(`${name}: ${message}`)
    this.subject(name).loginId = login.id
  }

  /** Resolves with the first update that fits, from the first event on. */
  async until(name: string, fits: (update: SeenUpdate) => boolean): Promise<SeenUpdate> {
    const watching = watchBySocket(this.gateway.address, this.subject(name).loginId, 0)
    for await (const update of watching) if (fits(update)) return update
    throw new Error('The login ended before')
  }

  inState(name: string, state: string): Promise<SeenUpdate> {
    return this.until(name, update => update.login.state === state)
  }

  calls(name: string, endpoint: Endpoint) {
    return this.simulator.world.calls(endpoint, this.subject(name).slot)
  }

  asked(name: string, endpoint: Endpoint, count = 1): Promise<void> {
    return this.simulator.world.when(`asked:${endpoint}`, this.subject(name).slot, count)
  }

  /** The next call of that kind is never answered; `applied`: and does what it would have done. */
  hang(name: string, endpoint: Endpoint, effect: 'applied' | 'none'): void {
    const { slot } = this.subject(name)
    this.simulator.world.faults.add({ endpoint, kind: 'hang', effect, deviceId: slot, times: 1 })
  }

  /** The same data, a new process. */
  async restart(): Promise<void> {
    this.simulator.world.faults.clear()
    this.gateway = await this.#start()
  }

  /** To be called before the kill. */
  async remember(): Promise<void> {
    for (const subject of this.#subjects.values())
      if (subject.loginId !== '') subject.seen = await this.#soFar(subject.loginId)
  }

  /** What happened in it, to its end. */
  async story(name: string): Promise<readonly SeenEvent[]> {
    return eventsOf(await collect(watchBySocket(this.gateway.address, this.subject(name).loginId, 0)))
  }

  /** Nothing lost, nothing doubled: what was seen before the kill is the beginning of what is there now. */
  continues(name: string, events: readonly SeenEvent[], end = 'CONFIRMED'): void {
    const { seen } = this.subject(name)
    expect(events.map(event => event.sequence)).toEqual(events.map((_, index) => index + 1))
    expect(events.slice(0, seen.length)).toEqual(seen)
    expect(events.at(-1)).toMatchObject({ __typename: 'LoginEnded', state: end })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.kill()
    await this.#leave()
  }

  /** The events up to now; a login under way does not complete its watch. */
  async #soFar(loginId: string): Promise<readonly SeenEvent[]> {
    const watching = watchBySocket(this.gateway.address, loginId, null)
    const newest = await (async () => {
      for await (const update of watching) return update.login.sequence
      return 0
    })()
    const events: SeenEvent[] = []
    for await (const { event } of watchBySocket(this.gateway.address, loginId, 0)) {
      if (event !== null) events.push(event)
      if (events.length >= newest) break
    }
    return events
  }
}
