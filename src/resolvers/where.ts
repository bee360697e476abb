// A filter without what a caller left out or gave as null: both mean "any".

import { RequestError } from '../errors.ts'
import type { Millis } from '../login/vocabulary.ts'

type Present<Where> = { [Key in keyof Where]?: NonNullable<Where[Key]> }

/** Throws RequestError BAD_USER_INPUT for what nothing can fit. */
export const present = <Where extends object>(where: Where): Present<Where> => {
  const kept: Present<Where> = {}
  for (const key of Object.keys(where) as (keyof Where)[]) {
    const value = where[key]
    if (value == null) continue
    const problem = problemWith(value)
    if (problem !== null) throw new RequestError('BAD_USER_INPUT', `\`where.${String(key)}\` ${problem}.`)
    kept[key] = value
  }
  return kept
}

/** Characters of a text, values of a list. */
const most = { characters: 200, values: 100 } as const

/** Why a filter can not be asked with this value, as a sentence goes on behind its name; null: it can. */
export const problemWith = (value: unknown): string | null => {
  if (Array.isArray(value) && value.length > most.values) return `has more than ${most.values} values`
  for (const text of [value].flat()) {
    if (typeof text !== 'string') continue
    // No database keeps such a text, so that none can fit; Postgres refuses the very question.
    if (text.includes('\0')) return 'holds a NUL character'
    if (!text.isWellFormed()) return 'holds half a character'
    if (text.length > most.characters) return `has more than ${most.characters} characters`
  }
  return null
}

/** Throws RequestError BAD_USER_INPUT where the bounds are the wrong way round. Equal ones hold nothing, which is no mistake. */
export const inOrder = (
  [fromName, from]: readonly [string, Millis | undefined],
  [toName, to]: readonly [string, Millis | undefined],
): void => {
  if (from !== undefined && to !== undefined && from > to)
    throw new RequestError('BAD_USER_INPUT', `\`${fromName}\` is later than \`${toName}\`: swap them.`)
}
