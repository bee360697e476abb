// Waits for something that only asking tells.

import { setTimeout as wait } from 'node:timers/promises'

const between = 200

/** Throws after `patience` milliseconds. */
export const until = async (holds: () => Promise<boolean>, patience = 300_000): Promise<void> => {
  const end = performance.now() + patience
  while (!(await holds())) {
    if (performance.now() > end)
      throw new Error(`It did not come to that within ${patience / 1_000} s: ${holds}`)
    await wait(between)
  }
}
