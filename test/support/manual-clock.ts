// Time that passes when a test says so. Timers fire in the order of their moments, each at its moment.

import type { Clock } from '../../src/db/store.ts'
import type { Time } from '../../src/poller/time.ts'

interface Timer {
  readonly at: number
  readonly fired: () => void
}

/** A day like any other, far from midnight and the turn of a month. */
const origin = Date.UTC(2026, 10, 18, 9, 0, 0)

export class ManualClock implements Time {
  #now = 0
  #timers: Timer[] = []
  /** The same moment as the database's clock would tell it. */
  readonly wall: Clock = { now: () => Math.floor(origin + this.#now) }

  now(): number {
    return this.#now
  }

  setTimer(ms: number, fired: () => void): () => void {
    const timer = { at: this.#now + Math.max(ms, 0), fired }
    const after = this.#timers.findIndex(({ at }) => at > timer.at)
    this.#timers.splice(after === -1 ? this.#timers.length : after, 0, timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.length
  }

  /** Passes through every moment at which a timer fires; `settle` lets what follows from it happen. */
  async advance(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#timers[0]
      if (next === undefined || next.at > end) break
      this.#now = Math.max(this.#now, next.at)
      this.#timers.shift()
      next.fired()
      await settle()
    }
    this.#now = end
  }

  /** All at once, as after a pause of the whole process: timers are late. */
  jump(ms: number): void {
    this.#now += ms
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { fired } of due) fired()
  }
}
