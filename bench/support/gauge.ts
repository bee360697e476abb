// What one process costs, told by itself: CPU and event-loop lag of a stretch of time, and memory after a collection.

import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

export interface Stretch {
  /** Of this process, user and system. */
  readonly cpuMs: number
  readonly userMs: number
  readonly wallMs: number
  /** Pages that the kernel had to find. */
  readonly pageFaults: number
  /** How often somebody else got the core. */
  readonly preemptions: number
  readonly waits: number
  /** How long somebody else had the core while there was something to do, in milliseconds; 0 where nothing tells. */
  readonly deniedMs: number
  /** How late a timer comes, in milliseconds. */
  readonly lagP99: number
  readonly lagMost: number
  /** Share of the wall clock in collections. */
  readonly gcShare: number
}

/** How often the loop is looked at, in milliseconds; taken off again, since it is counted in. */
const resolution = 2

export const gauge = (): { end(): Stretch } => {
  const lag = monitorEventLoopDelay({ resolution })
  let collecting = 0
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) collecting += entry.duration
  })
  observer.observe({ entryTypes: ['gc'] })
  lag.enable()
  const before = process.cpuUsage()
  const used = process.resourceUsage()
  const deniedBefore = deniedMs()
  const began = performance.now()
  return {
    end: () => {
      const { user, system } = process.cpuUsage(before)
      const wallMs = performance.now() - began
      const now = process.resourceUsage()
      lag.disable()
      for (const entry of observer.takeRecords()) collecting += entry.duration
      observer.disconnect()
      const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution)
      return {
        cpuMs: (user + system) / 1_000,
        userMs: user / 1_000,
        wallMs,
        pageFaults: now.minorPageFault - used.minorPageFault,
        preemptions: now.involuntaryContextSwitches - used.involuntaryContextSwitches,
        waits: now.voluntaryContextSwitches - used.voluntaryContextSwitches,
        deniedMs: deniedMs() - deniedBefore,
        lagP99: late(lag.percentile(99)),
        lagMost: late(lag.max),
        gcShare: collecting / wallMs,
      }
    },
  }
}

/** Of the thread that runs JavaScript, since it began: the second figure of its scheduler (proc_pid_schedstat). */
const deniedMs = (): number => {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

/** The verbs of a process that others tell when to begin and when to end. */
export const stretches = () => {
  let gauged: ReturnType<typeof gauge> | null = null
  return {
    begin: (): void => {
      gauged = gauge()
    },
    end: (): Stretch => {
      if (gauged === null) throw new Error('No stretch has begun')
      const stretch = gauged.end()
      gauged = null
      return stretch
    },
    /** What it does by itself. */
    idle: async (seconds: number): Promise<Stretch> => {
      const alone = gauge()
      await wait(seconds * 1_000)
      return alone.end()
    },
    memory,
  }
}

export interface Memory {
  /** What lives on the heap and in buffers, in bytes. */
  readonly heap: number
  readonly resident: number
}

/** After collections: what is really held. The process must run with --expose-gc. */
export const memory = async (): Promise<Memory> => {
  const collect = globalThis.gc
  if (collect === undefined) throw new Error('--expose-gc is missing')
  for (let times = 0; times < 3; times++) {
    collect()
    await wait(20)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}
