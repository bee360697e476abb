// Turns that come one after another, so far apart and no closer: for questions that nobody waits for.

import type { Time } from './time.ts'

export class Pace {
  readonly #time: Time
  readonly #apart: number
  readonly #waiting = new Set<(is: boolean) => void>()
  #next = Number.NEGATIVE_INFINITY
  #closed = false

  /** `apart` in milliseconds. */
  constructor(time: Time, apart: number) {
    this.#time = time
    this.#apart = apart
  }

  /** False: it has been closed. */
  async turn(): Promise<boolean> {
    if (this.#closed) return false
    const now = this.#time.now()
    const at = Math.max(now, this.#next)
    this.#next = at + this.#apart
    if (at <= now) return true
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const cancel = this.#time.setTimer(at - now, () => resolve(true))
    this.#waiting.add(resolve)
    const is = await promise
    this.#waiting.delete(resolve)
    cancel()
    return is
  }

  /** Whoever waits is told at once. */
  close(): void {
    this.#closed = true
    for (const resolve of this.#waiting) resolve(false)
  }
}
