// Applies what is missing of `drizzle/` to the database of DATABASE_URL, or else to the one in DATA_DIR, and ends.
// A gateway does the same at its start; this is for those who want it done before.

import { sql } from 'drizzle-orm'
import type { Connection } from '../src/db/connection/connection.ts'
import { DatabaseUnusableError, databaseError } from '../src/db/errors.ts'
import { connect } from '../src/db/open-store.ts'
import { ensureEventPartitions } from '../src/db/partitions.ts'

const usage = `Usage: npm run db:migrate
Applies what is missing of drizzle/ to the database of DATABASE_DIRECT_URL or DATABASE_URL, or else to the one in DATA_DIR (.data).`

/** As for the gateway: an empty variable is an unset one. */
const read = (name: string) => process.env[name]?.trim() || null

/** Where the drivers' migrators note what they applied; missing before the first time. */
const applied = async ({ rows }: Connection): Promise<number> => {
  const [journal] = await rows<{ there: boolean }>(
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`,
  )
  if (journal?.there !== true) return 0
  const [row] = await rows<{ count: number }>(
    sql`select count(*)::int as count from drizzle.__drizzle_migrations`,
  )
  return row?.count ?? 0
}

/** How many were applied. */
const migrate = async (): Promise<number> => {
  const url = read('DATABASE_DIRECT_URL') ?? read('DATABASE_URL')
  const { connection, lock } = await connect(
    url ? { kind: 'postgres', url } : { kind: 'pglite', dataDir: read('DATA_DIR') ?? '.data' },
  )
  try {
    const before = await applied(connection)
    await connection.migrate()
    await ensureEventPartitions(connection)
    return (await applied(connection)) - before
  } catch (error) {
    throw databaseError(error)
  } finally {
    await connection.close()
    await lock?.release()
  }
}

const told = (count: number): string =>
  count === 0
    ? 'there was nothing to apply'
    : `${count} ${count === 1 ? 'migration was' : 'migrations were'} applied`

if (process.argv.includes('--help', 2)) console.log(usage)
else
  try {
    console.log(`The database is up to date: ${told(await migrate())}.`)
  } catch (error) {
    if (!(error instanceof DatabaseUnusableError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
