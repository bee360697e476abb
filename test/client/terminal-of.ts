// The surroundings of one run of the command: streams that can be typed into and read, as a pipe or as a terminal.

import { PassThrough } from 'node:stream'
import { type ExitStatus, run } from '../../client/terminal/run.ts'

export interface Run {
  readonly status: Promise<ExitStatus>
  /** All that was printed so far. */
  readonly out: () => string
  readonly err: () => string
  readonly type: (text: string) => void
  readonly interrupt: () => void
  /** Resolves as soon as what was printed, on either stream, holds that text. */
  readonly saw: (text: string) => Promise<void>
}

export interface RunOptions {
  readonly env?: Record<string, string>
  readonly tty?: { readonly columns: number; readonly rows: number }
}

export function runLogin(argv: readonly string[], { env = {}, tty }: RunOptions = {}): Run {
  const stdin = Object.assign(new PassThrough(), { isTTY: tty !== undefined, setRawMode: () => {} })
  const out = new Paper()
  const err = new Paper()
  const interrupts = new Set<() => void>()
  const status = run({
    argv,
    env,
    stdin,
    stdout: Object.assign(out, { isTTY: tty !== undefined, ...tty }),
    stderr: err,
    onInterrupt: listener => {
      interrupts.add(listener)
      return () => interrupts.delete(listener)
    },
  })
  return {
    status,
    out: () => out.text,
    err: () => err.text,
    type: text => stdin.write(text),
    interrupt: () => {
      for (const listener of interrupts) listener()
    },
    saw: text => Promise.race([out.saw(text), err.saw(text)]),
  }
}

class Paper {
  text = ''
  readonly #waiting = new Map<() => void, string>()

  write(text: string): void {
    this.text += text
    for (const [resolve, wanted] of this.#waiting) if (this.text.includes(wanted)) resolve()
  }

  saw(wanted: string): Promise<void> {
    if (this.text.includes(wanted)) return Promise.resolve()
    return new Promise(resolve => this.#waiting.set(resolve, wanted))
  }
}
