// What is to come at a moment of its own, soonest first. Few at a time, so that a sorted list does.

export interface Due<Item> {
  add(at: number, item: Item): void
  /** The soonest that is due by then, and gone from here; null: none is. */
  take(by: number): { readonly at: number; readonly item: Item } | null
}

export const dueList = <Item>(): Due<Item> => {
  // The soonest last; of one moment the first that was added.
  const waiting: { readonly at: number; readonly item: Item }[] = []
  return {
    add: (at, item) => {
      let [low, high] = [0, waiting.length]
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((waiting[middle]?.at ?? 0) > at) low = middle + 1
        else high = middle
      }
      waiting.splice(low, 0, { at, item })
    },
    take: by => {
      const soonest = waiting.at(-1)
      if (soonest === undefined || soonest.at > by) return null
      waiting.pop()
      return soonest
    },
  }
}
