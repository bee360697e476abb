// A statement that fails after some of its rows have come leaves the next one on that connection its own rows, and no holes.

import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { freshDatabase } from '../support/database.ts'

test('what comes after a statement that failed in the middle of its rows is whole', async () => {
  await using database = await freshDatabase('postgres')
  const connection = await connectPostgres({ url: database.url ?? '', statements: 1 })
  try {
    const failing = () => connection.rows(sql`select 1 / (4 - n) from generate_series(1, 10) n`)
    const five = () => connection.rows(sql`select n from generate_series(1, 5) n`)
    const expected = [1, 2, 3, 4, 5].map(n => ({ n }))
    // One after the other, and both on their way at once.
    await expect(failing()).rejects.toMatchObject({ code: '22012' })
    expect(await five()).toEqual(expected)
    const [, behind] = await Promise.allSettled([failing(), five()])
    expect(behind).toEqual({ status: 'fulfilled', value: expected })
    // A count of what was written is none of rows.
    await connection.rows(sql`create temporary table kept as select generate_series(1, 3) as n`)
    expect(await connection.rows(sql`update kept set n = n + 1`)).toEqual([])
  } finally {
    await connection.close()
  }
})
