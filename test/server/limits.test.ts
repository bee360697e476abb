// How much one operation may ask for.

import { getIntrospectionQuery, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { schema } from '../../src/schema/schema.ts'
import { withinLimits } from '../../src/server/limits.ts'
import { watchDocument } from '../support/api-client.ts'

const problems = (text: string) => validate(schema, parse(text), [withinLimits]).map(({ message }) => message)

describe('within the limits', () => {
  it.each([
    ['introspection, deep as it is', getIntrospectionQuery()],
    ['what a client watches', watchDocument],
    [
      'a page with what hangs on it',
      '{ logins(first: 100) { edges { node { id device { account { nickName } } events(first: 20) { edges { node { sequence at state } } } } } } }',
    ],
  ])('is %s', (_, text) => {
    expect(problems(text)).toEqual([])
  })
})

const nested = (depth: number): string =>
  depth === 0 ? 'id' : `device { activeLogin { ${nested(depth - 1)} } }`

describe('beyond the limits', () => {
  it.each([
    ['depth', `{ login(id: "x") { ${nested(10)} } }`, 'levels deep'],
    [
      'aliases',
      `{ ${Array.from({ length: 61 }, (_, index) => `a${index}: viewer { name }`).join(' ')} }`,
      'aliases',
    ],
    [
      'pages within pages',
      '{ devices(first: 100) { edges { node { logins(first: 100) { edges { node { id state events { edges { node { sequence } } } } } } } } } }',
      'could hold too much',
    ],
    [
      'a size in a variable',
      'query ($n: Int) { devices(first: $n) { edges { node { logins(first: $n) { edges { node { events(first: $n) { edges { node { sequence } } } } } } } } } }',
      'could hold too much',
    ],
    [
      'fragments that multiply',
      '{ viewer { ...a } } fragment a on Viewer { ...b ...b ...b ...b ...b ...b ...b ...b ...b ...b } fragment b on Viewer { ...c ...c ...c ...c ...c ...c ...c ...c ...c ...c } fragment c on Viewer { ...d ...d ...d ...d ...d ...d ...d ...d ...d ...d } fragment d on Viewer { ...e ...e ...e ...e ...e ...e ...e ...e ...e ...e } fragment e on Viewer { name name name name name name name name name name }',
      'could hold too much',
    ],
  ])('is refused: %s', (_, text, what) => {
    expect(problems(text)).toEqual([expect.stringContaining(what)])
  })

  it('is measured in the end, where fragments spread each other', () => {
    expect(
      problems('{ viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...a name }'),
    ).toEqual([])
  })
})
