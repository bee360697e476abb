// The callers' own marks on a share of logins: order numbers, campaigns, and what people type.

import { lotOf, type Random } from './random.ts'

type Style = (random: Random, at: number) => string

const styles = lotOf<Style>([
  [
    (random, at) =>
      `order-${new Date(at).toISOString().slice(0, 7)}-${String(random.below(100_000)).padStart(5, '0')}`,
    60,
  ],
  [random => `ticket/${1_000 + random.below(9_000)}`, 25],
  [random => `活动${1 + random.below(20)}期`, 12],
  [random => random.pick(['=1+1', '@x', '-', 'a,b', 'two\u2028lines', 'C:\\temp\\', '🙏', '"', 'مرجع 7']), 3],
])

/** Null: most logins have none. */
export const referenceOf = (random: Random, at: number): string | null =>
  random.chance(0.35) ? styles.draw(random)(random, at) : null
