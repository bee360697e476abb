// How far an export has got: a bar on a terminal, now and then a line elsewhere. Refuses to know how rows are read.

import { plain } from '../terminal/plain.ts'
import { Screen, type Terminal } from '../terminal/screen.ts'
import type { Watcher } from './walk.ts'

export interface Progress extends Watcher {
  /** How many there are in all, once that is known. */
  expect(total: number): void
  /** Takes away what was drawn. Safe to call twice. */
  close(): void
}

export interface Writer {
  write(text: string): unknown
}

/** Milliseconds between two looks. */
const drawnEvery = 100
const saidEvery = 10_000

export interface Shown {
  /** Rows that were there before: they say nothing of how fast it goes. */
  readonly already: number
  /** Milliseconds; any clock that goes forward. */
  readonly now: () => number
}

export function barOn(terminal: Terminal, colours: boolean, shown: Shown): Progress {
  const screen = new Screen(terminal, colours)
  const draw = (text: string) => screen.draw([{ text, tone: 'plain' }])
  draw('Asking for the first rows…')
  return {
    ...pacedBy(shown, drawnEvery, pace => draw(bar(pace, screen.room.columns))),
    waits: (reason, milliseconds) => screen.say({ text: waiting(reason, milliseconds), tone: 'bad' }),
    close: () => screen.close(),
  }
}

export function linesTo(out: Writer, aside: Writer, shown: Shown): Progress {
  return {
    ...pacedBy(shown, saidEvery, ({ rows, total, perSecond }) => {
      const all = total === null ? '' : ` of ${counted(total)}`
      out.write(`${counted(rows)}${all} rows, ${counted(perSecond)} rows/s\n`)
    }),
    waits: (reason, milliseconds) => aside.write(`${waiting(reason, milliseconds)}\n`),
    close: () => {},
  }
}

interface Pace {
  readonly rows: number
  /** Null: not known. */
  readonly total: number | null
  readonly perSecond: number
}

function pacedBy({ already, now }: Shown, every: number, show: (pace: Pace) => void) {
  const began = now()
  let last = every === saidEvery ? began : Number.NEGATIVE_INFINITY
  let total: number | null = null
  return {
    expect: (told: number) => {
      total = told
    },
    wrote: ({ rows }: { readonly rows: number }) => {
      const at = now()
      if (at - last < every) return
      last = at
      show({ rows, total, perSecond: Math.round(((rows - already) * 1_000) / Math.max(1, at - began)) })
    },
  }
}

function bar({ rows, total, perSecond }: Pace, columns: number): string {
  const rate = `${counted(perSecond)} rows/s`
  // Where logins start meanwhile there are more than were counted.
  if (total === null || rows > total) return `${counted(rows)} rows · ${rate}`
  const share = total === 0 ? 1 : rows / total
  const left = perSecond === 0 ? '' : ` · ${Math.ceil((total - rows) / perSecond)} s left`
  const words = ` ${Math.floor(share * 100)} % of ${counted(total)} · ${rate}${left}`
  const width = Math.max(10, Math.min(40, columns - words.length - 2))
  const filled = Math.round(share * width)
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}${words}`
}

function waiting(reason: string, milliseconds: number): string {
  return `${plain(reason)} Trying again in ${Math.ceil(milliseconds / 1_000)} s.`
}

/** With separators: these numbers are for people. */
export function counted(count: number): string {
  return count.toLocaleString('en-US')
}
