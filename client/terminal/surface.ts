// Where a login is shown: a terminal that is drawn anew, or a stream with one line per event.
// Refuses to know the gateway, the phone and what a choice does.

import type { LoginUpdate } from './answers.ts'
import { type Choice, entered, offered, phoneOffered, pressed } from './keys.ts'
import { lineOf } from './line.ts'
import { plain } from './plain.ts'
import { eventLine, type Line, render } from './render.ts'
import { Screen, type Terminal } from './screen.ts'
import type { View } from './view.ts'

export interface Surface {
  /** An update, once and in order. */
  tell(update: LoginUpdate): void
  /** A sentence about the login that stays. */
  say(text: string, tone?: Line['tone']): void
  /** How it stands now. Called at every change and once a second. */
  show(view: View): void
  /** What came from the keyboard, read for what is offered now; null: nothing that can be done. */
  choose(view: View, input: string): Choice | null
  close(): void
}

export interface Writer {
  write(text: string): unknown
}

/** For a person at a terminal. `local` reads a monotonic clock. */
export function drawnOn(terminal: Terminal, colours: boolean, local: () => number): Surface {
  const screen = new Screen(terminal, colours)
  return {
    tell: ({ event }) => {
      if (event !== null) screen.say(eventLine(event))
    },
    say: (text, tone = 'plain') => screen.say({ text: plain(text), tone }),
    show: view => screen.draw(render(view, screen.room, local())),
    choose: pressed,
    close: () => screen.close(),
  }
}

/** For a pipe: events and the end on `out`, everything else on `aside`. */
export function linesTo(out: Writer, aside: Writer): Surface {
  let lost = false
  let note: string | null = null
  return {
    tell: update => {
      const line = lineOf(update)
      if (line !== null) out.write(`${line}\n`)
    },
    say: (text, tone) => (tone === 'faint' ? aside : out).write(`${plain(text)}\n`),
    show: view => {
      if (view.lost !== null && !lost) aside.write(`waiting for the gateway… (${plain(view.lost)})\n`)
      if (view.lost === null && lost) aside.write('the gateway is back\n')
      if (view.note !== null && view.note !== note) aside.write(`${plain(view.note)}\n`)
      lost = view.lost !== null
      note = view.note
    },
    choose: (view, input) => {
      if (input.trim() === '') return null
      const choice = entered(view, input)
      if (choice === null) {
        const keys = [...offered({ ...view, typed: null }), ...phoneOffered({ ...view, typed: null })]
        aside.write(
          `${JSON.stringify(plain(input))} does nothing now; offered: ${keys.map(({ key }) => key).join(' ')}\n`,
        )
      }
      return choice
    },
    close: () => {},
  }
}
