// How retention touches the database: in short transactions, by one instance at a time, which waits for nobody for long.
// Does not know what goes.

import { type SQL, sql } from 'drizzle-orm'
import type { Connection, Database } from './connection/connection.ts'
import { isLockUnavailable } from './errors.ts'
import { sent } from './statement.ts'

/**
 * Why a run goes on later: another instance is at it, something of the month is in use, somebody reads what is to go,
 * counting has not ended, the clock cannot be believed, or this process stops.
 */
export type Wait = 'TAKEN' | 'IN_USE' | 'READ' | 'COUNTED' | 'CLOCK' | 'STOPPED'

/** Ends a run in the middle; what it did stays done, and the next one goes on from there. */
export class RetentionWaitsError extends Error {
  override readonly name = 'RetentionWaitsError'
  readonly wait: Wait

  constructor(wait: Wait) {
    super(`Retention waits: ${wait}`)
    this.wait = wait
  }
}

/** Rows of a statement in a transaction, whichever driver answers. */
export type Ask = <Row>(statement: SQL) => Promise<readonly Row[]>

/** Within a transaction that is under way already. */
export const askIn =
  (db: Database): Ask =>
  async <Row>(statement: SQL) => {
    const answer: unknown = await db.execute(statement)
    const rows = Array.isArray(answer) ? answer : (answer as { rows: unknown[] }).rows
    return rows as Row[]
  }

/**
 * One transaction. The lock is its own and not a session's, so that it outlives neither the transaction nor a pooler; whoever
 * comes between two steps of another instance goes on where that one is. Throws RetentionWaitsError, also once `stopped`.
 */
export const stepOf =
  (connection: Pick<Connection, 'transaction'>, stopped: () => boolean) =>
  async <Result>(lockMillis: number, work: (ask: Ask) => Promise<Result>): Promise<Result> => {
    if (stopped()) throw new RetentionWaitsError('STOPPED')
    try {
      return await sent(
        connection.transaction(async db => {
          const ask = askIn(db)
          const [lock] = await ask<{ mine: boolean }>(sql`
            select pg_try_advisory_xact_lock(hashtextextended('gatehouse retention', 0)) as mine,
              set_config('lock_timeout', ${`${lockMillis}ms`}, true)`)
          if (lock?.mine !== true) throw new RetentionWaitsError('TAKEN')
          return await work(ask)
        }),
      )
    } catch (error) {
      if (isLockUnavailable(error)) throw new RetentionWaitsError('READ')
      throw error
    }
  }

export type Step = ReturnType<typeof stepOf>
