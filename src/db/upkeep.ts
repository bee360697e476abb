// What an engine does not do by itself: partitions for the months to come, what ended counted, what has to go gone, and for
// the embedded one checkpoints and vacuum. Timers keep no process alive.

import type { Connection } from './connection/connection.ts'
import type { PgliteConnection } from './connection/pglite.ts'
import { foldLogins } from './fold.ts'
import { ensureEventPartitions, strayEvents } from './partitions.ts'
import type { Tidied, Tidy } from './tidying.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** What waits is counted from the logins themselves meanwhile, so that only statistics read more. */
const foldEvery = 15_000

/** A start has better things to do. */
const soon = minute / 2
const lookEvery = 5 * minute
/** After what failed, or had to wait. */
const again = 5 * minute

/** Local time at which the embedded engine is vacuumed. */
const vacuumHour = 4

export interface Upkeep {
  /** Whether events lay in the default partition when it was looked at last, some minutes ago at most. */
  strayEvents(): boolean
  /** Resolves when what was under way has finished. */
  stop(): Promise<void>
}

const nothing: Tidy = async () => ({ changed: false, again: false })

/** `failed` is told of an error once, however often it is met in a row. */
export const keepUp = (
  connection: Connection | PgliteConnection,
  failed: (error: unknown) => void,
  tidy: Tidy = nothing,
): Upkeep => {
  let stopped = false
  const under = new Set<Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()

  const run = (work: () => Promise<void>) => {
    const running = work()
      .catch(failed)
      .finally(() => under.delete(running))
    under.add(running)
  }
  const every = (period: number, work: () => Promise<void>) =>
    timers.add(setInterval(() => run(work), period).unref())
  const after = (delay: number, work: () => Promise<void>) => {
    if (stopped) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      run(work)
    }, delay).unref()
    timers.add(timer)
  }

  const vacuum = async () => {
    if ('command' in connection) await connection.command('VACUUM (ANALYZE)')
  }
  const nightly = async () => {
    after(untilNight(), nightly)
    await vacuum()
  }
  const once = onlyNew(failed)
  const tidied = async () => {
    const round: Tidied = await tidy(() => stopped).catch(error => {
      once(error)
      return { changed: false, again: true }
    })
    if (!round.again) once(null)
    after(round.again ? again : day, tidied)
    // The embedded engine writes over what went only then.
    if (round.changed && !stopped) await vacuum()
  }

  const folding = new AbortController()
  const foldFailed = onlyNew(failed)
  const fold = async () => {
    await foldLogins(connection, { signal: folding.signal }).then(() => foldFailed(null), foldFailed)
    after(foldEvery, fold)
  }

  const ahead = async () => {
    const made = await ensureEventPartitions(connection).catch(error => {
      failed(error)
      return null
    })
    if (made?.kind === 'HINDERED') failed(new Error(made.by))
    after(made?.kind === 'LATER' ? again : day, ahead)
  }
  let stray = false
  const lookFailed = onlyNew(failed)
  const look = async () => {
    try {
      stray = (await strayEvents(connection)) ?? stray
      lookFailed(null)
    } catch (error) {
      lookFailed(error)
    }
    after(lookEvery, look)
  }
  // The start has asked for them too, and told nobody of what hindered it.
  after(soon, ahead)
  after(soon, look)
  after(soon, tidied)
  after(foldEvery, fold)
  if ('command' in connection) {
    every(5 * minute, () => connection.command('CHECKPOINT'))
    after(untilNight(), nightly)
  }
  return {
    strayEvents: () => stray,
    stop: async () => {
      stopped = true
      folding.abort()
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(under)
    },
  }
}

/** Null: all is well again. */
const onlyNew = (failed: (error: unknown) => void) => {
  let last: string | null = null
  return (error: unknown) => {
    const said = error === null ? null : error instanceof Error ? error.message : 'unknown'
    if (said !== null && said !== last) failed(error)
    last = said
  }
}

const untilNight = (): number => {
  const now = new Date()
  const night = new Date(now)
  night.setHours(vacuumHour, 0, 0, 0)
  if (night <= now) night.setDate(night.getDate() + 1)
  return night.getTime() - now.getTime()
}
