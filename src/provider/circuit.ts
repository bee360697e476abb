// One circuit per provider: after failures in a row, or one refused token, nothing is sent for a while; then one call
// tries it. What a login makes of that is the machine's business.

import type { FailureKind } from '../login/event.ts'
import { ProviderError } from './port.ts'

const failuresUntilOpen = 5
const firstPause = 1_000
const longestPause = 15_000
/** Healthy this long, and the next opening begins with a short pause again. */
const forgets = 60_000

/** A call that we give up after so long without an answer failed; sooner, it was our own affair. */
export const silence = 4_000

export class Circuit {
  readonly #now: () => number
  #failures = 0
  #pause = firstPause
  #openUntil: number | null = null
  #openedAt = Number.NEGATIVE_INFINITY
  #probing = false
  #cause: FailureKind = 'UNREACHABLE'
  #asked = false

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Null: nothing asked yet. */
  get reachable(): boolean | null {
    return this.#asked ? this.#openUntil === null : null
  }

  /** Throws while the circuit is open, so that nobody waits for nothing. */
  check(): void {
    if (this.#openUntil !== null && (this.#probing || this.#now() < this.#openUntil))
      throw new ProviderError({ kind: this.#cause, sent: false, answered: false })
  }

  /** For a call that goes out now, and tells how it ended. Throws as `check`; lets one call through once its pause is over. */
  pass(): void {
    this.check()
    this.#probing = this.#openUntil !== null
  }

  heard(): void {
    this.#asked = true
    this.#failures = 0
    this.#openUntil = null
    this.#probing = false
  }

  /** A call was given up by us, which says nothing of the upstream. */
  abandoned(): void {
    this.#probing = false
  }

  failed(kind: FailureKind): void {
    this.#asked = true
    this.#failures++
    const isRefused = kind === 'UNAUTHORIZED'
    const wasProbe = this.#probing
    this.#probing = false
    if (!isRefused && !wasProbe && this.#failures < failuresUntilOpen) return
    const now = this.#now()
    // Calls that were under way when it opened fail as well, and are no news.
    if (this.#openUntil !== null && now < this.#openUntil) return
    this.#pause = now - this.#openedAt > forgets ? firstPause : Math.min(this.#pause * 2, longestPause)
    this.#cause = kind
    this.#openedAt = now
    this.#openUntil = now + this.#pause
  }
}
