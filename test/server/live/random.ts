// Chance that can be had again: numbers from a seed, and what is drawn with them.

export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to below 1. */
  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below(count: number): number {
    return Math.floor(this.number() * count)
  }

  happens(share: number): boolean {
    return this.number() < share
  }

  of<One>(...all: readonly One[]): One {
    return this.from(all)
  }

  /** Not from nothing. */
  from<One>(all: readonly One[]): One {
    return all[this.below(all.length)] as One
  }
}
