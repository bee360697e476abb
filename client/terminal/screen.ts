// A terminal with lines that stay and, below them, a part that is drawn anew. The only file that knows escape sequences.
// Refuses to know what the lines say.

import { cutTo } from './plain.ts'
import type { Line, Room } from './render.ts'

/** What the screen needs of `process.stdout`. */
export interface Terminal {
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

const TONES: Readonly<Record<Line['tone'], string>> = {
  plain: '',
  // Fixed white on fixed black: a theme that swaps them makes a code that some phones do not read.
  code: '\u001b[38;5;231;48;5;16m',
  strong: '\u001b[1m',
  faint: '\u001b[2m',
  good: '\u001b[32m',
  bad: '\u001b[33m',
}

export class Screen {
  readonly #terminal: Terminal
  readonly #colours: boolean
  #drawn = 0
  #last = ''
  #closed = false

  constructor(terminal: Terminal, colours: boolean) {
    this.#terminal = terminal
    this.#colours = colours
  }

  get room(): Room {
    return { columns: this.#terminal.columns ?? 80, rows: this.#terminal.rows ?? 24 }
  }

  /** A line that stays, above what is drawn. */
  say(line: Line): void {
    this.#terminal.write(`${this.#erase()}${this.#paint(line)}\n${this.#last}`)
    this.#drawn = lineCount(this.#last)
  }

  /** Replaces what is drawn; what does not fit is cut, since a wrapped or scrolled line could not be taken back. */
  draw(lines: readonly Line[]): void {
    const { columns, rows } = this.room
    const fitting = lines.slice(0, rows - 1)
    const text = fitting
      .map(line => `${this.#paint({ ...line, text: cutTo(line.text, columns - 1) })}\n`)
      .join('')
    if (text === this.#last || this.#closed) return
    this.#terminal.write(`\u001b[?25l${this.#erase()}${text}`)
    this.#drawn = fitting.length
    this.#last = text
  }

  /** Takes the drawn part away and gives the cursor back. Safe to call twice. */
  close(): void {
    if (this.#closed) return
    this.#terminal.write(`${this.#erase()}\u001b[?25h`)
    this.#last = ''
    this.#closed = true
  }

  #erase(): string {
    const up = this.#drawn
    this.#drawn = 0
    return up === 0 ? '' : `\r\u001b[${up}A\u001b[J`
  }

  #paint({ text, tone }: Line): string {
    const colour = this.#colours && text !== '' ? TONES[tone] : ''
    if (colour === '') return text
    // The margin of a code is not part of it.
    const margin = text.length - text.trimStart().length
    return tone === 'code'
      ? `  ${colour}${text.slice(2)}\u001b[0m`
      : `${text.slice(0, margin)}${colour}${text.slice(margin)}\u001b[0m`
  }
}

function lineCount(text: string): number {
  return text.split('\n').length - 1
}
