// One answer for all who ask the same at about the same time. It is as old as its question: whoever waits that long after
// something happened hears no answer from before. It knows neither the question nor the upstream.

import { orAborted } from './http/deadline.ts'
import { ProviderError } from './port.ts'

interface Asked<Answer> {
  readonly answer: Promise<Answer>
  /** Shared until then. */
  readonly until: number
}

export interface SharedAnswerOptions<Answer> {
  /** Rejects with ProviderError. Whoever waits may go, and others still wait: nobody calls it off. */
  readonly ask: () => Promise<Answer>
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Milliseconds from when it was asked. */
  readonly freshFor: number
}

export class SharedAnswer<Answer> {
  readonly #options: SharedAnswerOptions<Answer>
  #last: Asked<Answer> | null = null

  constructor(options: SharedAnswerOptions<Answer>) {
    this.#options = options
  }

  /** Throws ProviderError. A failure is told to all who waited for it, and to nobody who comes later. */
  async get(signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) throw givenUp(false, signal.reason)
    try {
      return await orAborted(this.#current(), signal)
    } catch (error) {
      throw error instanceof ProviderError ? error : givenUp(true, error)
    }
  }

  #current(): Promise<Answer> {
    const { ask, now, freshFor } = this.#options
    if (this.#last !== null && now() < this.#last.until) return this.#last.answer
    const asked: Asked<Answer> = { until: now() + freshFor, answer: ask() }
    this.#last = asked
    asked.answer.catch(() => {
      if (this.#last === asked) this.#last = null
    })
    return asked.answer
  }
}

const givenUp = (sent: boolean, cause: unknown): ProviderError =>
  new ProviderError({ kind: 'TIMEOUT', sent, answered: false, cause })
