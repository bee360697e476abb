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
    const name = `\`where.${String(key)}\``
    if (Array.isArray(value) && value.length > most.values)
      throw new RequestError('BAD_USER_INPUT', `${name} has more than ${most.values} values.`)
    for (const text of [value].flat()) if (typeof text === 'string') demandText(name, text)
    kept[key] = value
  }
  return kept
}

/** Characters of a text, values of a list. */
const most = { characters: 200, values: 100 } as const

/** No database keeps such a text, so that none can fit; Postgres refuses the very question. */
const demandText = (name: string, text: string): void => {
  const problem = text.includes('\0') ? 'a NUL character' : text.isWellFormed() ? null : 'half a character'
  if (problem !== null) throw new RequestError('BAD_USER_INPUT', `${name} holds ${problem}.`)
  if (text.length > most.characters)
    throw new RequestError('BAD_USER_INPUT', `${name} has more than ${most.characters} characters.`)
}

/** Throws RequestError BAD_USER_INPUT where the bounds are the wrong way round. Equal ones hold nothing, which is no mistake. */
export const inOrder = (
  [fromName, from]: readonly [string, Millis | undefined],
  [toName, to]: readonly [string, Millis | undefined],
): void => {
  if (from !== undefined && to !== undefined && from > to)
    throw new RequestError('BAD_USER_INPUT', `\`${fromName}\` is later than \`${toName}\`.`)
}
