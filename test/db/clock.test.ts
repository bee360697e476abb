import { describe, expect, test } from 'vitest'
import { followClock } from '../../src/db/clock.ts'
import { isId, monthOf, newId } from '../../src/db/ids.ts'

/** A monotonic clock, and a database that is `ahead` of it and answers after half of `trip`. */
const world = () => {
  const now = { mine: 100 }
  return {
    now,
    clock: followClock(() => now.mine),
    answer: (ahead: number, there: number, back: number) => async () => {
      now.mine += there
      const theirs = now.mine + ahead
      now.mine += back
      return theirs
    },
  }
}

describe('the clock', () => {
  test('is not read before it has learnt the time', () => {
    expect(() => world().clock.now()).toThrow()
  })

  test('takes the middle of the round trip', async () => {
    const { now, clock, answer } = world()
    await clock.learn(answer(1_000_000, 5, 5))
    expect(clock.now() - now.mine).toBe(1_000_000)
    now.mine += 250
    expect(clock.now() - now.mine).toBe(1_000_000)
  })

  test('a slow answer does not spoil what a quick one taught', async () => {
    const { now, clock, answer } = world()
    await clock.learn(answer(1_000_000, 1, 1))
    await clock.learn(answer(1_000_000, 0, 800))
    expect(clock.now() - now.mine).toBe(1_000_000)
  })

  test('follows a database that drifts, and never runs backwards', async () => {
    const { now, clock, answer } = world()
    await clock.learn(answer(1_000_000, 1, 1))
    const before = clock.now()
    await clock.learn(answer(990_000, 1, 1))
    expect(clock.now()).toBe(before)
    now.mine += 20_000
    expect(clock.now() - now.mine).toBe(990_000)
  })
})

describe('an id', () => {
  test('tells the month in which its login started, in UTC', () => {
    expect(monthOf(newId(Date.parse('2026-11-30T23:59:59.999Z')))).toBe('2026-11-01')
    expect(monthOf(newId(Date.parse('2026-12-01T00:00:00.000Z')))).toBe('2026-12-01')
  })

  test('sorts by its moment and is never made twice', () => {
    const made = Array.from({ length: 1_000 }, (_, n) => newId(1_700_000_000_000 + n))
    expect(made.toSorted()).toEqual(made)
    expect(new Set(made).size).toBe(1_000)
    expect(made.every(isId)).toBe(true)
  })

  test('that is none reaches no statement', () => {
    for (const text of ['', 'x', "'; drop table login", '00000000-0000-0000-0000-00000000000']) {
      expect(isId(text)).toBe(false)
    }
    expect(monthOf('ffffffff-ffff-ffff-ffff-ffffffffffff')).toBe('1970-01-01')
  })
})
