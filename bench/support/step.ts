// One rate of events for a crowd that is there: what it costs, how late frames come, and what gives out under it.

import { setTimeout as wait } from 'node:timers/promises'
import type { Crowd } from '../processes/crowd.ts'
import type { WatchedServer } from '../processes/watched-server.ts'
import type { Child } from './child.ts'
import type { Stretch } from './gauge.ts'
import { percentile } from './numbers.ts'
import { added } from './watched.ts'

/** A core that is so busy has nothing left. */
const spent = 0.95
/** A wall that is so late is no live one. Milliseconds. */
const tooLate = 1_000
/** A core that others have for so much of the time measures them. */
const shared = 0.1
/** With nothing that arrives, what is missing will not come any more. Milliseconds. */
const patience = 5_000

export interface Step {
  readonly usPerEvent: number
  readonly delivered: number
  readonly server: Stretch
  readonly clients: Stretch
  /** From the moment that an event was due to its frame, in milliseconds. */
  readonly latencies: readonly number[]
  /** Of the server, in bytes. */
  readonly resident: number
  /** Null: it was carried. */
  readonly gaveOut: string | null
}

export interface Taking {
  readonly child: Child<WatchedServer>
  readonly crowd: Child<Crowd>
  /** Events a second, of one login after the other. */
  readonly rate: number
  readonly seconds: number
  readonly watchersOfEach: number
  /** Of the core, by what the server does while nothing happens. */
  readonly idleShare: number
}

export const take = async ({
  child,
  crowd,
  rate,
  seconds,
  watchersOfEach,
  idleShare,
}: Taking): Promise<Step> => {
  await crowd.ask('counts')
  await child.ask('begin')
  await crowd.ask('begin')
  const { told, makingMs } = await child.ask('flow', { rate, seconds })
  const counted = await arrived(crowd, told * watchersOfEach)
  const clients = await crowd.ask('end')
  const server = await child.ask('end')
  const { resident } = await child.ask('memory')
  const step = {
    usPerEvent: ((server.cpuMs - makingMs - idleShare * server.wallMs) * 1_000) / counted.frames,
    delivered: counted.frames / (server.wallMs / 1_000),
    server,
    clients,
    latencies: counted.latencies,
    resident,
  }
  return { ...step, gaveOut: limit(step, counted.ended, told * watchersOfEach - counted.frames) }
}

/** What comes until all is there, or nothing comes any more. */
const arrived = async (crowd: Child<Crowd>, expected: number) => {
  let counted = await crowd.ask('counts')
  let last = performance.now()
  while (counted.frames < expected && performance.now() - last < patience) {
    await wait(50)
    const more = await crowd.ask('counts')
    if (more.frames > 0) last = performance.now()
    counted = added(counted, more)
  }
  return counted
}

const percent = ({ cpuMs, wallMs }: Stretch): string => `${((cpuMs / wallMs) * 100).toFixed(0)} %`

const limit = (step: Omit<Step, 'gaveOut'>, ended: number, missing: number): string | null => {
  const { server, clients, latencies } = step
  const p99 = percentile(latencies, 0.99)
  const isSpent = ({ cpuMs, wallMs }: Stretch) => cpuMs / wallMs >= spent
  const busy = `server ${percent(server)} busy, clients ${percent(clients)}, p99 ${p99} ms`
  if (ended > 0) return `${ended} watchers were ended (${busy})`
  if (missing > 0) return `${missing} updates did not come (${busy})`
  if (isSpent(server)) return `the server's core gave out (${busy})`
  if (isSpent(clients)) return `the clients' core gave out before the server's (${busy})`
  if (p99 > tooLate && server.deniedMs / server.wallMs > shared)
    return `others had the server's core for ${Math.round(server.deniedMs)} ms: measure again (${busy})`
  return p99 > tooLate ? `updates came too late (${busy})` : null
}
