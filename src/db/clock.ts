// The database's clock, followed by this process's own monotonic one. The offset is learnt at the start and with each
// heartbeat, as the middle of a round trip. Steps of the machine's wall clock do not reach it.

import type { Clock } from './store.ts'

export interface FollowedClock extends Clock {
  /** `ask` answers the database's time in milliseconds. */
  learn(ask: () => Promise<number>): Promise<void>
}

/** Beyond this a better round trip than the best one so far is not waited for. */
const drift = 5

export const followClock = (monotonic: () => number = () => performance.now()): FollowedClock => {
  let offset: number | null = null
  let trip = Number.POSITIVE_INFINITY
  let last = 0
  return {
    now: () => {
      if (offset === null) throw new Error('The clock was read before it learnt the time')
      // Never backwards, whatever was learnt since.
      last = Math.max(last, Math.floor(monotonic() + offset))
      return last
    },
    learn: async ask => {
      const before = monotonic()
      const theirs = await ask()
      const after = monotonic()
      const learnt = theirs - (before + after) / 2
      // A slow answer says less than a quick one did, unless the clocks have drifted apart since.
      if (
        offset === null ||
        after - before <= trip ||
        Math.abs(learnt - offset) > (after - before) / 2 + drift
      ) {
        offset = learnt
        trip = after - before
      }
    },
  }
}
