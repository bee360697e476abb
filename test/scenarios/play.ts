// Plays one scenario of the simulator against a gateway: the phone's part by the simulator's script, the caller's part
// here, three watchers beside it. What they saw is handed back to be held against what the scenario expects.

import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { Scenario } from '../../simulator/scenario.ts'
import type { Simulator } from '../../simulator/server.ts'
import {
  type Address,
  act,
  collect,
  eventsOf,
  registerDevice,
  type SeenEvent,
  type SeenUpdate,
  startLogin,
  type Watching,
  watchByEvents,
  watchBySocket,
} from '../support/api-client.ts'
import { providerOf, type TestGateway } from '../support/gateway.ts'

type Client = Scenario['client']
type ClientStep = NonNullable<Client['steps']>[number]

export interface Played {
  /** The simulator's name for the device, or for the desk that its exit stands for. */
  readonly slot: string
  /** Calls of this login begin after this one. */
  readonly callsBefore: number
  readonly original: readonly SeenUpdate[]
  readonly late: readonly SeenEvent[]
  readonly resumed: readonly SeenEvent[]
  readonly watchedByEvents: readonly SeenEvent[]
}

/** A first sign-in, so that the gateway knows the account. */
const acquaint = async (
  { address: at, database }: TestGateway,
  simulator: Simulator,
  { dialect, gateway }: Scenario,
  deviceId: string,
  slot: string,
) => {
  const { login, message } = await startLogin(at, { deviceId, strategy: 'QR_CODE' })
  if (login === undefined) throw new Error(message)
  await simulator.world.when('qrIssued', slot)
  simulator.world.phone(slot).scan()
  // Where no scan is told, there is nothing to wait for.
  if (dialect === 'open') await simulator.world.when('scanSeen', slot)
  simulator.world.phone(slot).confirm()
  await collect(watchBySocket(at, login.id, 0))
  simulator.world.phone(slot).goOffline('loggedOutOnPhone')
  if (gateway?.firstDayOver) {
    const { wcId } = simulator.world.person(simulator.world.device(slot), 'owner')
    await database.rows(sql`update account set probation_until = null where wc_id = ${wcId}`)
  }
}

export const play = async (
  gateway: TestGateway,
  simulator: Simulator,
  scenario: Scenario,
): Promise<Played> => {
  const at = gateway.address
  const { client, dialect } = scenario
  const registered = await registerDevice(at, {
    provider: providerOf(dialect),
    deviceKey: scenario.name,
    deviceType: client.deviceType ?? 'IPAD',
    ...(client.province === undefined ? {} : { province: client.province }),
    ...(client.proxied || dialect === 'ipad'
      ? { proxy: { host: 'proxy.test', port: 1080, username: scenario.name, password: 'secret' } }
      : {}),
  })
  if (registered.device === undefined) throw new Error(registered.message)
  const { id: deviceId, upstreamId } = registered.device
  // An upstream without devices tells desks apart by their line.
  const slot = dialect === 'open' ? upstreamId : `ipad:${scenario.name}`
  if (scenario.gateway?.knowsAccount) await acquaint(gateway, simulator, scenario, deviceId, slot)

  const playing = simulator.world.play(scenario, slot)
  // One list of who is online serves a whole second, and must not be from before.
  if (dialect === 'ipad' && scenario.gateway?.knowsAccount) await wait(1_050)
  const counts = momentsNow(simulator, slot, client.steps ?? [])
  const callsBefore = simulator.log.calls({ limit: 1 }).at(-1)?.id ?? 0
  const expects =
    client.expects === undefined
      ? {}
      : { expectedWcId: simulator.world.person(simulator.world.device(slot), client.expects).wcId }
  const started = await startLogin(at, { deviceId, strategy: client.strategy, ...expects })
  if (started.login === undefined) throw new Error(`${scenario.name}: ${started.message}`)
  const loginId = started.login.id

  const original = new Audience(watchBySocket(at, loginId, 0))
  const steps = Promise.all(
    (client.steps ?? []).map(async (step, index) => {
      await due(step, { simulator, slot, original, before: counts[index] ?? 0 })
      if (step.after !== undefined) await wait(step.after)
      const answer = await act(at, step.do, loginId, codeOf(step, simulator, slot))
      if (answer.code !== undefined)
        throw new Error(`${scenario.name}: ${step.do} was refused: ${answer.message}`)
    }),
  )
  const resumed = resuming(at, loginId)
  const byEvents = collect(watchByEvents(at, loginId, 0)).then(eventsOf)
  await original.sees(update => (update.event?.sequence ?? 0) >= 2)
  const late = collect(watchBySocket(at, loginId, 0)).then(eventsOf)

  const [seen] = await Promise.all([original.all, steps])
  playing.stop()
  if (playing.problems.length > 0) throw new Error(`${scenario.name}: ${playing.problems.join('; ')}`)
  return {
    slot,
    callsBefore,
    original: seen,
    late: await late,
    resumed: await resumed,
    watchedByEvents: await byEvents,
  }
}

