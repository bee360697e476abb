// How a name is found by a character or two, as most Chinese names are: by its letters and pairs of letters, of those
// that have no case. `name_grams` of the database takes names apart, this what is searched for; both know the same letters.

import { type SQL, sql } from 'drizzle-orm'
import { textList } from './statement.ts'
import { account } from './tables/account.ts'

/** Chinese, Japanese and Korean, and emoji: no letter among them is written in two ways. */
const caseless = /^[\u2E80-\uA4CF\uAC00-\uD7AF\uF900-\uFAFF\u{1F000}-\u{10FFFF}]$/u

/** Pairs where letters stand together, else the letters; none: `search` has no such letter. */
export const gramsOf = (search: string): readonly string[] => {
  const letters = [...search].map(letter => (caseless.test(letter) ? letter : null))
  const grams = letters.flatMap((letter, place) => {
    const following = letters[place + 1] ?? null
    if (letter === null) return []
    if (following !== null) return [letter + following]
    return (letters[place - 1] ?? null) === null ? [letter] : []
  })
  return [...new Set(grams)]
}

/** Whether all of them are in the names of an account, by the index `account_name_grams`. */
export const hasGrams = (grams: readonly string[]): SQL => sql`
  name_grams(coalesce(${account.nickName}, '') || ' ' || coalesce(${account.wAccount}, '') || ' ' || ${account.wcId})
    @> ${textList(grams)}`
