// Where presence is shown: a table that is drawn anew, or a stream with one line per change. Refuses to know the gateway.

import { plain } from '../terminal/plain.ts'
import { Screen, type Terminal } from '../terminal/screen.ts'
import type { Account, PresenceUpdate } from './documents.ts'
import { lineOf } from './line.ts'
import { table } from './table.ts'

export interface Surface {
  show(update: PresenceUpdate): void
  /** Why nothing comes; null: it does again. */
  connection(lost: string | null): void
  close(): void
}

export interface DrawnOptions {
  readonly colours: boolean
  /** Many changes at once are drawn once, so many milliseconds after the first. */
  readonly wait: number
  readonly now: () => Date
}

/** For a person at a terminal. */
export function drawnOn(terminal: Terminal, { colours, wait, now }: DrawnOptions): Surface {
  const screen = new Screen(terminal, colours)
  const accounts = new Map<string, Account>()
  let lost: string | null = null
  let timer: NodeJS.Timeout | null = null
  const draw = () => {
    timer = null
    screen.draw(table({ accounts: [...accounts.values()], lost, now: now() }, screen.room))
  }
  const soon = () => {
    timer ??= setTimeout(draw, wait)
  }
  // The window may have another size by now; what is the same is not drawn.
  const tick = setInterval(soon, 1_000)
  draw()
  return {
    show: ({ account }) => {
      accounts.set(account.id, account)
      soon()
    },
    connection: why => {
      lost = why
      soon()
    },
    close: () => {
      clearInterval(tick)
      if (timer !== null) clearTimeout(timer)
      screen.close()
    },
  }
}

export interface Writer {
  write(text: string): unknown
}

/** For a pipe: accounts on `out`, everything else on `aside`. What is known already is not said again. */
export function linesTo(out: Writer, aside: Writer): Surface {
  const known = new Map<string, string>()
  return {
    show: update => {
      const { account, change } = update
      const { asOf: _, ...stands } = account.presence
      const looks = JSON.stringify({ ...account, presence: stands })
      if (change !== null || known.get(account.id) !== looks) out.write(`${lineOf(update)}\n`)
      known.set(account.id, looks)
    },
    connection: why => {
      aside.write(why === null ? 'the gateway is back\n' : `waiting for the gateway… (${plain(why)})\n`)
    },
    close: () => {},
  }
}
