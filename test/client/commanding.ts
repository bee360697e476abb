// A command as a person meets it: its terminal, its signals and its pauses; and a server whose calls a test counts.

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Around } from '../../client/terminal/command.ts'

export const KEY = 'key-of-the-tests'

export interface Commanded<Status> {
  readonly status: Promise<Status>
  out(): string
  err(): string
  /** Lengths of the pauses, in seconds. */
  readonly pauses: readonly number[]
  interrupt(): void
  /** How many listen for a signal. */
  listening(): number
}

export interface Person {
  readonly tty?: { columns: number; rows: number }
  readonly key?: string
  /** What happens while the command waits; it never really does. */
  readonly meanwhile?: () => Promise<void>
}

export const commanding = <Status>(
  run: (around: Around & { pause(milliseconds: number): Promise<void> }) => Promise<Status>,
  argv: readonly string[],
  { tty, key = KEY, meanwhile }: Person,
): Commanded<Status> => {
  let [out, err] = ['', '']
  const pauses: number[] = []
  const interrupts = new Set<() => void>()
  const status = run({
    argv,
    env: { GATEHOUSE_ADMIN_KEY: key },
    stdout: { write: (text: string) => (out += text), isTTY: tty !== undefined, ...tty },
    stderr: { write: (text: string) => (err += text) },
    onInterrupt: listener => {
      interrupts.add(listener)
      return () => interrupts.delete(listener)
    },
    pause: async milliseconds => {
      pauses.push(milliseconds / 1_000)
      await meanwhile?.()
    },
  })
  return {
    status,
    out: () => out,
    err: () => err,
    pauses,
    interrupt: () => {
      for (const listener of [...interrupts]) listener()
    },
    listening: () => interrupts.size,
  }
}

export interface Served<Call> extends AsyncDisposable {
  readonly url: string
  /** In order. */
  readonly calls: readonly Call[]
  /** Resolves once so many calls have come in. */
  called(times: number): Promise<void>
}

/** On a loopback port of its own; `respond` says of what came in what counts as a call. */
export const serving = async <Call>(
  respond: (count: (call: Call) => void) => RequestListener,
): Promise<Served<Call>> => {
  const calls: Call[] = []
  const waiting = new Set<() => void>()
  const count = (call: Call) => {
    calls.push(call)
    for (const look of waiting) look()
  }
  const server = createServer(respond(count)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    called: times =>
      new Promise(resolve => {
        const look = () => {
          if (calls.length < times) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
