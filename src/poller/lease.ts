// Whether this instance may still speak for the logins that it owns, by its own monotonic clock: it stops before anybody
// else may begin. It knows nothing of the heartbeat but when it last succeeded.

import type { Time } from './time.ts'

/** The store's lease, less a margin for a call that is being written. */
const length = 5_000
const margin = 1_000

export class Lease {
  readonly #time: Time
  #renewed = Number.NEGATIVE_INFINITY

  constructor(time: Time) {
    this.#time = time
  }

  get held(): boolean {
    return this.#time.now() - this.#renewed < length - margin
  }

  /** `asked`: when the heartbeat was sent, not when it was answered. */
  renewed(asked: number): void {
    this.#renewed = asked
  }

  lost(): void {
    this.#renewed = Number.NEGATIVE_INFINITY
  }
}
