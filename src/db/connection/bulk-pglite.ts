// Many rows at once into the embedded engine: COPY reads them from the one file that it has of its caller.

import type { PGlite } from '@electric-sql/pglite'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { databaseError } from '../errors.ts'
import type { BulkSession } from './connection.ts'

const dialect = new PgDialect()

export const bulkOn = async <Result>(
  client: PGlite,
  work: (session: BulkSession) => Promise<Result>,
): Promise<Result> => {
  let done: { readonly result: Result } | null = null
  try {
    await client.transaction(async tx => {
      const result = await work({
        rows: async <Row>(statement: SQL) => {
          const { sql, params } = dialect.sqlToQuery(statement)
          return (await tx.query(sql, params)).rows as readonly Row[]
        },
        copy: async (target, parts) => {
          await tx.query(`copy ${target} from '/dev/blob'`, [], { blob: new Blob([...parts]) })
        },
      })
      done = { result }
    })
  } catch (error) {
    throw databaseError(error)
  }
  if (done === null) throw new Error('A transaction ended without its work')
  return (done as { readonly result: Result }).result
}
