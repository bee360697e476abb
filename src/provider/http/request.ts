// Calls that are rare beside the polls: one asked, one answer read whole. Who finds no line free waits here, and
// can be called off. It knows no dialect, and no circuit.

import type { Client } from 'undici'
import { ProviderError } from '../port.ts'
import { errorOf } from './failure.ts'
import type { Lines } from './lines.ts'

/** Bytes of an answer, where whoever asks says nothing else. */
const longest = 1_048_576

export interface Answer {
  readonly status: number
  readonly body: Uint8Array
}

export interface Request {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Posted; null: it is a GET. */
  readonly body: string | null
  readonly signal: AbortSignal
  /** Ends the waiting for a free line; `signal` does as well. */
  readonly waiting: AbortSignal
  /** Called in the tick in which the call goes out. Where it throws, nothing is sent. */
  readonly leaves: () => void
  /** Bytes of an answer at most. */
  readonly most?: number
}

interface Waiting {
  take(line: Client): void
  refuse(error: ProviderError): void
}

export class Requests {
  readonly #lines: Lines
  readonly #waiting = new Set<Waiting>()
  #closed = false

  constructor(lines: Lines) {
    this.#lines = lines
  }

  /** Throws ProviderError. */
  async ask(request: Request): Promise<Answer> {
    const { signal } = request
    if (signal.aborted) throw givenUp(false, signal.reason)
    if (this.#closed) throw closed()
    // Not a tick is lost where there is nothing to wait for.
    const line = this.#lines.take() ?? (await this.#wait(request.waiting))
    try {
      request.leaves()
    } catch (error) {
      this.#release(line)
      throw error
    }
    let isSent = true
    const giveUp = () => {
      // undici begins a call, and could end it, only once its connection stands.
      isSent = line.stats.connected
      if (!isSent) this.#lines.drop(line)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await exchange(line, request)
    } catch (error) {
      throw signal.aborted ? givenUp(isSent, signal.reason) : errorOf(error)
    } finally {
      signal.removeEventListener('abort', giveUp)
      this.#release(line)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#waiting) waiting.refuse(closed())
    await this.#lines.close()
  }

  #wait(signal: AbortSignal): Promise<Client> {
    if (signal.aborted) return Promise.reject(givenUp(false, signal.reason))
    return new Promise((resolve, reject) => {
      const stop = () => waiting.refuse(givenUp(false, signal.reason))
      const leave = () => {
        this.#waiting.delete(waiting)
        signal.removeEventListener('abort', stop)
      }
      const waiting: Waiting = {
        take: line => {
          leave()
          resolve(line)
        },
        refuse: error => {
          leave()
          reject(error)
        },
      }
      this.#waiting.add(waiting)
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  /** And on to whoever waits. */
  #release(line: Client): void {
    this.#lines.release(line)
    for (const waiting of this.#waiting) {
      const line = this.#lines.take()
      if (line === null) return
      waiting.take(line)
    }
  }
}

const exchange = async (
  line: Client,
  { path, headers, body, signal, most = longest }: Request,
): Promise<Answer> => {
  const method = body === null ? 'GET' : 'POST'
  const answer = await line.request({ method, path, headers: { ...headers }, body, signal })
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer.body) {
    size += chunk.length
    // Leaving the loop ends the connection, and with it what is still to come.
    if (size > most) throw new ProviderError({ kind: 'UNREADABLE', sent: true, answered: false })
    chunks.push(chunk)
  }
  return { status: answer.statusCode, body: Buffer.concat(chunks) }
}

const givenUp = (sent: boolean, cause: unknown): ProviderError =>
  new ProviderError({ kind: 'TIMEOUT', sent, answered: false, cause })

const closed = (): ProviderError =>
  new ProviderError({ kind: 'UNREACHABLE', sent: false, answered: false, cause: new Error('Closed') })
