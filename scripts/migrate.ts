// Applies what is missing of `drizzle/` to the database of DATABASE_URL, or else to the one in DATA_DIR, and ends.
// A gateway does the same at its start; this is for those who want it done before.

import { randomBytes } from 'node:crypto'
import { DatabaseUnusableError } from '../src/db/errors.ts'
import { openStore } from '../src/db/open-store.ts'

/** As for the gateway: an empty variable is an unset one. */
const read = (name: string) => process.env[name]?.trim() || null

const url = read('DATABASE_DIRECT_URL') ?? read('DATABASE_URL')
try {
  const store = await openStore({
    engine: url ? { kind: 'postgres', url } : { kind: 'pglite', dataDir: read('DATA_DIR') ?? '.data' },
    // Nothing is sealed or opened here.
    secret: randomBytes(32),
  })
  await store.close()
  console.log('The database is up to date.')
} catch (error) {
  if (!(error instanceof DatabaseUnusableError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
