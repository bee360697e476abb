// Numbers of several runs, and how they are told.

export const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b)

export const median = (values: readonly number[]): number => {
  const all = sorted(values)
  const middle = all.length >> 1
  const upper = all[middle] ?? Number.NaN
  return all.length % 2 === 1 ? upper : ((all[middle - 1] ?? Number.NaN) + upper) / 2
}

/** `share`: 0.99 for p99. */
export const percentile = (values: readonly number[], share: number): number => {
  const all = sorted(values)
  return all[Math.min(all.length - 1, Math.ceil(all.length * share) - 1)] ?? Number.NaN
}

/** Three digits that matter, and no more. */
export const shown = (value: number): string => {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 1_000) return Math.round(value).toLocaleString('en-US')
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return value.toFixed(1)
  return value.toFixed(2)
}

/** Median, and the least and the most of all runs where they differ. */
export const spread = (values: readonly number[]): string => {
  const all = sorted(values)
  const [least = Number.NaN] = all
  const most = all.at(-1) ?? Number.NaN
  const middle = shown(median(all))
  return shown(least) === shown(most) ? middle : `${middle} (${shown(least)}–${shown(most)})`
}
