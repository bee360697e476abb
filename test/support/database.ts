// A fresh store for a test, on either engine: in memory from a migrated snapshot, or on a real Postgres in a database
// copied from a migrated template.

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type SQL, sql } from 'drizzle-orm'
import postgres from 'postgres'
import { inject } from 'vitest'
import type { Connection } from '../../src/db/connection/connection.ts'
import { connectPglite } from '../../src/db/connection/pglite.ts'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { openStoreOn, type StoreOptions } from '../../src/db/open-store.ts'
import type { Store } from '../../src/db/store.ts'
import { type DatabaseSources, databaseUrl } from './postgres.ts'

/** Suites run on each: `describe.each(engines)('…', engine => …)`. */
export const engines = ['pglite', 'postgres'] as const
export type EngineName = (typeof engines)[number]

export interface TestDatabase extends AsyncDisposable {
  readonly engine: EngineName
  /** Where it is; null: in memory. */
  readonly url: string | null
  /** A process's store on it. The embedded engine has one at a time; closing it ends the database. */
  open(options?: Partial<StoreOptions>): Promise<Store>
  /** What a store stands on: the embedded engine's only connection, else another one to the server. Ends with the database. */
  connect(): Promise<Connection>
  /** What stands there, past the store. */
  rows<Row>(statement: SQL): Promise<readonly Row[]>
  /** Lists the server's connections of the stores now; what it returns kills those, and none made meanwhile. */
  connections(): Promise<() => Promise<void>>
}

export const testSecret = new Uint8Array(32).fill(7)

const sources = async <Name extends keyof DatabaseSources>(name: Name): Promise<DatabaseSources[Name]> => {
  const answer = await fetch(`${inject('databases')}/${name}`)
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as DatabaseSources[Name]
}

const options = (more: Partial<StoreOptions>): StoreOptions => ({ secret: testSecret, ...more })

export const freshDatabase = async (engine: EngineName): Promise<TestDatabase> =>
  engine === 'pglite' ? await embedded() : await onServer()

const embedded = async (): Promise<TestDatabase> => {
  const connection = await connectPglite(null, new Blob([await readFile(await sources('pglite'))]))
  const open: Store[] = []
  return {
    engine: 'pglite',
    url: null,
    open: async more => {
      const store = await openStoreOn(connection, options(more ?? {}))
      open.push(store)
      return store
    },
    connect: async () => connection,
    rows: connection.rows,
    connections: () => Promise.reject(new Error('The embedded engine has no connections')),
    [Symbol.asyncDispose]: async () => {
      for (const store of open) await store.close()
      await connection.close()
    },
  }
}

const onServer = async (): Promise<TestDatabase> => {
  const { url, template } = await sources('postgres')
  const name = `gatehouse_test_${randomUUID().replaceAll('-', '')}`
  await asAdmin(url, `create database ${name} template ${template}`)
  const own = databaseUrl(url, name)
  const open: Store[] = []
  const connected: Connection[] = []
  let watching: Connection | null = null
  const rows: TestDatabase['rows'] = async statement => {
    watching ??= await connectPostgres({ url: own, statements: 1 })
    return await watching.rows(statement)
  }
  return {
    engine: 'postgres',
    url: own,
    open: async more => {
      const store = await openStoreOn(await connectPostgres({ url: own, statements: 8 }), options(more ?? {}))
      open.push(store)
      return store
    },
    connect: async () => {
      const connection = await connectPostgres({ url: own, statements: 2 })
      connected.push(connection)
      return connection
    },
    rows,
    connections: async () => {
      const [found] = await rows<{ pids: string }>(sql`
        select array_agg(pid)::text as pids from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`)
      return async () => {
        await rows(
          sql`select pg_terminate_backend(pid) from unnest(${found?.pids ?? '{}'}::text::int[]) as pid`,
        )
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(open.map(store => store.close()))
      await Promise.all(connected.map(connection => connection.close()))
      await watching?.close()
      await asAdmin(url, `drop database if exists ${name} with (force)`)
    },
  }
}

/** A database of the server in which nothing stands, no table either: for tests of migrations. */
export const emptyDatabase = async (): Promise<AsyncDisposable & { readonly url: string }> => {
  const { url } = await sources('postgres')
  const name = `gatehouse_test_${randomUUID().replaceAll('-', '')}`
  await asAdmin(url, `create database ${name} template template0`)
  return {
    url: databaseUrl(url, name),
    [Symbol.asyncDispose]: () => asAdmin(url, `drop database if exists ${name} with (force)`),
  }
}

const asAdmin = async (url: string, statement: string): Promise<void> => {
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await admin.unsafe(statement)
  } finally {
    await admin.end()
  }
}

/** For one test: a fresh store that is gone afterwards. */
export const withStore = async <Result>(
  engine: EngineName,
  work: (store: Store, database: TestDatabase) => Promise<Result>,
  more: Partial<StoreOptions> = {},
): Promise<Result> => {
  await using database = await freshDatabase(engine)
  return await work(await database.open(more), database)
}
