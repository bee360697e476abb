// The embedded engine answers in the thread that asks; others have their turn in between all the same.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { takingTurns } from '../../src/db/connection/turns.ts'
import { freshDatabase } from '../support/database.ts'

/** Counts how often others have their turn, until it is disposed. */
const others = () => {
  let turns = 0
  let next: NodeJS.Immediate
  const take = () => {
    turns += 1
    next = setImmediate(take)
  }
  next = setImmediate(take)
  return { turns: () => turns, [Symbol.dispose]: () => clearImmediate(next) }
}

test('questions one after the other leave the event loop a turn between two', async () => {
  await using database = await freshDatabase('pglite')
  const { rows, db } = await database.connect()
  using beside = others()
  const asked = beside.turns()
  for (let question = 0; question < 5; question += 1) await rows(sql`select pg_sleep(0.03)`)
  expect(beside.turns() - asked).toBeGreaterThanOrEqual(4)
  const before = beside.turns()
  for (let work = 0; work < 5; work += 1)
    await db.transaction(async inner => {
      await inner.execute(sql`select pg_sleep(0.03)`)
    })
  expect(beside.turns() - before).toBeGreaterThanOrEqual(4)
})

describe('turns', () => {
  test('are left in the order in which they were asked for, and none waits without need', async () => {
    let now = 0
    const turn = takingTurns(10, () => now)
    expect(turn()).toBeNull()
    now = 9
    expect(turn()).toBeNull()
    now = 10
    const order: string[] = []
    const first = turn()?.then(() => {
      order.push('first')
      now += 20
    })
    const second = turn()?.then(() => order.push('second'))
    setImmediate(() => {
      void turn()?.then(() => order.push('third'))
    })
    expect(order).toEqual([])
    await first
    await second
    await expect.poll(() => order).toEqual(['first', 'second', 'third'])
  })
})
