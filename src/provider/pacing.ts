// P 3.6: an endpoint is called at most once a second for one device. Polls are paced by who sends them; this holds the
// rare calls apart.

import { setTimeout as wait } from 'node:timers/promises'
import { ProviderError } from './port.ts'

const apart = 1_000
const sweepAbove = 10_000

export class Pacing {
  readonly #now: () => number
  readonly #next = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** What is remembered. */
  get size(): number {
    return this.#next.size
  }

  /**
   * Null: this endpoint may be called for this device in this very tick; otherwise resolves when it may. Throws
   * ProviderError where it is given up before.
   */
  turn(endpoint: string, device: string, signal: AbortSignal): Promise<void> | null {
    const key = keyOf(endpoint, device)
    const now = this.#now()
    const at = Math.max(now, this.#next.get(key) ?? 0)
    this.#next.set(key, at + apart)
    if (this.#next.size > sweepAbove) this.#forget(now)
    return at <= now ? null : this.#wait(at, signal)
  }

  /** A call that had its turn is over: the upstream has heard it by now, whenever that was. */
  settled(endpoint: string, device: string): void {
    const key = keyOf(endpoint, device)
    this.#next.set(key, Math.max(this.#next.get(key) ?? 0, this.#now() + apart))
  }

  async #wait(at: number, signal: AbortSignal): Promise<void> {
    try {
      // A timer may be early by part of a millisecond.
      for (let now = this.#now(); now < at; now = this.#now())
        await wait(Math.ceil(at - now), undefined, { signal })
    } catch (cause) {
      throw new ProviderError({ kind: 'TIMEOUT', sent: false, answered: false, cause })
    }
  }

  #forget(now: number): void {
    for (const [key, next] of this.#next) if (next <= now) this.#next.delete(key)
  }
}

const keyOf = (endpoint: string, device: string): string => `${endpoint} ${device}`
