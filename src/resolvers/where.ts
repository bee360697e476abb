// A filter without what a caller left out or gave as null: both mean "any".

import { RequestError } from '../errors.ts'
import type { Millis } from '../login/vocabulary.ts'

type Present<Where> = { [Key in keyof Where]?: NonNullable<Where[Key]> }

export const present = <Where extends object>(where: Where): Present<Where> => {
  const kept: Present<Where> = {}
  for (const key of Object.keys(where) as (keyof Where)[]) {
    const value = where[key]
    if (value == null) continue
    // No database keeps such a text, so that none can fit; Postgres refuses the very question.
    if ([value].flat().some(text => typeof text === 'string' && text.includes('\0')))
      throw new RequestError('BAD_USER_INPUT', `\`${String(key)}\` holds a NUL character.`)
    kept[key] = value
  }
  return kept
}

/** Throws RequestError BAD_USER_INPUT where the bounds are the wrong way round. Equal ones hold nothing, which is no mistake. */
export const inOrder = (
  [fromName, from]: readonly [string, Millis | undefined],
  [toName, to]: readonly [string, Millis | undefined],
): void => {
  if (from !== undefined && to !== undefined && from > to)
    throw new RequestError('BAD_USER_INPUT', `\`${fromName}\` is later than \`${toName}\`.`)
}
