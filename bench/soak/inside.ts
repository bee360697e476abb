// Loaded into the gateway's process before its own main module (`--import`): tells, on a loopback port of its own, what
// cannot be seen from outside. Touches nothing of the gateway.

import { createServer } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { listen, newsAfter } from './wire.ts'

export interface Inside {
  /** After a collection, in bytes. */
  readonly heap: number
  readonly external: number
  /** Before that collection. */
  readonly resident: number
  readonly handles: Readonly<Record<string, number>>
  /** Since it was last asked, in milliseconds; the collections that asking makes are left out. */
  readonly lagP99: number
  readonly lagMost: number
  /** Since the start. */
  readonly cpuMs: number
}

const resolution = 10
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const lag = monitorEventLoopDelay({ resolution })
lag.enable()

const look = (): Inside => {
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution)
  const { user, system } = process.cpuUsage()
  const told = {
    resident: process.memoryUsage.rss(),
    lagP99: late(lag.percentile(99)),
    lagMost: late(lag.max),
    cpuMs: (user + system) / 1_000,
  }
  const handles: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) handles[name] = (handles[name] ?? 0) + 1
  collect()
  const { heapUsed, external } = process.memoryUsage()
  // After the timer that the collection has held up.
  setTimeout(() => lag.reset(), 10 * resolution).unref()
  return { ...told, heap: heapUsed, external, handles }
}

listen()
const server = createServer(({ url = '/' }, response) => {
  const [path, known] = url.split('?after=')
  response.end(JSON.stringify(path === '/calls' ? newsAfter(Number(known)) : look()))
})
server.listen(Number(process.env.SOAK_PORT), '127.0.0.1').unref()
