// One way to reach a database, whichever engine stands behind it. Above this file nobody asks which, but for who owns
// the turns.

import type { SQL } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

export type Database = PgDatabase<PgQueryResultHKT, Record<string, never>>

export interface Statistics {
  /** Statements that only read, and those that may write, since the start. */
  readonly reads: number
  readonly writes: number
}

export interface BulkSession {
  rows<Row>(statement: SQL): Promise<readonly Row[]>
  /** COPY in text format. `target`: table and columns; each of `parts` ends with a line break. Rejects with DatabaseError. */
  copy(target: string, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<void>
}

export interface Connection {
  readonly engine: 'pglite' | 'postgres'
  /** Single statements. Never a transaction: see `transaction`. */
  readonly db: Database
  /**
   * The lists that people page through: single reads, few at a time, ended by the server after half a second with an
   * error that is `tooExpensive`. The embedded engine has neither limit.
   */
  readonly forPages: Database
  /** The same for what analysts compute: two at a time, five seconds each. */
  readonly forStatistics: Database
  readonly statistics: Statistics
  /** Rows of a rare statement, by column name; hot ones are prepared. */
  rows<Row>(statement: SQL): Promise<readonly Row[]>
  /** On connections of its own, because a busy pool runs BEGIN on a connection that is not reserved. */
  transaction<Result>(work: (db: Database) => Promise<Result>): Promise<Result>
  /** One transaction on a session of its own, for rows by the million: no statement of it has a time limit. */
  bulk<Result>(work: (session: BulkSession) => Promise<Result>): Promise<Result>
  /** After many rows came at once: what planning needs to know of them. */
  vacuum(): Promise<void>
  /** Applies what is missing of `drizzle/`, one process at a time. */
  migrate(): Promise<void>
  close(): Promise<void>
}

/** Drizzle's logger, used to count: nothing of a statement is kept. */
export const statementCounter = (): Statistics & { logQuery(statement: string): void } => {
  const kinds = new Map<string, 'reads' | 'writes'>()
  const counts = { reads: 0, writes: 0 }
  return {
    get reads() {
      return counts.reads
    },
    get writes() {
      return counts.writes
    },
    logQuery(statement) {
      let kind = kinds.get(statement)
      if (kind === undefined) {
        kind = /\b(insert into|update|delete from)\b/i.test(statement) ? 'writes' : 'reads'
        if (kinds.size < 500) kinds.set(statement, kind)
      }
      counts[kind] += 1
    },
  }
}
