// The embedded engine: one session in this process, in a folder or in memory. It has no background workers, so that
// checkpoints and vacuum are ours (see `upkeep.ts`).

import { PGlite } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import type { SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import { DataFolderUnusableError, databaseError } from '../errors.ts'
import { migrationsFolder } from '../migrations.ts'
import { bulkOn } from './bulk-pglite.ts'
import type { Connection, Database } from './connection.ts'
import { statementCounter } from './connection.ts'
import { takingTurns } from './turns.ts'

export interface PgliteConnection extends Connection {
  /** A statement that takes no parameters and cannot run in a transaction block. */
  command(text: 'CHECKPOINT' | 'VACUUM (ANALYZE)'): Promise<void>
  /** The whole data folder, for another one to begin from. */
  snapshot(): Promise<Blob>
}

/** `dataDir` null: in memory. `snapshot`: a folder's tar, to begin from. Throws DataFolderUnusableError. */
export const connectPglite = async (dataDir: string | null, snapshot?: Blob): Promise<PgliteConnection> => {
  const client = await PGlite.create({
    extensions: { pg_trgm },
    ...(dataDir === null ? {} : { dataDir }),
    ...(snapshot === undefined ? {} : { loadDataDir: snapshot }),
  }).catch(error => {
    if (dataDir === null) throw error
    throw new DataFolderUnusableError(
      `The database in ${dataDir} cannot be opened, it may be damaged: put back a copy of that folder, or move it away and start anew.`,
      { cause: error },
    )
  })
  await client.exec("set timezone = 'UTC'")
  leaveTurns(client)
  const counter = statementCounter()
  const db = drizzle(client, { logger: counter })
  return {
    engine: 'pglite',
    db: db as unknown as Database,
    // One session for all. A statement_timeout would be accepted here and do nothing: no timer can interrupt the engine.
    forPages: db as unknown as Database,
    forStatistics: db as unknown as Database,
    statistics: counter,
    rows: async <Row>(statement: SQL) => {
      try {
        return (await db.execute(statement)).rows as readonly Row[]
      } catch (error) {
        throw databaseError(error)
      }
    },
    transaction: work => db.transaction(tx => work(tx as unknown as Database)),
    bulk: work => bulkOn(client, work),
    vacuum: async () => {
      await client.exec('VACUUM (ANALYZE)')
    },
    migrate: () => migrate(db, { migrationsFolder }),
    command: async text => {
      await client.exec(text)
    },
    snapshot: () => client.dumpDataDir('none'),
    close: () => (client.closed ? Promise.resolve() : client.close()),
  }
}

/** Milliseconds: what a socket beside a long export waits for is this and the statement under way. */
const ownTurn = 20

/** What Drizzle calls. What is asked within a transaction has its own ways, and keeps its turn. */
const leaveTurns = (client: PGlite): void => {
  const turn = takingTurns(ownTurn)
  const query = client.query.bind(client)
  const transaction = client.transaction.bind(client)
  client.query = async (...args: Parameters<PGlite['query']>) => {
    await turn()
    return (await query(...args)) as never
  }
  client.transaction = async work => {
    await turn()
    return await transaction(work)
  }
}
