// Chance that can be had again: the same seed gives the same numbers on every machine. Not for secrets.

export interface Random {
  /** From 0 to below 1. */
  next(): number
  /** A whole number from 0 to below `count`. */
  below(count: number): number
  between(least: number, most: number): number
  chance(probability: number): boolean
  /** Throws for an empty list. */
  pick<Item>(items: readonly Item[]): Item
  /** Around `median`, never outside the bounds: most people are quick, a few take long. */
  logNormal(median: number, sigma: number, least: number, most: number): number
  /** 32 random bits. */
  bits(): number
}

/** sfc32, which passes PractRand, begun from four hashes of the seed. */
export const randomFrom = (seed: string): Random => {
  let [a, b, c, d] = hashed(seed)

  const bits = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  // The first numbers after a hash of similar seeds are similar.
  for (let warm = 0; warm < 15; warm += 1) bits()

  const next = () => bits() / 4_294_967_296
  const below = (count: number) => Math.floor(next() * count)
  const random: Random = {
    next,
    below,
    bits,
    between: (least, most) => least + next() * (most - least),
    chance: probability => next() < probability,
    pick: items => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('Nothing can be picked from an empty list')
      return item
    },
    logNormal: (median, sigma, least, most) => {
      // Box and Muller's; 1 - x is never 0.
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
      return Math.min(most, Math.max(least, median * Math.exp(sigma * normal)))
    },
  }
  return random
}

/** cyrb128: four different starts. */
const hashed = (text: string): [number, number, number, number] => {
  let [h1, h2, h3, h4] = [1_779_033_703, 3_144_134_277, 1_013_904_242, 2_773_480_762]
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    h1 = h2 ^ Math.imul(h1 ^ code, 597_399_067)
    h2 = h3 ^ Math.imul(h2 ^ code, 2_869_860_233)
    h3 = h4 ^ Math.imul(h3 ^ code, 951_274_213)
    h4 = h1 ^ Math.imul(h4 ^ code, 2_716_044_179)
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597_399_067)
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2_869_860_233)
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951_274_213)
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2_716_044_179)
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1]
}

/** One of several, each as often as its weight says. */
export interface Lot<Item> {
  draw(random: Random): Item
}

export const lotOf = <Item>(weighted: readonly (readonly [Item, number])[]): Lot<Item> => {
  const items = weighted.map(([item]) => item)
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0)
  let sum = 0
  const upTo = weighted.map(([, weight]) => {
    sum += weight / total
    return sum
  })
  return {
    draw: random => {
      const at = random.next()
      let index = 0
      while (index < items.length - 1 && at >= (upTo[index] ?? 1)) index += 1
      const item = items[index]
      if (item === undefined) throw new Error('Nothing can be drawn from an empty lot')
      return item
    },
  }
}
