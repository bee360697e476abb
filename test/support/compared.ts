// How much was compared, for tests of what a stranger's text may cost: by what was handed to a spy on `distance`.

/** Pairs of letters that such calls look at, at most: `distance` keeps to the band that it is given. */
export const comparedBy = (
  calls: readonly (readonly [from: string, to: string, most?: number | undefined])[],
): number =>
  calls.reduce((sum, [from, to, most = Number.POSITIVE_INFINITY]) => {
    const apart = Math.abs(from.length - to.length)
    return sum + (apart > most ? 1 : from.length * Math.min(to.length, 2 * most + 1))
  }, 0)
