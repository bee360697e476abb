// Which core a process runs on: what is measured has one to itself, everything else shares another. Knows Linux'
// `taskset`, and says where it cannot be had.

import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** MEASURED: nothing else runs there. LOAD: upstreams, clients, databases, this program. */
export type Core = 'MEASURED' | 'LOAD'

const numbers: Readonly<Record<Core, string>> = { MEASURED: '0', LOAD: '1' }

const works = (): boolean => {
  if (process.platform !== 'linux' || availableParallelism() < 2) return false
  try {
    execFileSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const pinned = works()

/** Null: each process has its core. Else the sentence that says why not. */
export const coresMissing: string | null = pinned
  ? null
  : 'Processes share all cores: two cores and `taskset` are needed to keep load and server apart. Trust these figures less.'

/** What stands before a command so that it runs on that core. */
export const onCore = (core: Core): readonly string[] => (pinned ? ['taskset', '-c', numbers[core]] : [])

/** Moves this process, and with it what it starts from now on. */
export const moveTo = (core: Core): void => {
  if (pinned)
    execFileSync('taskset', ['-a', '-p', '-c', numbers[core], String(process.pid)], { stdio: 'ignore' })
}
