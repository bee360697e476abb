/**
 * What was asked and what was answered: a ring of the newest calls, and counters that never forget.
 * Refuses to judge. Nothing is masked: this is a simulator, and tests look for what should not have been sent.
 */
import type { Endpoint } from './endpoints.ts'

/** One call. Times are the clock's milliseconds, monotonic; `ended` is null while it is under way. */
export type LoggedCall = {
  readonly id: number
  readonly endpoint: Endpoint
  readonly deviceId: string | null
  readonly params: Readonly<Record<string, string>>
  readonly contentType: string
  readonly began: number
  ended: number | null
  /** HTTP status; null: no answer was sent. */
  status: number | null
  /** The body as it was sent; null for pictures and where nothing was. */
  answered: string | null
  /** The fault that it met. */
  fault: string | null
  /** How it ended where no answer got through. */
  end: 'answered' | 'reset' | 'gone' | 'closed' | null
}

export type CallQuery = {
  readonly deviceId?: string
  readonly endpoint?: Endpoint
  /** Calls with a greater id only. */
  readonly after?: number
  /** The newest so many. */
  readonly limit?: number
}

export class CallLog {
  readonly #size: number
  readonly #ring: LoggedCall[] = []
  readonly #totals = new Map<Endpoint, number>()
  #last = 0

  /** `size`: how many calls are remembered; 0 remembers none and only counts. */
  constructor(size: number) {
    this.#size = size
  }

  begin(
    endpoint: Endpoint,
    deviceId: string | null,
    params: Readonly<Record<string, string>>,
    contentType: string,
    began: number,
  ): LoggedCall {
    const id = ++this.#last
    const call: LoggedCall = {
      id,
      endpoint,
      deviceId,
      params,
      contentType,
      began,
      ended: null,
      status: null,
      answered: null,
      fault: null,
      end: null,
    }
    if (this.#size > 0) this.#ring[(id - 1) % this.#size] = call
    this.#totals.set(endpoint, (this.#totals.get(endpoint) ?? 0) + 1)
    return call
  }

  /** Remembered calls that fit, oldest first. */
  calls(query: CallQuery = {}): readonly LoggedCall[] {
    const found: LoggedCall[] = []
    const limit = query.limit ?? Number.POSITIVE_INFINITY
    const oldest = Math.max(1, this.#last - this.#size + 1, (query.after ?? 0) + 1)
    for (let id = this.#last; id >= oldest && found.length < limit; id--) {
      const call = this.#ring[(id - 1) % this.#size]
      if (call === undefined) continue
      if (query.deviceId !== undefined && call.deviceId !== query.deviceId) continue
      if (query.endpoint !== undefined && call.endpoint !== query.endpoint) continue
      found.push(call)
    }
    return found.reverse()
  }

  /** How many calls of each endpoint there ever were. */
  totals(): Readonly<Partial<Record<Endpoint, number>>> {
    return Object.fromEntries(this.#totals)
  }

  /** Id of the newest call: read the log from here later. */
  get last(): number {
    return this.#last
  }
}
