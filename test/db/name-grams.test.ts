// Whoever is searched for by a piece of the name has that piece's grams, whatever the name is.

import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gramsOf } from '../../src/db/name-grams.ts'
import { engines, withStore } from '../support/database.ts'

test.each([
  ['王', ['王']],
  ['王伟', ['王伟']],
  ['欧阳修', ['欧阳', '阳修']],
  ['小王 the 2nd 伟', ['小王', '伟']],
  ['王a伟', ['王', '伟']],
  ['ＷＡＮＧ', []],
  ['Lin', []],
  ['😀😀😀', ['😀😀']],
  ['김민', ['김민']],
  ['', []],
])('%j is looked for by %j', (search, expected) => {
  expect(gramsOf(search)).toEqual(expected)
})

const letter = fc.oneof(
  fc.constantFrom(...'王伟小明欧阳修a Z%"\\é😀カ한Ａ⺀꓏'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }).filter(text => !text.includes('\0')),
)
const text = fc.array(letter, { maxLength: 6 }).map(letters => letters.join(''))

describe.each(engines)('on %s', engine => {
  test('a name has the grams of every piece of it', () =>
    withStore(engine, async (_store, database) => {
      let looked = 0
      await fc.assert(
        fc.asyncProperty(text, text, text, async (before, piece, after) => {
          const grams = gramsOf(piece)
          looked += grams.length
          const [row] = await database.rows<{ grams: string }>(
            sql`select to_json(name_grams(${before + piece + after}::text))::text as grams`,
          )
          expect(JSON.parse(row?.grams ?? '[]')).toEqual(expect.arrayContaining([...grams]))
        }),
        { numRuns: 200 },
      )
      expect(looked).toBeGreaterThan(100)
    }))
})
