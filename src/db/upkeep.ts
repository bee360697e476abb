// What an engine does not do by itself: partitions for the months to come, and for the embedded one checkpoints and
// vacuum. Timers keep no process alive.

import type { Connection } from './connection/connection.ts'
import type { PgliteConnection } from './connection/pglite.ts'
import { ensureEventPartitions } from './migrations.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** Local time at which the embedded engine is vacuumed. */
const vacuumHour = 4

export interface Upkeep {
  /** Resolves when what was under way has finished. */
  stop(): Promise<void>
}

export const keepUp = (
  connection: Connection | PgliteConnection,
  failed: (error: unknown) => void,
): Upkeep => {
  const under = new Set<Promise<void>>()
  const run = (work: () => Promise<void>) => {
    const running = work()
      .catch(failed)
      .finally(() => under.delete(running))
    under.add(running)
  }
  const every = (period: number, work: () => Promise<void>) => setInterval(() => run(work), period).unref()
  const timers: NodeJS.Timeout[] = [every(day, () => ensureEventPartitions(connection))]
  if ('command' in connection) {
    timers.push(every(5 * minute, () => connection.command('CHECKPOINT')))
    const vacuum = () => {
      run(() => connection.command('VACUUM (ANALYZE)'))
      nightly = setTimeout(vacuum, untilNight()).unref()
    }
    let nightly = setTimeout(vacuum, untilNight()).unref()
    return {
      stop: async () => {
        clearTimeout(nightly)
        for (const timer of timers) clearInterval(timer)
        await Promise.all(under)
      },
    }
  }
  return {
    stop: async () => {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(under)
    },
  }
}

const untilNight = (): number => {
  const now = new Date()
  const night = new Date(now)
  night.setHours(vacuumHour, 0, 0, 0)
  if (night <= now) night.setDate(night.getDate() + 1)
  return night.getTime() - now.getTime()
}
