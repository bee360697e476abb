// Which operations go the short way, and which of their variables matter below the root.

import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { schema } from '../../../src/schema/schema.ts'
import { variablesBelowRoot } from '../../../src/server/live/operation.ts'
import { liveIn, simple } from './small.ts'

describe('an operation goes the short way', () => {
  it.each([
    ['its one root field', 'subscription { thing { name } }'],
    ['by another name', 'subscription { mine: thing { name } }'],
    ['in a fragment', 'subscription { ...F } fragment F on Subscription { thing { name } }'],
    ['twice, as one', 'subscription { thing { name } ... { thing { length } } }'],
    ['beside one that is left out', 'subscription { thing { name } other @skip(if: true) { name } }'],
  ])('where what says so is %s', (_, query) => {
    expect(liveIn(simple, query)).not.toBeNull()
  })

  it('where it watches a login', () => {
    expect(liveIn(schema, 'subscription { loginProgress(loginId: "1") { sequence } }')).not.toBeNull()
  })

  it('with its variables coerced: a default where none is given, and nothing where there is neither', () => {
    const query = 'subscription ($id: String, $n: Int = 3, $of: Int) { thing(id: $id) { name } }'
    expect(liveIn(simple, query, { of: null })?.variables).toEqual({ n: 3, of: null })
  })

  it('by its name, where a document has several', () => {
    const query = 'subscription A { thing { name } } subscription B { thing { length } } query C { fine }'
    expect(liveIn(simple, query, {}, 'B')?.operation.name?.value).toBe('B')
    expect(liveIn(simple, query, {}, 'C')).toBeNull()
    expect(liveIn(simple, query, {}, 'D')).toBeNull()
    expect(liveIn(simple, query)).toBeNull()
  })

  it.each([
    ['is a query', '{ fine }'],
    ['is a mutation', 'mutation { thing }'],
    ['asks for another field', 'subscription { other { name } }'],
    ['asks for the name of its type only', 'subscription { __typename }'],
    ['asks for two', 'subscription { thing { name } other { name } }'],
    ['leaves its field out', 'subscription { thing @skip(if: true) { name } }'],
    ['leaves its fragment out', 'subscription { ... @include(if: false) { thing { name } } }'],
    ['defines fragments only', 'fragment F on Thing { name }'],
  ])('and not where it %s', (_, query) => {
    expect(liveIn(simple, query)).toBeNull()
  })

  it.each<[string, string, Record<string, unknown>]>([
    ['is not there', 'subscription ($id: String!) { thing(id: $id) { name } }', {}],
    ['is null', 'subscription ($id: String!) { thing(id: $id) { name } }', { id: null }],
    ['is no number', 'subscription ($of: Int) { thing(of: $of) { name } }', { of: 'x' }],
    ['leaves the field out', 'subscription ($no: Boolean!) { thing @skip(if: $no) { name } }', { no: true }],
    ['has no such type', 'subscription ($of: Nothing) { thing { name } }', { of: 1 }],
  ])('and not where a variable %s', (_, query, variables) => {
    expect(liveIn(simple, query, variables)).toBeNull()
  })
})

describe('variables matter below the root', () => {
  it.each([
    ['an argument of the root field', 'subscription ($n: Int) { thing(of: $n) { name } }', []],
    [
      'a directive of the root field',
      'subscription ($n: Boolean!) { thing @include(if: $n) { name } }',
      ['n'],
    ],
    ['an argument below', 'subscription ($n: Int) { thing(id: "1") { length(of: $n) } }', ['n']],
    ['an argument of both', 'subscription ($n: Int) { thing(of: $n) { length(of: $n) } }', ['n']],
    ['a directive below', 'subscription ($n: Boolean!) { thing { ... @skip(if: $n) { name } } }', ['n']],
    ['a fragment', 'subscription ($n: Int) { thing { ...F } } fragment F on Thing { length(of: $n) }', ['n']],
    [
      'a fragment of a fragment',
      `subscription ($n: Boolean!) { thing { ...F } }
       fragment F on Thing { ...G } fragment G on Thing { name @skip(if: $n) }`,
      ['n'],
    ],
    ['a list or an object', 'subscription { thing { length(of: [{ a: $b, c: [$a] }]) } }', ['a', 'b']],
    ['nothing', 'subscription ($n: Int) { thing { name } }', []],
  ])('where they are used in %s', (_, query, names) => {
    expect(variablesBelowRoot(parse(query))).toEqual(names)
  })
})
