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
  // A day of New York's summer is four cells with these, and ten without; one of Tokyo seven or eight.
  { name: 'SIXTH', milliseconds: 14_400_000 },
  { name: 'HOUR', milliseconds: 3_600_000 },
  { name: 'QUARTER', milliseconds: 900_000 },
]

/** From, inclusive, to, exclusive. Null: without an end. */
export interface Range {
  readonly from: Millis | null
  readonly to: Millis | null
}

/** All cells of one span that begin within the range. */
export interface Piece extends Range {
  readonly span: Span
}

export interface Cut {
  readonly pieces: readonly Piece[]
  /** What the pieces cover together. */
  readonly covered: readonly Range[]
  /** What no cell fits into: read from the logins. */
  readonly rest: readonly Range[]
}

/**
 * As few cells as fit: none is wider than `widest`, and no border, in rising order, runs through one. What borders leave
 * between them is joined again where it is of one span: by Shanghai's days a year is one piece of thirds.
 */
export const cutRange = (range: Range, borders: readonly Millis[], widest: Span): Cut => {
  const inner = borders.filter(
    at => (range.from === null || at > range.from) && (range.to === null || at < range.to),
  )
  const cuts = [range.from, ...inner].map((from, place) =>
    cutOnce({ from, to: inner[place] ?? range.to }, widest),
  )
  return {
    pieces: spans.flatMap(({ name: span }) =>
      joined(cuts.flatMap(cut => cut.pieces.filter(piece => piece.span === span))).map(piece => ({
        ...piece,
        span,
      })),
    ),
    covered: joined(cuts.flatMap(cut => cut.covered)),
    rest: joined(cuts.flatMap(cut => cut.rest)),
  }
}

const cutOnce = (range: Range, widest: Span): Cut => {
  const pieces: Piece[] = []
  let covered: Range | null = null
  for (const { name, milliseconds } of spans.slice(spans.findIndex(({ name }) => name === widest))) {
    if (covered === null) {
      covered = within(range, milliseconds)
      if (covered !== null) pieces.push({ span: name, ...covered })
      continue
    }
    const wider: Range = covered
    const from = range.from === null ? null : up(range.from, milliseconds)
    const to = range.to === null ? null : down(range.to, milliseconds)
    if (wider.from !== null && from !== null && from < wider.from)
      pieces.push({ span: name, from, to: wider.from })
    if (wider.to !== null && to !== null && to > wider.to) pieces.push({ span: name, from: wider.to, to })
    covered = { from, to }
  }
  return { pieces, covered: covered === null ? [] : [covered], rest: restOf(range, covered) }
}

/** In rising order, those that touch as one. */
const joined = (ranges: readonly Range[]): readonly Range[] => {
  const whole: Range[] = []
  for (const { from, to } of ranges.toSorted(
    (one, other) => (one.from ?? -Infinity) - (other.from ?? -Infinity),
  )) {
    const last = whole.at(-1)
    if (last !== undefined && last.to === from) whole[whole.length - 1] = { from: last.from, to }
    else whole.push({ from, to })
  }
  return whole
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
