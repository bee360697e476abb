// What waits to be folded is nothing for nearly all of the time, and that is what Postgres believes of it: a backlog
// that gathers in an hour of trouble must be folded without the planner's knowing.

import { type SQL, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { foldLogins } from '../../src/db/fold.ts'
import { freshDatabase } from '../support/database.ts'
import { addManyLogins } from './skewed-logins.ts'

test('A backlog behind statistics that know of none is taken out by where its rows lie', async () => {
  await using database = await freshDatabase('postgres')
  const connection = await connectPostgres({ url: database.url ?? '', statements: 1 })
  try {
    await addManyLogins(statement => connection.rows(statement), {
      logins: 20_000,
      devices: 100,
      events: 0,
      until: Date.parse('2026-06-20T00:00:00Z'),
      span: 60 * 86_400_000,
    })
    const gather = () =>
      connection.rows(sql`
        insert into login_unfolded (login_id, tenant) select id, tenant from login where ended is not null`)
    await gather()
    await foldLogins(connection)
    await connection.rows(sql`analyze login_unfolded`)
    await gather()

    const statements: SQL[] = []
    await foldLogins({
      ...connection,
      rows: statement => {
        statements.push(statement)
        return Promise.resolve([])
      },
    })
    const [first] = statements
    if (first === undefined) throw new Error('Nothing was folded')
    const [row] = await connection.rows<{ 'QUERY PLAN': unknown }>(
      sql`explain (analyze, timing off, format json) ${first}`,
    )
    const compared = [...JSON.stringify(row).matchAll(/"Rows Removed by (?:Join )?Filter":(\d+)/g)]
    expect(Math.max(0, ...compared.map(([, rows]) => Number(rows)))).toBeLessThan(50_000)
    expect(JSON.stringify(row).includes('"Node Type":"Tid Scan"')).toBe(true)
  } finally {
    await connection.close()
  }
})
