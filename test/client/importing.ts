// The import command as a person meets it, and a gateway whose pages and ills a test writes down. What the true one does
// is in test/app/import.test.ts.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '../../client/import/pages.ts'
import { type ExitStatus, run } from '../../client/import/run.ts'

export const KEY = 'key-of-the-tests'

/** What a call is answered with: a page, a refusal, an error of the whole request, or nothing: the connection breaks. */
export type Answer =
  | Partial<Page>
  | {
      readonly __typename: string
      readonly code: string
      readonly message: string
      readonly [more: string]: unknown
    }
  | { readonly extensions: { readonly code: string }; readonly message: string }
  | 'BREAKS'
  | 'HANGS'

export interface Paged extends AsyncDisposable {
  readonly url: string
  /** Of each call, in order. */
  readonly inputs: readonly {
    readonly provider: string
    readonly page: string | null
    readonly dryRun: boolean
  }[]
  /** Resolves once so many calls have come in. */
  called(times: number): Promise<void>
}

/** Answers in order; more calls than answers break. */
export const paged = async (...answers: readonly Answer[]): Promise<Paged> => {
  const inputs: Paged['inputs'][number][] = []
  const waiting = new Set<() => void>()
  const left = [...answers]
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { variables } = JSON.parse(Buffer.concat(parts).toString()) as {
      variables: { input: Paged['inputs'][number] }
    }
    inputs.push(variables.input)
    for (const look of waiting) look()
    const answer = left.shift() ?? 'BREAKS'
    if (answer === 'HANGS') return
    if (answer === 'BREAKS') {
      response.socket?.resetAndDestroy()
      return
    }
    const isError = 'extensions' in answer
    const page = { found: 0, imported: 0, known: 0, total: null, nextPage: null }
    const result = 'code' in answer ? answer : { __typename: 'ImportDevicesPayload', ...page, ...answer }
    response.writeHead(request.headers.authorization === `Bearer ${KEY}` ? 200 : 401, {
      'content-type': 'application/json',
    })
    response.end(JSON.stringify(isError ? { errors: [answer] } : { data: { result } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inputs,
    called: times =>
      new Promise(resolve => {
        const look = () => {
          if (inputs.length < times) return
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

export interface Imported {
  readonly status: Promise<ExitStatus>
  out(): string
  err(): string
  /** Lengths of the pauses, in seconds. */
  readonly pauses: readonly number[]
  interrupt(): void
  /** How many listen for a signal. */
  listening(): number
}

export const importing = (
  argv: readonly string[],
  options: { readonly tty?: { columns: number; rows: number }; readonly key?: string } = {},
): Imported => {
  let [out, err] = ['', '']
  const pauses: number[] = []
  const interrupts = new Set<() => void>()
  const { tty } = options
  const status = run({
    argv,
    env: { GATEHOUSE_ADMIN_KEY: options.key ?? KEY },
    stdout: { write: (text: string) => (out += text), isTTY: tty !== undefined, ...tty },
    stderr: { write: (text: string) => (err += text) },
    onInterrupt: listener => {
      interrupts.add(listener)
      return () => interrupts.delete(listener)
    },
    pause: async milliseconds => void pauses.push(milliseconds / 1_000),
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
