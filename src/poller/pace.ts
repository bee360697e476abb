// Turns that come one after another, so far apart and no closer: for questions that nobody waits for. Who has no use for a
// turn any more when it comes is passed over, and costs nobody any time.

import type { Time } from './time.ts'

interface Waiting {
  readonly wanted: () => boolean
  readonly answer: (is: boolean) => void
}

export class Pace {
  readonly #time: Time
  readonly #apart: number
  #waiting: Waiting[] = []
  #next = Number.NEGATIVE_INFINITY
  #armed = false
  #cancel: () => void = () => {}
  #closed = false

  /** `apart` in milliseconds. */
  constructor(time: Time, apart: number) {
    this.#time = time
    this.#apart = apart
  }

  /** False: it is not `wanted` any more, or this has been closed. */
  turn(wanted: () => boolean = () => true): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#waiting.push({ wanted, answer: resolve })
    this.#serve()
    return promise
  }

  /** Whoever waits is told at once. */
  close(): void {
    this.#closed = true
    this.#cancel()
    for (const { answer } of this.#waiting) answer(false)
    this.#waiting = []
  }

  #serve(): void {
    if (this.#armed || this.#closed) return
    let passed = 0
    for (const { wanted, answer } of this.#waiting) {
      const isWanted = wanted()
      const now = this.#time.now()
      if (isWanted && this.#next > now) {
        this.#armed = true
        this.#cancel = this.#time.setTimer(this.#next - now, () => {
          this.#armed = false
          this.#serve()
        })
        break
      }
      passed++
      if (isWanted) this.#next = now + this.#apart
      answer(isWanted)
    }
    this.#waiting.splice(0, passed)
  }
}
