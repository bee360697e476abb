// Texts that come again are prepared by the server, and no more of them than it should keep.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { recurring } from '../../src/db/connection/recurring.ts'
import { rowsOf } from '../../src/db/statement.ts'
import { freshDatabase } from '../support/database.ts'

describe('a text', () => {
  test('recurs from its second time on', () => {
    const recurs = recurring(2)
    expect(['a', 'b', 'a', 'a', 'b'].map(recurs)).toEqual([false, false, true, true, true])
  })

  test('does not recur once there are as many as are kept', () => {
    const recurs = recurring(1)
    expect(['a', 'a', 'b', 'b', 'b', 'a'].map(recurs)).toEqual([false, true, false, false, false, true])
    expect(['a', 'a', 'a'].map(recurring(0))).toEqual([false, false, false])
  })

  test('is forgotten among many that came once', () => {
    const recurs = recurring(10)
    recurs('a')
    for (let other = 0; other < 1_000; other += 1) expect(recurs(`${other}`)).toBe(false)
    expect(recurs('a')).toBe(false)
  })
})

test('lists by the same filters are parsed once, and planned each time for what is asked', async () => {
  await using database = await freshDatabase('postgres')
  const { forPages } = await database.connect()
  const list = (n: number) =>
    forPages.execute(sql`select ${n}::int as n from login where tenant = ${'default'}`)
  for (let n = 0; n < 12; n += 1) await list(n)
  const kept = await rowsOf(
    forPages,
    sql`select custom_plans::int as custom, generic_plans::int as generic from pg_prepared_statements
      where statement like ${'%as n from login%'}`,
  )
  expect(kept).toEqual([{ custom: 11, generic: 0 }])
})
