// One run of a watched server: watchers join, events come, and what an event cost is what the server used meanwhile,
// less what it uses while nothing happens.

import type { Crowd } from '../processes/crowd.ts'
import type { Child } from './child.ts'
import type { Memory, Stretch, stretches } from './gauge.ts'
import { until } from './until.ts'

/** Watchers that are there before memory is looked at, so that what is made once is not told as theirs. */
const pioneers = 10
/** Seconds in which everything is compiled. */
const warmUp = 5
const idleSeconds = 5

/** A process with the verbs of `stretches`, as far as a run asks for them. */
export interface Watched {
  readonly begin: () => Promise<void>
  readonly end: () => Promise<Stretch>
  readonly idle: (seconds: number) => Promise<Stretch>
  readonly memory: () => Promise<Memory>
}

export const asWatched = (child: Child<ReturnType<typeof stretches>>): Watched => ({
  begin: () => child.ask('begin'),
  end: () => child.ask('end'),
  idle: seconds => child.ask('idle', seconds),
  memory: () => child.ask('memory'),
})

export interface Result {
  readonly usPerEvent: number
  readonly bytesPerFrame: number
  readonly lagP99: number
  readonly latencies: readonly number[]
  readonly heapPerWatcher: number
  readonly residentPerWatcher: number
  /** A frame of each kind of event as it came, for whoever is to write the same. */
  readonly examples: readonly string[]
}

export interface Run {
  readonly server: Watched
  /** So many events of every login; resolves when the last has been made, with the milliseconds of CPU that making them took. */
  readonly ring: (times: number) => Promise<{ readonly makingMs: number }>
  readonly crowd: Child<Crowd>
  readonly url: string
  /** Of the API, one for each watcher, each with a socket. */
  readonly ids: readonly string[]
  /** Between two events of a login, in milliseconds. */
  readonly every: number
  readonly seconds: number
}

export const watched = async ({ server, ring, crowd, url, ids, every, seconds }: Run): Promise<Result> => {
  const join = (some: readonly string[]) => crowd.ask('watch', { url, ids: some, sockets: some.length })
  await join(ids.slice(0, pioneers))
  const before = await server.memory()
  await join(ids.slice(pioneers))
  const after = await server.memory()
  const idle = await server.idle(idleSeconds)
  const early = Math.ceil((warmUp * 1_000) / every)
  await ring(early)
  await arrived(crowd, early * ids.length)
  const times = Math.ceil((seconds * 1_000) / every)
  await server.begin()
  const { makingMs } = await ring(times)
  const counted = await arrived(crowd, times * ids.length)
  const stretch = await server.end()
  const others = makingMs + (idle.cpuMs / idle.wallMs) * stretch.wallMs
  return {
    usPerEvent: ((stretch.cpuMs - others) * 1_000) / counted.frames,
    bytesPerFrame: counted.bytes / counted.frames,
    lagP99: stretch.lagP99,
    latencies: counted.latencies,
    heapPerWatcher: (after.heap - before.heap) / (ids.length - pioneers),
    residentPerWatcher: (after.resident - before.resident) / (ids.length - pioneers),
    examples: await updates(crowd),
  }
}

type Counts = Awaited<ReturnType<Crowd['counts']>>

/** Waits for so many frames. */
const arrived = async (crowd: Child<Crowd>, expected: number): Promise<Counts> => {
  let counted: Counts = { frames: 0, bytes: 0, ended: 0, latencies: [] }
  await until(async () => {
    counted = added(counted, await crowd.ask('counts'))
    return counted.frames >= expected
  }, 60_000)
  return counted
}

/** Throws where what came is no update, which would be cheap to send. */
const updates = async (crowd: Child<Crowd>): Promise<readonly string[]> => {
  const examples = await crowd.ask('examples')
  for (const example of examples)
    if (!example.includes('"event":{') || example.includes('"errors":'))
      throw new Error(`This is no update: ${example}`)
  return examples
}

/** Of two stretches of time, one after the other. */
export const added = (earlier: Counts, later: Counts): Counts => ({
  frames: earlier.frames + later.frames,
  bytes: earlier.bytes + later.bytes,
  ended: earlier.ended + later.ended,
  latencies: [...earlier.latencies, ...later.latencies],
})
