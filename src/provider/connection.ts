// What all calls to one configured upstream share, whatever its dialect: where it is, the token, the circuit, the pacing.
// It knows no endpoint.

import { Circuit } from './circuit.ts'
import { Lines, newConnector } from './http/lines.ts'
import type { ProviderOptions } from './options.ts'
import { Pacing } from './pacing.ts'
import { type Conceal, conceal } from './text.ts'

export interface Connection {
  readonly name: string
  readonly origin: string
  /** Before every endpoint's path; without a slash at its end. */
  readonly base: string
  readonly headers: Record<string, string>
  readonly circuit: Circuit
  readonly pacing: Pacing
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Milliseconds since 1970. */
  readonly today: () => number
  /** Blanks the token, and these secrets of a call. */
  readonly hide: (...secrets: readonly (string | null)[]) => Conceal
  readonly lines: (options: ConnectionLines) => Lines
}

interface ConnectionLines {
  readonly max: number
  readonly patience: number
  readonly idle: number | null
}

/** P 1: the token goes raw. */
export const openConnection = (options: ProviderOptions, contentType: string): Connection => {
  const { origin, pathname } = new URL(options.baseUrl)
  const now = options.monotonic ?? (() => performance.now())
  const connector = newConnector()
  return {
    name: options.name,
    origin,
    base: pathname.replace(/\/+$/u, ''),
    headers: { authorization: options.token, 'content-type': contentType },
    circuit: new Circuit(now),
    pacing: new Pacing(now),
    now,
    today: options.today ?? Date.now,
    hide: (...secrets) => conceal(options.token, ...secrets),
    lines: lines => new Lines({ origin, connector, ...lines }),
  }
}
