// A Postgres server through postgres.js. Two clients: one for single statements, one for transactions only, because
// at its pipeline limit postgres.js sends BEGIN on a connection that it has not reserved.

import { type SQL, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { DatabaseUnusableError, databaseError, markTooExpensive } from '../errors.ts'
import { inLine } from '../in-line.ts'
import { migrationsFolder } from '../migrations.ts'
import { bulkOn } from './bulk-postgres.ts'
import type { Connection, Database } from './connection.ts'
import { statementCounter } from './connection.ts'
import { openPool, type Patience, type Readers } from './pool.ts'

/** Any number, the same in every process: whoever migrates holds it. */
const migrationLock = 4_711_204_011

/** Milliseconds. */
const statementTimeout = 15_000

/** Whoever hears nothing for so long knows that the server is not at it any more. */
const usualPatience: Patience = { silence: statementTimeout + 3_000, grace: 5_000 }

/** Seconds: people page and compute now and then. */
const idleTimeout = 60

/** Milliseconds that a statement gets, by what it is for; and connections, so that no crowd of readers crowds out the rest. */
const pages = { timeout: 500, max: 4, more: { jit: 'off', plan_cache_mode: 'force_custom_plan' } } as const
/** A server with its default of 4 MB would sort the cells of three months on disk. */
const computing = { timeout: 5_000, max: 2, more: { jit: 'off', work_mem: '32MB' } } as const

/** Of lists, by their filters: a program asks the same few, and each costs a connection a fifth of a megabyte on the server. */
const preparedPages = 50

/** Milliseconds that a page waits for its turn: in any longer line the last ones would look like a server gone silent. */
const patienceInLine = 5_000

/** Longer than a statement may run, and than those of `computing` that wait for each other. */
const readersPatience = { silence: 20_000, grace: 8_000 } as const

/** `directUrl` goes past a transaction pooler, for what needs a session of its own. */
export const connectPostgres = async (options: {
  url: string
  directUrl?: string | undefined
  statements?: number
  patience?: Patience
}): Promise<Connection> => {
  const settings = (max: number, timeout: number, more: Readonly<Record<string, string>> = {}) => ({
    max,
    connect_timeout: 10,
    max_lifetime: 3_600,
    keep_alive: 30,
    // Its own look at the types, on each new connection, is awaited by nobody: one that breaks in it ends the process.
    fetch_types: false,
    onnotice: () => {},
    // As text: postgres.js leaves out a nought, and a limit of the role or the database would hold.
    connection: {
      application_name: 'gatehouse',
      statement_timeout: String(timeout) as unknown as number,
      TimeZone: 'UTC',
      ...more,
    },
  })
  const patience = options.patience ?? usualPatience
  const statements = openPool(options.url, settings(options.statements ?? 10, statementTimeout), patience)
  const transactions = openPool(options.url, settings(4, statementTimeout), patience)
  const readers = ({ max, timeout, more }: typeof pages | typeof computing, of: Omit<Readers, 'failed'>) =>
    openPool(
      options.url,
      { ...settings(max, timeout, more), idle_timeout: idleTimeout },
      options.patience ?? readersPatience,
      { failed: markTooExpensive, ...of },
    )
  const pagers = readers(pages, { line: inLine(pages.max, patienceInLine), prepared: preparedPages })
  // Questions wait in a line of their own, tenant by tenant: see `statistics.ts`.
  const computers = readers(computing, { line: null, prepared: 0 })
  const counter = statementCounter()
  const db = drizzle(statements.client, { logger: counter })
  const forTransactions = drizzle(transactions.client, { logger: counter })
  const close = async () => {
    await Promise.all([statements, transactions, pagers, computers].map(pool => pool.end()))
  }

  try {
    const [server] = await db.execute<{ version: number }>(
      sql`select current_setting('server_version_num')::int as version`,
    )
    if (server === undefined || server.version < 150_000) {
      throw new DatabaseUnusableError(
        `DATABASE_URL leads to Postgres ${Math.floor((server?.version ?? 0) / 10_000)}, and Gatehouse needs 15 or newer: point it at a newer server.`,
      )
    }
  } catch (error) {
    await close()
    if (error instanceof DatabaseUnusableError) throw error
    const reason = reasonOf(databaseError(error))
    throw new DatabaseUnusableError(
      `The database at ${placeOf(options.url)} cannot be used (${reason}): ${adviceOn(reason)}.`,
      { cause: databaseError(error) },
    )
  }

  return {
    engine: 'postgres',
    db: db as unknown as Database,
    forPages: drizzle(pagers.client, { logger: counter }) as unknown as Database,
    forStatistics: drizzle(computers.client, { logger: counter }) as unknown as Database,
    statistics: counter,
    rows: async <Row>(statement: SQL) => {
      try {
        return [...(await db.execute(statement))] as unknown as readonly Row[]
      } catch (error) {
        throw databaseError(error)
      }
    },
    transaction: work => forTransactions.transaction(tx => work(tx as unknown as Database)),
    bulk: work =>
      bulkOn(
        onclose =>
          postgres(options.directUrl ?? options.url, { ...settings(1, 0), max_lifetime: null, onclose }),
        work,
      ),
    vacuum: async () => {
      const session = postgres(options.directUrl ?? options.url, settings(1, 0))
      try {
        await session.unsafe('vacuum (analyze)')
      } catch (error) {
        throw databaseError(error)
      } finally {
        await session.end({ timeout: 5 })
      }
    },
    migrate: async () => {
      // Waits for whoever is migrating, so no statement timeout; closing the session gives the lock back.
      const session = postgres(options.directUrl ?? options.url, settings(1, 0))
      try {
        await session`select pg_advisory_lock(${migrationLock}::bigint)`
        await migrate(drizzle(session), { migrationsFolder })
      } finally {
        await session.end({ timeout: 5 })
      }
    },
    close,
  }
}

/** Host, port and database: never the user or the password. */
const placeOf = (url: string): string => {
  try {
    const { host, pathname } = new URL(url)
    return `${host}${pathname}`
  } catch {
    return 'DATABASE_URL'
  }
}

const reasonOf = (error: unknown): string => {
  const cause = error as { code?: unknown; message?: unknown }
  if (typeof cause.code === 'string' && !/^[0-9]/.test(cause.code)) return cause.code
  return typeof cause.message === 'string' ? cause.message : 'unknown reason'
}

const adviceOn = (reason: string): string =>
  reason.includes('unsupported startup parameter')
    ? 'PgBouncer must let through what the gateway sets, see docs/lists.md'
    : 'check DATABASE_URL and that the server is running'
