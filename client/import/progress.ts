// How far an import has got: a bar on a terminal, a line per page elsewhere. Refuses to know how pages are read.

import { plain } from '../terminal/plain.ts'
import { Screen, type Terminal } from '../terminal/screen.ts'
import type { Page } from './pages.ts'
import type { Totals, Watcher } from './walk.ts'

export interface Progress extends Watcher {
  /** Takes away what was drawn. Safe to call twice. */
  close(): void
}

export interface Writer {
  write(text: string): unknown
}

/** Of all that there is; without the pages before the first one nobody knows how far that is. */
export interface Shown {
  readonly fromTheStart: boolean
}

export function barOn(terminal: Terminal, colours: boolean, { fromTheStart }: Shown): Progress {
  const screen = new Screen(terminal, colours)
  const draw = (text: string, tone: 'plain' | 'bad' = 'plain') => screen.draw([{ text, tone }])
  draw('Asking for a page…')
  return {
    read: ({ total }, totals) => {
      const { columns } = screen.room
      draw(bar(totals, fromTheStart ? total : null, columns))
    },
    waits: (reason, milliseconds) => screen.say({ text: waiting(reason, milliseconds), tone: 'bad' }),
    close: () => screen.close(),
  }
}

export function linesTo(out: Writer, aside: Writer, { fromTheStart }: Shown): Progress {
  let pages = 0
  return {
    read: (page, totals) => {
      pages++
      out.write(`${lineOf(pages, page, totals, fromTheStart)}\n`)
    },
    waits: (reason, milliseconds) => aside.write(`${waiting(reason, milliseconds)}\n`),
    close: () => {},
  }
}

function bar(totals: Totals, total: number | null, columns: number): string {
  const words = `imported ${counted(totals.imported)} · known ${counted(totals.known)}`
  if (total === null || total === 0) return `${counted(totals.found)} found · ${words}`
  const share = Math.min(1, totals.found / total)
  const width = Math.max(10, Math.min(40, columns - words.length - 30))
  const filled = Math.round(share * width)
  const drawn = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`
  return `${drawn} ${Math.floor(share * 100)} % of ${counted(total)} · ${words}`
}

function lineOf(number: number, page: Page, totals: Totals, fromTheStart: boolean): string {
  const { found, imported, known, total } = page
  const all = fromTheStart && total !== null ? ` of ${total}` : ''
  return `page ${number}: found ${found}, imported ${imported}, known ${known} (${totals.found}${all} so far)`
}

function waiting(reason: string, milliseconds: number): string {
  return `${plain(reason)} Trying again in ${Math.ceil(milliseconds / 1_000)} s.`
}

/** With separators: these numbers are for people. */
export function counted(count: number): string {
  return count.toLocaleString('en-US')
}
