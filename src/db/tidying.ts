// One round of tidying: what has expired, and what is older than it is kept. Tells the log what went and what it waits
// for; when a round comes is for `upkeep.ts`.

import type { Connection } from './connection/connection.ts'
import { forgetExpired } from './expired.ts'
import { type Retained, type Retention, retain } from './retention.ts'
import type { Wait } from './retention-step.ts'

export interface TidyingLog {
  info?(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

export interface Tidied {
  /** Many rows went: an engine that does not vacuum by itself should, before its night. */
  readonly changed: boolean
  /** Something is left to do that could not be done now. */
  readonly again: boolean
}

export type Tidy = (stopped: () => boolean) => Promise<Tidied>

const waiting: Readonly<Record<Exclude<Wait, 'STOPPED'>, string>> = {
  TAKEN:
    'another session has had its lock for an hour: an instance with years to take away, or somebody else; see docs/retention.md',
  IN_USE: 'a login of that month is still under way, or a key that answers with one is still good',
  READ: 'somebody has read a table for long that is to go: a dump, or a session left open in a transaction',
  COUNTED:
    'logins that ended are being counted for statistics: an import or a generator may have left millions',
  CLOCK:
    "the database's clock is more than 400 days beyond the newest login: nothing goes until it is right, or somebody logs in",
}

/** Rounds, one each five minutes: another instance that is at it for a while is no news. */
const takenForLong = 12

/** `days` null: everything is kept but what expires. */
export const tidyWith = (connection: Connection, days: number | null, log?: TidyingLog): Tidy => {
  let told: Wait | null = null
  let taken = 0
  const tell = (waits: Wait | null) => {
    taken = waits === 'TAKEN' ? taken + 1 : 0
    if (waits === 'TAKEN' && taken < takenForLong) return
    // Once, and not each time that it is tried again.
    if (waits !== null && waits !== 'STOPPED' && waits !== told)
      log?.info?.({ waits: waiting[waits] }, 'Retention waits; it is tried again every few minutes')
    told = waits
  }
  const gone: Retention['gone'] = ({ month, logins, bytes, seconds }) =>
    log?.info?.(
      { month: month.slice(0, 7), logins, bytes, seconds: Math.round(seconds * 10) / 10 },
      'A month went: its logins, and its events with the space they took',
    )
  return async stopped => {
    const keep = async () => {
      const retained = days === null ? nothing : await retain(connection, { days, stopped, gone })
      tell(retained.waits)
      return retained
    }
    const expire = async () => {
      const forgotten = await forgetExpired(connection, stopped)
      const { keys, pictures } = forgotten
      if (keys + pictures > 0) log?.info?.({ keys, pictures }, 'Expired keys and unused pictures went')
      return forgotten
    }
    // One after the other, and the second whatever became of the first.
    const [kept] = await Promise.allSettled([keep()])
    const [expired] = await Promise.allSettled([expire()])
    if (kept.status === 'rejected') throw kept.reason
    if (expired.status === 'rejected') throw expired.reason
    return { changed: kept.value.changed, again: kept.value.waits !== null || expired.value.waits !== null }
  }
}

const nothing: Retained = { waits: null, changed: false }
