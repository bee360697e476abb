// Chance that can be had again: the same seed, the same people. Knows nothing of what is drawn.

export interface Chance {
  /** At least 0, below 1. */
  next(): number
  between(least: number, most: number): number
  /** One of them, by weight. */
  pick<Name extends string>(weights: Readonly<Record<Name, number>>): Name
  /** True this often: 0.1 is one in ten. */
  happens(share: number): boolean
}

/** mulberry32. */
export const chanceOf = (seed: number): Chance => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (least, most) => least + next() * (most - least),
    pick: weights => {
      const names = Object.keys(weights) as (keyof typeof weights)[]
      let left = next() * names.reduce((sum, name) => sum + weights[name], 0)
      for (const name of names) {
        left -= weights[name]
        if (left < 0) return name
      }
      return names[0] as keyof typeof weights
    },
    happens: share => next() < share,
  }
}
