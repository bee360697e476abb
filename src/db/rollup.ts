// How the range that is asked for is cut into cells of `login_rollup` and the ragged rest, which is read from the logins
// themselves. Pure.

import type { Millis } from '../login/vocabulary.ts'
import type { Cube, Span } from './tables/login-rollup.ts'

export const cubes: readonly Cube[] = ['PLACE', 'WAY']

/** The widest first: each begins where one of the narrower does. */
export const spans: readonly { readonly name: Span; readonly milliseconds: number }[] = [
  { name: 'DAY', milliseconds: 86_400_000 },
  // China's midnight is the end of one, as that of half the world's people.
  { name: 'THIRD', milliseconds: 28_800_000 },
  { name: 'HOUR', milliseconds: 3_600_000 },
  { name: 'QUARTER', milliseconds: 900_000 },
]

/** From, inclusive, to, exclusive. Null: without an end. */
export interface Range {
  readonly from: Millis | null
  readonly to: Millis | null
}

export interface Cut {
  readonly cells: readonly (Range & { readonly span: Span })[]
  /** What all cells cover together; null: none is used. */
  readonly covered: Range | null
  /** What is left at either end. */
  readonly rest: readonly Range[]
}

/** `widest`: no cell may be wider than that. */
export const cutRange = (range: Range, widest: Span): Cut => {
  const allowed = spans.slice(spans.findIndex(({ name }) => name === widest))
  const cells: (Range & { span: Span })[] = []
  let covered: Range | null = null
  for (const { name, milliseconds } of allowed) {
    if (covered === null) {
      covered = within(range, milliseconds)
      if (covered !== null) cells.push({ span: name, ...covered })
      continue
    }
    const wider: Range = covered
    const from = range.from === null ? null : up(range.from, milliseconds)
    const to = range.to === null ? null : down(range.to, milliseconds)
    if (wider.from !== null && from !== null && from < wider.from)
      cells.push({ span: name, from, to: wider.from })
    if (wider.to !== null && to !== null && to > wider.to) cells.push({ span: name, from: wider.to, to })
    covered = { from, to }
  }
  return { cells, covered, rest: restOf(range, covered) }
}

/** Nobody names a moment from here on, and no database reads one as it is written here. */
const tenThousand = Date.UTC(10_000, 0, 1)

/** The whole steps of a range; null: not one. */
const within = ({ from, to }: Range, step: number): Range | null => {
  const first = from === null ? null : up(from, step)
  const last = to === null ? null : down(to, step)
  const isNone = first !== null && first >= Math.min(last ?? tenThousand, tenThousand)
  return isNone ? null : { from: first, to: last }
}

const up = (at: Millis, step: number): Millis => Math.ceil(at / step) * step
const down = (at: Millis, step: number): Millis => Math.floor(at / step) * step

const restOf = (range: Range, covered: Range | null): readonly Range[] => {
  if (covered === null) return [range]
  const before =
    range.from === null || covered.from === range.from ? [] : [{ from: range.from, to: covered.from }]
  const after = range.to === null || covered.to === range.to ? [] : [{ from: covered.to, to: range.to }]
  return [...before, ...after]
}
