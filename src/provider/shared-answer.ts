// One answer for all who ask the same at about the same time, from a question that left after each of them had asked: nobody
// hears how things stood before. It knows neither the question nor the upstream.

import { setTimeout as wait } from 'node:timers/promises'
import { orAborted } from './http/deadline.ts'
import { ProviderError } from './port.ts'

export interface SharedAnswerOptions<Answer> {
  /** Rejects with ProviderError. Whoever waits may go, and others still wait: nobody calls it off. */
  readonly ask: () => Promise<Answer>
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Milliseconds between two questions: whoever comes in between waits for the next one. */
  readonly apart: number
}

export class SharedAnswer<Answer> {
  readonly #options: SharedAnswerOptions<Answer>
  /** Has not left yet. */
  #next: Promise<Answer> | null = null
  #asked = Number.NEGATIVE_INFINITY

  constructor(options: SharedAnswerOptions<Answer>) {
    this.#options = options
  }

  /** Throws ProviderError. */
  async get(signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) throw givenUp(false, signal.reason)
    this.#next ??= this.#question()
    try {
      return await orAborted(this.#next, signal)
    } catch (error) {
      throw error instanceof ProviderError ? error : givenUp(true, error)
    }
  }

  async #question(): Promise<Answer> {
    const { ask, now, apart } = this.#options
    const rest = this.#asked + apart - now()
    // At the least all who ask in this very tick ask together.
    await (rest > 0 ? wait(rest, undefined, { ref: false }) : null)
    this.#next = null
    this.#asked = now()
    return await ask()
  }
}

const givenUp = (sent: boolean, cause: unknown): ProviderError =>
  new ProviderError({ kind: 'TIMEOUT', sent, answered: false, cause })
