// One run of a watched server: watchers join, events come, and what an event cost is what the server used meanwhile.

import type { Crowd } from '../processes/crowd.ts'
import type { Child } from './child.ts'
import type { Memory, Stretch } from './gauge.ts'
import { until } from './until.ts'

/** Between two events of a login, in milliseconds: below what every server can carry. */
export const every = 250
const warmUp = 20

export interface Watched {
  /** So many events of every login; resolves when the last has been made. */
  readonly ring: (times: number) => Promise<Stretch>
  readonly memory: () => Promise<Memory>
}

export interface Result {
  readonly usPerEvent: number
  readonly bytesPerFrame: number
  readonly lagP99: number
  readonly latencies: readonly number[]
  readonly heapPerWatcher: number
  readonly residentPerWatcher: number
  /** A frame as it came, for whoever is to write the same. */
  readonly newest: string
}

export interface Run {
  readonly server: Watched
  readonly crowd: Child<Crowd>
  readonly url: string
  /** Of the API, one for each watcher. */
  readonly ids: readonly string[]
  readonly sockets?: number
  readonly times: number
}

export const watched = async ({ server, crowd, url, ids, sockets, times }: Run): Promise<Result> => {
  // What making the events costs, with nobody there to be told, is not counted.
  await server.ring(warmUp)
  const unheard = await server.ring(times)
  const before = await server.memory()
  await crowd.ask('watch', { url, ids, sockets: sockets ?? ids.length })
  const after = await server.memory()
  await server.ring(warmUp)
  await arrived(crowd, warmUp * ids.length)
  const stretch = await server.ring(times)
  const counted = await arrived(crowd, times * ids.length)
  return {
    usPerEvent: ((stretch.cpuMs - unheard.cpuMs) * 1_000) / counted.frames,
    bytesPerFrame: counted.bytes / counted.frames,
    lagP99: stretch.lagP99,
    latencies: counted.latencies,
    heapPerWatcher: (after.heap - before.heap) / ids.length,
    residentPerWatcher: (after.resident - before.resident) / ids.length,
    newest: counted.newest,
  }
}

const arrived = async (crowd: Child<Crowd>, expected: number) => {
  let counted = { frames: 0, bytes: 0, newest: '', latencies: [] as number[] }
  await until(async () => {
    const { frames, bytes, newest, latencies } = await crowd.ask('counts')
    counted = {
      frames: counted.frames + frames,
      bytes: counted.bytes + bytes,
      newest: newest || counted.newest,
      latencies: [...counted.latencies, ...latencies],
    }
    return counted.frames >= expected
  }, 60_000)
  return counted
}
