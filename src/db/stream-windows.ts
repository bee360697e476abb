// From batch to batch until the last. A batch that runs out of its time is asked for again over a shorter stretch of
// starts: so a filter that fits few of millions is answered by several short statements instead of none. Knows no SQL.

import type { Millis } from '../login/vocabulary.ts'
import { DatabaseError } from './errors.ts'
import type { LoginFilter, MomentCursor } from './filters.ts'

/** What is left: logins that fit, after a cursor. */
export interface StreamPlace {
  readonly where: LoginFilter
  readonly after: MomentCursor | null
}

interface Stream<Row> {
  readonly direction: 'ASC' | 'DESC'
  readonly place: StreamPlace
  readonly limit: number
  /** Aborted: nobody waits for the rest. */
  readonly signal?: AbortSignal | undefined
  /** The first `limit` of that place. */
  read(place: StreamPlace): Promise<readonly Row[]>
  /** When the very first login started; null: there is none. */
  first(): Promise<Millis | null>
}

interface Started {
  readonly id: string
  readonly started: Millis
}

/** No shorter: that many logins do not start in a second. */
const shortest = 1_000
/** Milliseconds: what is answered sooner may be twice as long next, and still come in time. */
const soon = 100
/** What a stretch is divided by where it took too long. */
const share = 16

export const streamed = <Row extends Started>(stream: Stream<Row>): AsyncIterable<readonly Row[]> => ({
  [Symbol.asyncIterator]: () => batches(stream),
})

async function* batches<Row extends Started>(stream: Stream<Row>): AsyncGenerator<readonly Row[]> {
  const { direction, limit, read, signal } = stream
  /** Null: all that is left in one. */
  let stretch: Millis | null = null
  let hasBegun = false
  for (let place: StreamPlace | null = stream.place; place !== null; ) {
    if (signal?.aborted) return
    const window: Window = stretch === null ? { place, rest: null } : cut(direction, place, stretch)
    let rows: readonly Row[]
    const began = performance.now()
    try {
      rows = await read(window.place)
      hasBegun = true
    } catch (error) {
      // Whoever has a part waits in line once more; whoever has nothing is told to come back.
      if (hasBegun && isBusy(error)) continue
      if (!ranOut(error) || (stretch !== null && stretch <= shortest)) throw error
      const whole: Millis = stretch ?? (await lengthOf(stream, place))
      stretch = Math.max(shortest, Math.ceil(whole / share))
      // Both ends must be known to go on from one stretch to the next.
      place = await bounded(stream, place)
      continue
    }
    if (rows.length > 0) yield rows
    const last = rows.length < limit ? undefined : rows.at(-1)
    if (last !== undefined) place = { where: place.where, after: { at: last.started, id: last.id } }
    else {
      place = window.rest
      if (stretch !== null && performance.now() - began < soon) stretch *= 2
    }
  }
}

interface Window {
  readonly place: StreamPlace
  /** Null: nothing is left behind it. */
  readonly rest: StreamPlace | null
}

const cut = (direction: 'ASC' | 'DESC', { where, after }: StreamPlace, stretch: Millis): Window => {
  const { startedFrom: from = 0, startedTo: to = 0 } = where
  if (direction === 'ASC') {
    const edge = Math.max(from, after?.at ?? from) + stretch
    return edge >= to
      ? { place: { where, after }, rest: null }
      : {
          place: { where: { ...where, startedTo: edge }, after },
          rest: { where: { ...where, startedFrom: edge }, after: null },
        }
  }
  const edge = Math.min(to, after?.at ?? to) - stretch
  return edge <= from
    ? { place: { where, after }, rest: null }
    : {
        place: { where: { ...where, startedFrom: edge }, after },
        rest: { where: { ...where, startedTo: edge }, after: null },
      }
}

const lengthOf = async <Row>(stream: Stream<Row>, place: StreamPlace): Promise<Millis> => {
  const { startedFrom = 0, startedTo = 0 } = (await bounded(stream, place)).where
  return startedTo - startedFrom
}

/** With both bounds: from the very first login, and to beyond anything that a clock has reached. */
const bounded = async <Row>({ first }: Stream<Row>, { where, after }: StreamPlace): Promise<StreamPlace> => {
  const startedTo = where.startedTo ?? Date.now() + 86_400_000
  const startedFrom = where.startedFrom ?? (await first()) ?? startedTo
  return { where: { ...where, startedFrom, startedTo }, after }
}

const isBusy = (error: unknown): boolean => error instanceof DatabaseError && error.busy

/** The server ended the statement: its time was up. */
const ranOut = (error: unknown): boolean => error instanceof DatabaseError && error.tooExpensive