/** Drops after every second event, and comes back with the number that it saw last. */
const resuming = async (at: Address, loginId: string): Promise<readonly SeenEvent[]> => {
  const events: SeenEvent[] = []
  while (events.at(-1)?.__typename !== 'LoginEnded') {
    const before = events.length
    const watching = watchBySocket(at, loginId, events.at(-1)?.sequence ?? 0)
    for await (const { event } of watching) {
      if (event !== null) events.push(event)
      if (events.length >= before + 2) break
    }
  }
  return events
}

/** Who watches to the end, and whom others may ask what has been seen. */
class Audience {
  readonly all: Promise<readonly SeenUpdate[]>
  readonly #seen: SeenUpdate[] = []
  readonly #waiting = new Set<() => void>()

  constructor(watching: Watching) {
    this.all = this.#watch(watching)
  }

  /** Resolves once some update fits, or all have been seen. */
  async sees(fits: (update: SeenUpdate, seen: readonly SeenUpdate[]) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => {
      if (!this.#seen.some(update => fits(update, this.#seen))) return
      this.#waiting.delete(look)
      resolve()
    }
    this.#waiting.add(look)
    look()
    await Promise.race([promise, this.all])
  }

  async #watch(watching: Watching): Promise<readonly SeenUpdate[]> {
    for await (const update of watching) {
      this.#seen.push(update)
      for (const look of this.#waiting) look()
    }
    return this.#seen
  }
}

const momentsNow = (simulator: Simulator, slot: string, steps: readonly ClientStep[]): readonly number[] =>
  steps.map(({ when }) => ('moment' in when ? simulator.world.count(when.moment, slot) : 0))

interface Stage {
  readonly simulator: Simulator
  readonly slot: string
  readonly original: Audience
  readonly before: number
}

const due = async ({ when }: ClientStep, { simulator, slot, original, before }: Stage): Promise<void> => {
  const nth = when.nth ?? 1
  if ('moment' in when) {
    await simulator.world.when(when.moment, slot, before + nth)
    // The phone may be ahead of a gateway that is still looking at the picture of the code.
    return await original.sees(({ event }) => (event?.sequence ?? 0) >= 2)
  }
  await original.sees((_, seen) => {
    const matching = seen.filter(({ event }) =>
      'event' in when ? event?.__typename === when.event : event?.state === when.state,
    )
    return matching.length >= nth
  })
}

const codeOf = (step: ClientStep, simulator: Simulator, slot: string): string | undefined => {
  if (step.do !== 'submitVerifyCode') return undefined
  const shown = simulator.world.phone(slot).look().code ?? ''
  if (step.code === 'shown' || step.code === undefined) return shown
  return step.code === 'wrong'
    ? shown.replace(/^./u, first => (first === '9' ? '0' : String(Number(first) + 1)))
    : step.code
}
