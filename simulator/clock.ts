/**
 * What time it is, and "ring me later". Handed in everywhere, so that a test can push time by hand.
 * Refuses to know what the time is for.
 */
import { performance } from 'node:perf_hooks'

/** Milliseconds since 1970 that never run backwards, and timers on the same scale. */
export type Clock = {
  readonly now: () => number
  /** Rings once; the answer cancels it. */
  readonly setTimer: (ms: number, ring: () => void) => () => void
}

/** The machine's own time: monotonic, so that the gaps in the call log are true. */
export const realClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimer: (ms, ring) => {
    const timer = setTimeout(ring, ms)
    return () => clearTimeout(timer)
  },
}

/** Timers that can all be cancelled at once, so that a closed simulator leaves none behind. */
export class Timers {
  readonly #clock: Clock
  readonly #cancels = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  set(ms: number, ring: () => void): () => void {
    const cancel = (): void => {
      this.#cancels.delete(cancel)
      stop()
    }
    const stop = this.#clock.setTimer(ms, () => {
      this.#cancels.delete(cancel)
      ring()
    })
    this.#cancels.add(cancel)
    return cancel
  }

  clear(): void {
    for (const cancel of [...this.#cancels]) cancel()
  }

  get size(): number {
    return this.#cancels.size
  }
}
