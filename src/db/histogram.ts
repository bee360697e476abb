// Percentiles of log-scaled histograms, as `duration_bin` and `merge_histograms` of the database make them. Pure.

const ratio = 1.02
const many = 0x8000

export interface Percentiles {
  /** Seconds, within 1 % of the nearest-rank percentile of the times themselves. */
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
}

/** Null: there was nothing to measure. Throws RangeError for what is no histogram. */
export const percentilesOf = (histogram: Uint8Array): Percentiles | null => {
  const total = count(histogram)
  if (total === 0) return null
  let bin = -1
  let reached = 0
  /** The time of this rank, counted from 1; ranks are asked for in rising order. */
  const at = (rank: number): number => {
    while (reached < rank) {
      bin += 1
      reached += counts[bin] ?? Number.POSITIVE_INFINITY
    }
    return secondsOf(bin)
  }
  return {
    p50: at(Math.ceil(total * 0.5)),
    p90: at(Math.ceil(total * 0.9)),
    p95: at(Math.ceil(total * 0.95)),
    p99: at(Math.ceil(total * 0.99)),
  }
}

/** How many times fell into each bin, fewer than four thousand million: used anew for each of the thousands in an answer. */
const counts = new Uint32Array(many)
/** Of the last histogram: what lies above is nought. */
let highest = 0

/** Fills `counts`, and says how many times there are in all. Bytes taken one by one: through a DataView it is twice as slow. */
const count = (histogram: Uint8Array): number => {
  counts.fill(0, 0, highest + 1)
  highest = 0
  let total = 0
  let at = 0
  for (const size = histogram.length; at < size; at += 2) {
    const word = ((histogram[at] ?? 0) << 8) | (histogram[at + 1] ?? 0)
    let bin = word
    let times = 1
    if (word >= many) {
      bin = word - many
      times = fourBytes(histogram, at + 2)
      at += 4
    }
    counts[bin] = (counts[bin] ?? 0) + times
    if (bin > highest) highest = bin
    total += times
  }
  if (at !== histogram.length)
    throw new RangeError(`A histogram does not end after ${histogram.length} bytes`)
  return total
}

const fourBytes = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)) >>>
  0

/** The middle of a bin, in ratio: at most 1 % from either end. Six digits, for more would only look exact. */
const secondsOf = (bin: number): number => {
  seconds[bin] ??= bin === 0 ? 0 : Number((ratio ** (bin - 0.5) / 1_000).toPrecision(6))
  return seconds[bin] ?? 0
}

/** Of the bins that were met. */
const seconds: number[] = []
