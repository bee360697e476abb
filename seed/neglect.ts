// Devices that the upstream has taken away and nobody has come to yet: who looks at the end finds some that must be reset. When, and
// which may be one; what a login there is told is in the stories.

import type { Plan } from '../src/login/plan.ts'
import type { Millis } from '../src/login/vocabulary.ts'
import { day } from './calendar.ts'
import type { Device } from './device.ts'
import type { Random } from './random.ts'
import type { StoryName } from './story.ts'

/** Nobody leaves one lying for longer. */
const longest = 3 * day
/** Of the devices, in the end; of very few, none. */
const share = 1 / 250
const fewest = 10

/** From when on the next login is told so, the next one last. */
export const neglectOf = (
  random: Random,
  { from, to, devices }: { readonly from: Millis; readonly to: Millis; readonly devices: number },
): Millis[] => {
  const span = Math.min(longest, (to - from) / 8)
  const count = devices < fewest ? 0 : Math.max(1, Math.round(devices * share))
  // Not to the very end: the night may have no login that fits.
  return Array.from({ length: count }, () => to - span * random.between(0.2, 1)).toSorted((a, b) => b - a)
}

/** Somebody was signed in there, and a code would have brought them back. */
export const mayBeNeglected = ({ dialect, row }: Device, plan: Plan, story: StoryName): boolean =>
  dialect.capabilities.recyclesDevices &&
  row.knownWcId !== null &&
  plan.method !== 'PUSH' &&
  story === 'SIGNS_IN'
