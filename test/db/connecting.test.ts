// A connection that breaks while it is being made is nobody's query yet: it must not end the process.

import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { freshDatabase } from '../support/database.ts'
import { wayTo } from './through.ts'

it('asks nothing of its own that a broken connection would leave unanswered', async () => {
  await using database = await freshDatabase('postgres')
  await using way = await wayTo(database.url ?? '')
  const connection = await connectPostgres({ url: way.url, statements: 1 })
  expect(await connection.rows(sql`select 1 as one`)).toEqual([{ one: 1 }])
  await connection.close()
  expect(way.said()).toContain('select 1 as one')
  expect(way.said()).not.toContain('pg_type')
})
