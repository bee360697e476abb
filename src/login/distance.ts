// How far two spellings are apart. What a stranger wrote is compared with hundreds of names: so nothing is compared
// further than the answer could matter.

/**
 * Levenshtein's: how many letters to change, add or leave out. Infinity: more than `most`, which costs
 * the letters of `from` times 2 × `most` + 1 at worst, and nothing where the lengths alone tell.
 */
export const distance = (from: string, to: string, most: number = Number.POSITIVE_INFINITY): number => {
  if (Math.abs(from.length - to.length) > most) return Number.POSITIVE_INFINITY
  // One row of the table, written over by the next. What lies outside of the band around the diagonal is too far anyway.
  const tooFar = most + 1
  const row: number[] = []
  for (let j = 0; j <= to.length; j++) row.push(j > most ? tooFar : j)
  for (let i = 1; i <= from.length; i++) {
    const letter = from.charCodeAt(i - 1)
    const first = Math.max(1, i - most)
    const last = Math.min(to.length, i + most)
    let diagonal = row[first - 1] ?? tooFar
    let left = first === 1 ? i : tooFar
    let least = left
    row[first - 1] = left
    for (let j = first; j <= last; j++) {
      const above = row[j] ?? tooFar
      left = Math.min(left + 1, above + 1, diagonal + (letter === to.charCodeAt(j - 1) ? 0 : 1))
      least = Math.min(least, left)
      diagonal = above
      row[j] = left
    }
    // No way gets shorter again.
    if (least > most) return Number.POSITIVE_INFINITY
  }
  const away = row[to.length] ?? tooFar
  return away > most ? Number.POSITIVE_INFINITY : away
}
