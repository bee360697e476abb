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

/** How many times fell into each bin: used anew for each histogram, since there are thousands in an answer. */
const counts = new Float64Array(many)

/** Fills `counts`, and says how many times there are in all. */
const count = (histogram: Uint8Array): number => {
  const words = new DataView(histogram.buffer, histogram.byteOffset, histogram.byteLength)
  counts.fill(0, 0, highest + 1)
  highest = 0
  let total = 0
  for (let at = 0; at < words.byteLength; at += 2) {
    const word = words.getUint16(at)
    const bin = word & ~many
    let times = 1
    if (word >= many) {
      times = words.getUint32(at + 2)
      at += 4
    }
    counts[bin] = (counts[bin] ?? 0) + times
    if (bin > highest) highest = bin
    total += times
  }
  return total
}

/** Of the last histogram: what lies above is nought. */
let highest = 0

/** The middle of a bin, in ratio: at most 1 % from either end. */
const secondsOf = (bin: number): number => (bin === 0 ? 0 : ratio ** (bin - 0.5) / 1_000)
