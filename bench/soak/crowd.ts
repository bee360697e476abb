// The other side of a soak, in one process: the simulator with both dialects, its people, and their frontends. It counts
// and judges; what the gateway's process comes to is somebody else's.

import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { type Address, registerDevice } from '../../test/support/api-client.ts'
import { answerParent } from '../support/child.ts'
import { gauge } from '../support/gauge.ts'
import { until } from '../support/until.ts'
import { Calls } from './calls.ts'
import { sitAt } from './desk.ts'
import { letFaultsHappen } from './faults.ts'
import { chanceOf } from './random.ts'
import { Tally } from './tally.ts'

export interface CrowdStart {
  readonly gateway: Address
  /** What the gateway's process tells of its own calls. */
  readonly inside: string
  readonly providers: Readonly<Record<'open' | 'ipad', string>>
  /** Under way at any time, over both dialects. */
  readonly logins: number
  readonly seed: number
  /** Share of all calls that meet a fault. */
  readonly faults: number
  /** Milliseconds over which the desks begin. */
  readonly rampUp: number
  readonly patience: readonly [number, number]
  readonly pace: readonly [number, number]
}

/** Calls that the log remembers: longer than from one look at it to the next. */
const logSize = 50_000
let simulator: Simulator | null = null
let calls: Calls | null = null
let stopFaults = () => {}
const tally = new Tally()
const stop = new AbortController()
let sitting: Promise<unknown> = Promise.resolve()

let gauged = gauge()

const counted = () => ({
  ...tally.told(),
  faults: Object.fromEntries(calls?.faults ?? []),
  calls: simulator?.log.last ?? 0,
})

const verbs = {
  listen: async () => {
    simulator = await startSimulator({ logSize })
    // So that some die unscanned, and by the upstream's word.
    simulator.world.set({ timings: { ipadQrLifetimeMs: 90_000 } })
    return { url: simulator.url, token: simulator.token }
  },
  begin: async (start: CrowdStart) => {
    if (simulator === null) throw new Error('Nobody listens')
    const { world } = simulator
    const gathered = new Calls(world, start.inside)
    calls = gathered
    setInterval(() => gathered.read().catch(error => tally.broke(error)), 1_000).unref()
    const desks = await registerAll(start)
    const chance = chanceOf(start.seed)
    stopFaults = letFaultsHappen(world, chanceOf(start.seed + 1), start.faults)
    sitting = Promise.all(
      desks.map(async (desk, number) => {
        const own = chanceOf(Math.floor(chance.next() * 2 ** 32))
        await new Promise(resolve => setTimeout(resolve, (number / desks.length) * start.rampUp))
        await sitAt({
          ...desk,
          world,
          calls: gathered,
          chance: own,
          gateway: start.gateway,
          tally,
          patience: start.patience,
          pace: start.pace,
          stop: stop.signal,
        })
      }),
    )
    // The parent asks for what came of it by `finish`.
    sitting.catch(() => {})
  },
  told: () => {
    // Where this side is late itself, what follows says nothing of the gateway.
    const { lagP99, cpuMs, wallMs } = gauged.end()
    gauged = gauge()
    return { ...counted(), load: { lagP99, cpu: cpuMs / wallMs } }
  },
  /** No more faults and no more logins; resolves when the last one is over. */
  finish: async () => {
    stopFaults()
    stop.abort()
    await Promise.race([sitting, until(async () => tally.live === 0, 120_000)])
    await sitting
    return counted()
  },
}

const registerAll = async ({ gateway, providers, logins }: CrowdStart) => {
  const numbers = [...Array(logins).keys()]
  const register = async (number: number) => {
    const dialect = number % 2 === 0 ? ('open' as const) : ('ipad' as const)
    let devices = 0
    const newDevice = () => registerOne({ gateway, providers }, dialect, `soak-${number}-${++devices}`)
    return { dialect, newDevice, ...(await newDevice()) }
  }
  const desks = []
  for (let at = 0; at < logins; at += 50)
    desks.push(...(await Promise.all(numbers.slice(at, at + 50).map(register))))
  return desks
}

/** `user`: a name of its own, by which an `ipad` line is known upstream. */
const registerOne = async (
  { gateway, providers }: Pick<CrowdStart, 'gateway' | 'providers'>,
  dialect: 'open' | 'ipad',
  user: string,
) => {
  const { device, message } = await registerDevice(gateway, {
    provider: providers[dialect],
    deviceKey: user,
    province: '广东',
    ...(dialect === 'open'
      ? {}
      : { proxy: { host: '10.0.0.1', port: 1_080, username: user, password: 'none' } }),
  })
  if (device === undefined) throw new Error(message)
  return { deviceId: device.id, slot: dialect === 'open' ? device.upstreamId : `ipad:${user}` }
}

export type Crowd = typeof verbs

answerParent(verbs, async () => {
  calls?.close()
  await simulator?.close()
})
