// How far two spellings are apart, beside Levenshtein's definition word by word; and how little is read for it.

import fc from 'fast-check'
import { describe, expect, it, test, vi } from 'vitest'
import { distance } from '../../src/login/distance.ts'

/** The definition, by the letters that are left of each. */
const defined = (from: string, to: string): number =>
  from === '' || to === ''
    ? from.length + to.length
    : Math.min(
        defined(from.slice(1), to) + 1,
        defined(from, to.slice(1)) + 1,
        defined(from.slice(1), to.slice(1)) + (from[0] === to[0] ? 0 : 1),
      )

/** How often letters are looked at. */
const readingsOf = (compare: () => void): number => {
  const readings = vi.spyOn(String.prototype, 'charCodeAt')
  try {
    compare()
    return readings.mock.calls.length
  } finally {
    readings.mockRestore()
  }
}

describe('the distance of two spellings', () => {
  it.each([
    ['', '', 0],
    ['berlin', 'berlin', 0],
    ['berln', 'berlin', 1],
    ['', 'rome', 4],
    ['rome', '', 4],
    ['kitten', 'sitting', 3],
    ['广东', '广西', 1],
  ])('%j and %j: %d', (from, to, away) => {
    expect(distance(from, to)).toBe(away)
  })

  const spelling = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })

  test('is the one defined, or too far where it is more than what was asked for', () =>
    fc.assert(
      fc.property(spelling, spelling, fc.nat(7), (from, to, most) => {
        const away = defined(from, to)
        expect(distance(from, to)).toBe(away)
        expect(distance(from, to, most)).toBe(away <= most ? away : Number.POSITIVE_INFINITY)
      }),
    ))

  test('is not looked for where the lengths alone are too far apart', () => {
    expect(readingsOf(() => distance('a'.repeat(10_000), 'a'.repeat(9_990), 9))).toBe(0)
  })

  test('reads a band as wide as what was asked for', () => {
    const readings = readingsOf(() => distance('a'.repeat(1_000), 'a'.repeat(1_000), 3))
    expect(readings).toBeGreaterThanOrEqual(1_000)
    expect(readings).toBeLessThanOrEqual(1_000 * (2 * 3 + 1 + 1))
  })

  test('is given up once all ways are too long', () => {
    const readings = readingsOf(() => distance('a'.repeat(1_000), 'b'.repeat(1_000), 3))
    expect(readings).toBeGreaterThan(0)
    expect(readings).toBeLessThanOrEqual((3 + 1) * (2 * 3 + 1 + 1))
  })
})
