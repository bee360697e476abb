// A chore again and again: the next one is `period` after the last one has finished, so that they never overlap.

import type { Time } from './time.ts'

/** Returns how to stop: resolves when the chore under way has finished. */
export const every = (
  time: Time,
  period: number,
  chore: () => void | Promise<void>,
  failed: (error: unknown) => void,
): (() => Promise<void>) => {
  let stopped = false
  let underWay: Promise<void> = Promise.resolve()
  let cancel: () => void = () => {}

  const turn = async () => {
    try {
      await chore()
    } catch (error) {
      failed(error)
    }
    arm()
  }
  const arm = () => {
    if (stopped) return
    cancel = time.setTimer(period, () => {
      underWay = turn()
    })
  }
  arm()

  return async () => {
    stopped = true
    cancel()
    await underWay
  }
}
