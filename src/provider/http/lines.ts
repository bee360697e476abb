// Connections to one upstream, one call on each, the warmest first where they are kept. Nothing queues in here: who finds no
// line free waits where the waiting can be seen. It knows no login and no dialect.

import { buildConnector, Client } from 'undici'

export type Connector = ReturnType<typeof buildConnector>

/** One for all lines to an upstream, so that they share its TLS sessions. */
export const newConnector = (): Connector =>
  buildConnector({ timeout: 5_000, maxCachedSessions: 100, allowH2: false })

export interface LinesOptions {
  readonly origin: string
  readonly connector: Connector
  /** Open at once, and so calls at once. */
  readonly max: number
  /** Milliseconds without a byte after which undici gives up by itself, behind the caller's own deadline. */
  readonly patience: number
  /**
   * Milliseconds that an idle connection is kept. Reusing one just as the other side ends it loses a call. Null: none is,
   * for calls that hang, whose connections are many and would be reused minutes later.
   */
  readonly idle: number | null
}

export class Lines {
  readonly #origin: string
  readonly #max: number
  /** Whether a line lives on after its call. */
  readonly kept: boolean
  readonly #options: Client.Options
  readonly #idle: Client[] = []
  readonly #all = new Set<Client>()
  #closed = false

  constructor({ origin, connector, max, patience, idle }: LinesOptions) {
    this.#origin = origin
    this.#max = max
    this.kept = idle !== null
    this.#options = {
      connect: connector,
      allowH2: false,
      pipelining: 1,
      headersTimeout: patience,
      bodyTimeout: patience,
      ...(idle === null ? {} : { keepAliveTimeout: idle }),
    }
  }

  /** Lines there are, busy and idle. */
  get size(): number {
    return this.#all.size
  }

  get full(): boolean {
    return this.#closed || (this.#idle.length === 0 && this.#all.size >= this.#max)
  }

  /** For one call. Null: none is free. */
  take(): Client | null {
    if (this.full) return null
    return this.#idle.pop() ?? this.#open()
  }

  /** Once for each `take`, when the call has settled. */
  release(line: Client): void {
    if (!this.kept) this.drop(line)
    else if (this.#all.has(line)) this.#idle.push(line)
  }

  /**
   * Instead of waiting for a connection that nobody needs any more. The call on it fails: now, where the connection does
   * not stand yet, else once it is closed.
   */
  drop(line: Client): void {
    if (this.#all.delete(line)) void line.destroy()
  }

  /** Ends every call under way; no line is given out afterwards. */
  async close(): Promise<void> {
    this.#closed = true
    const lines = [...this.#all]
    this.#all.clear()
    this.#idle.length = 0
    await Promise.all(lines.map(line => line.destroy()))
  }

  #open(): Client {
    const line = new Client(this.#origin, this.#options)
    this.#all.add(line)
    return line
  }
}
