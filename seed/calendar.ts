// When people sign in, by the clocks of Asia/Shanghai (UTC+8, no summer time since 1991): a dip at night, a peak in the
// evening, quieter weekends. Knows nothing of logins.

import type { Random } from './random.ts'

export const day = 86_400_000
export const hour = 3_600_000
export const minute = 60_000
const offset = 8 * hour

/** 0 to 23. */
export const hourOf = (at: number): number => Math.floor(((at + offset) % day) / hour)

/** Monday is 0. */
export const weekdayOf = (at: number): number => (Math.floor((at + offset) / day) + 3) % 7

/** The midnight in Shanghai at or before it. */
export const dayOf = (at: number): number => Math.floor((at + offset) / day) * day - offset

/** Share of a day's logins that begin in each hour. */
const workday = [
  10, 5, 3, 2, 2, 4, 12, 26, 48, 62, 60, 52, 44, 46, 52, 54, 54, 52, 50, 58, 72, 74, 56, 28,
] as const
const weekend = [
  16, 9, 5, 3, 2, 3, 6, 12, 24, 38, 48, 50, 46, 44, 46, 48, 48, 50, 54, 62, 72, 76, 62, 36,
] as const
/** Monday to Sunday. */
const ofWeek = [1.12, 1.06, 1.03, 1.02, 1, 0.82, 0.74] as const

const hoursOf = (at: number): readonly number[] => (weekdayOf(at) >= 5 ? weekend : workday)

const weightOf = (from: number, to: number, grown: number): number => {
  let weight = 0
  const hours = hoursOf(from)
  // A first or last day that is cut has fewer.
  for (let at = from; at < to; at += hour)
    weight += (hours[hourOf(at)] ?? 0) * (Math.min(to - at, hour) / hour)
  return weight * (ofWeek[weekdayOf(from)] ?? 1) * grown
}

/** A stretch of one day in Shanghai, and how many logins begin in it. */
export interface Quota {
  readonly from: number
  readonly to: number
  readonly logins: number
}

/** All logins, spread over the days between two moments; use grows by a third over the whole. */
export const quotasOf = (random: Random, logins: number, from: number, to: number): readonly Quota[] => {
  const days: { from: number; to: number; weight: number }[] = []
  for (let at = from; at < to; ) {
    const end = Math.min(to, dayOf(at) + day)
    const grown = 0.85 + (0.3 * (at - from)) / (to - from)
    days.push({ from: at, to: end, weight: weightOf(at, end, grown) * random.between(0.92, 1.08) })
    at = end
  }
  const total = days.reduce((sum, each) => sum + each.weight, 0)
  let weight = 0
  let given = 0
  return days.map(each => {
    weight += each.weight
    const upTo = Math.round((logins * weight) / total)
    const quota = { from: each.from, to: each.to, logins: upTo - given }
    given = upTo
    return quota
  })
}

/** A moment of that day, whole milliseconds. */
export const momentIn = (random: Random, { from, to }: Pick<Quota, 'from' | 'to'>): number => {
  const hours = hoursOf(from)
  // The busiest hour is accepted always, others as often as they are busy.
  for (;;) {
    const at = Math.floor(random.between(from, to))
    if (random.next() * 76 <= (hours[hourOf(at)] ?? 0)) return at
  }
}

/** People are slower in the small hours. */
export const tirednessAt = (at: number): number => {
  const now = hourOf(at)
  return now >= 1 && now < 6 ? 1.6 : now >= 22 || now === 0 ? 1.25 : 1
}

/** First days of the UTC months that lie between, both ends included, such as 2026-03-01. */
export const monthsBetween = (from: number, to: number): readonly string[] => {
  const months: string[] = []
  const first = new Date(from)
  for (
    let at = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), 1);
    at <= to;
    at = Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + 1, 1)
  )
    months.push(new Date(at).toISOString().slice(0, 10))
  return months
}

let known = { from: 0, to: 0, first: '' }

/** The first day of its UTC month, as `src/db/ids.ts` reads it from a login's id; asked millions of times, it is looked up once a month. */
export const monthAt = (at: number): string => {
  if (at < known.from || at >= known.to) {
    const date = new Date(at)
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
    const from = Date.UTC(year, month, 1)
    known = { from, to: Date.UTC(year, month + 1, 1), first: new Date(from).toISOString().slice(0, 10) }
  }
  return known.first
}
