// How a range is cut into cells: every moment of it is in one cell or in the rest, whatever borders there are.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutRange, type Range, spans } from '../../src/db/rollup.ts'

const origin = Date.parse('2026-03-01T00:00:00Z')
const minute = 60_000
const days = 30
const widths = new Map(spans.map(({ name, milliseconds }) => [name, milliseconds]))
const widthOf = (span: string): number => widths.get(span as never) ?? Number.NaN

const moment = fc.oneof(
  fc.integer({ min: 0, max: days * 1_440 * minute }).map(offset => origin + offset),
  fc.integer({ min: 0, max: days * 96 }).map(quarters => origin + quarters * 15 * minute),
)
const range = fc
  .tuple(fc.option(moment), fc.option(moment))
  .map(
    ([one, other]): Range =>
      one !== null && other !== null
        ? { from: Math.min(one, other), to: Math.max(one, other) + 1 }
        : { from: one, to: other },
  )
const borders = fc.uniqueArray(moment, { maxLength: 12 }).map(list => list.toSorted((a, b) => a - b))

/** Where the cut is looked at: a day on either side, so that ranges without an end have been seen to have none. */
const window = { from: origin - 1_440 * minute, to: origin + (days + 1) * 1_440 * minute }
const inWindow = ({ from, to }: Range): readonly [number, number] => [
  Math.max(from ?? window.from, window.from),
  Math.min(to ?? window.to, window.to),
]
const lengthOf = (ranges: readonly Range[]): number =>
  ranges.map(inWindow).reduce((sum, [begins, ends]) => sum + ends - begins, 0)

test('every moment of a range is in one piece or in the rest, once', () => {
  fc.assert(
    fc.property(range, borders, fc.constantFrom(...spans), (asked, cutAt, { name }) => {
      const { pieces, covered, rest } = cutRange(asked, cutAt, name)
      const follows = (ranges: readonly Range[]) =>
        ranges.map(inWindow).toSorted(([one], [other]) => one - other)
      const whole = follows([...pieces, ...rest])
      const [from, to] = inWindow(asked)
      expect(whole[0]?.[0]).toBe(from)
      expect(whole.at(-1)?.[1]).toBe(to)
      for (const [place, [begins]] of whole.entries())
        if (place > 0) expect(whole[place - 1]?.[1]).toBe(begins)
      expect(lengthOf(covered)).toBe(lengthOf(pieces))
    }),
  )
})

test('cells begin where their span does, are no wider than allowed, and no border runs through one', () => {
  fc.assert(
    fc.property(range, borders, fc.constantFrom(...spans), (asked, cutAt, { name, milliseconds }) => {
      for (const { span, from, to } of cutRange(asked, cutAt, name).pieces) {
        const width = widthOf(span)
        expect(width).toBeLessThanOrEqual(milliseconds)
        for (const end of [from, to]) if (end !== null) expect(end % width).toBe(0)
        for (const border of cutAt) {
          const isWithin = (from === null || border > from) && (to === null || border < to)
          if (isWithin) expect(border % width).toBe(0)
        }
      }
    }),
  )
})

test('what is left for the logins themselves is less than a quarter of an hour on either side of a border', () => {
  fc.assert(
    fc.property(range, borders, fc.constantFrom(...spans), (asked, cutAt, { name }) => {
      const within = cutAt.filter(at => at > (asked.from ?? -Infinity) && at < (asked.to ?? Infinity))
      const { rest } = cutRange(asked, cutAt, name)
      expect(rest.every(({ from, to }) => from !== null && to !== null)).toBe(true)
      expect(lengthOf(rest)).toBeLessThan((within.length + 1) * 30 * minute)
    }),
  )
})

const daysAt = (time: string, count: number) =>
  Array.from({ length: count }, (_, day) => Date.parse(`2026-03-01T${time}Z`) + day * 1_440 * minute)

test.each([
  ['UTC', '00:00', { DAY: 1 }],
  ['Shanghai', '16:00', { THIRD: 1 }],
  ['New York in summer', '04:00', { THIRD: 90, SIXTH: 91 }],
  ['New York in winter', '05:00', { THIRD: 90, SIXTH: 90, HOUR: 91 }],
  ['Kathmandu', '18:15', { THIRD: 90, SIXTH: 90, HOUR: 180, QUARTER: 91 }],
])('ninety days of %s are few pieces', (_zone, time, expected) => {
  const beginnings = daysAt(time, 91)
  const { pieces, rest } = cutRange(
    { from: beginnings[0] ?? null, to: beginnings.at(-1) ?? null },
    beginnings,
    'DAY',
  )
  const counts: Record<string, number> = {}
  for (const { span } of pieces) counts[span] = (counts[span] ?? 0) + 1
  expect(counts).toEqual(expected)
  expect(rest).toEqual([])
})
