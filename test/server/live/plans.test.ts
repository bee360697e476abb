// Who shares a plan, and with whom nobody may.

import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { adminScopes, type Viewer } from '../../../src/resolvers/viewer.ts'
import { noneYet } from '../../../src/server/live/counters.ts'
import { liveOperation } from '../../../src/server/live/operation.ts'
import { Plans } from '../../../src/server/live/plans.ts'
import type { Variables } from './operations.ts'
import { simple, viewer } from './small.ts'

/** Plans of one document. */
const plansOf = (query: string) => {
  const plans = new Plans(simple, noneYet())
  const document = parse(query)
  return (variableValues: Variables = {}, who: Viewer = viewer, operationName: string | null = null) => {
    const operation = liveOperation({ schema: simple, document, operationName, variableValues })
    if (operation === null) throw new Error('Not live')
    return plans.planFor(operation, who)
  }
}

describe('a plan is shared', () => {
  it('by all whose variables differ in the arguments of the root field only', () => {
    const planFor = plansOf('subscription ($id: String, $of: Int) { thing(id: $id, of: $of) { name } }')
    expect(planFor({ id: '1' })).toBe(planFor({ id: '2', of: 5 }))
    expect(planFor({ id: '1' })).toBe(planFor({ of: null }))
  })

  it.each<[string, string, Variables, Variables]>([
    ['an argument below', '($n: Int) { thing { length(of: $n) } }', { n: 1 }, { n: 2 }],
    ['a directive', '($n: Boolean!) { thing { name @skip(if: $n) } }', { n: true }, { n: false }],
    ['a fragment', '($n: Int) { thing { ...F } } fragment F on Thing { length(of: $n) }', { n: 1 }, { n: 2 }],
    [
      'one of two',
      '($n: Int, $m: Int) { thing { a: length(of: $n) b: length(of: $m) } }',
      { n: 1 },
      { m: 1 },
    ],
  ])('and not by those who differ in %s', (_, query, one, other) => {
    const planFor = plansOf(`subscription ${query}`)
    expect(planFor(one)).not.toBe(planFor(other))
    expect(planFor(one)).toBe(planFor({ ...one }))
  })

  it.each(['n', 'toString', 'constructor'])(
    'and not by who gives null for $%s and who gives nothing',
    name => {
      const planFor = plansOf(`subscription ($${name}: Int) { thing { length(of: $${name}) } }`)
      const textFor = (variables: Variables) => planFor(variables).payloadOf({})?.text
      expect(textFor({ [name]: null })).toBe('{"data":{"thing":{"length":"null"}}}')
      expect(textFor({})).toBe('{"data":{"thing":{"length":"7"}}}')
      expect(planFor({ [name]: null })).not.toBe(planFor({}))
    },
  )

  it('by who gives what is the default and who gives nothing, and not by who gives null', () => {
    const planFor = plansOf('subscription ($n: Int = 3) { thing { length(of: $n) } }')
    expect(planFor({})).toBe(planFor({ n: 3 }))
    expect(planFor({})).not.toBe(planFor({ n: null }))
  })

  it('by viewers who may do the same in the same language, and by nobody else', () => {
    const planFor = plansOf('subscription { thing { name } }')
    const plan = planFor()
    expect(planFor({}, { ...viewer, name: 'another', tenant: 'b' })).toBe(plan)
    expect(planFor({}, { ...viewer, scopes: [...adminScopes].reverse() })).toBe(plan)
    expect(planFor({}, { ...viewer, language: 'zh' })).not.toBe(plan)
    expect(planFor({}, { ...viewer, scopes: ['LOGIN_READ'] })).not.toBe(plan)
    expect(planFor({}, { ...viewer, scopes: [...adminScopes, 'LOGIN_LINK'] })).not.toBe(plan)
  })

  it('and not by two operations of one document, each of which says its own', () => {
    const planFor = plansOf('subscription A { thing { name } } subscription B { thing { length } }')
    const textOf = (name: string) => planFor({}, viewer, name).payloadOf({ name: 'x' })?.text
    expect(textOf('A')).toBe('{"data":{"thing":{"name":"x"}}}')
    expect(textOf('B')).toBe('{"data":{"thing":{"length":"7"}}}')
  })

  it('until 64 others of its document have come: the oldest goes first', () => {
    const planFor = plansOf('subscription ($n: Int) { thing { length(of: $n) } }')
    const [first, second] = [planFor({ n: 0 }), planFor({ n: 1 })]
    for (let n = 2; n < 64; n++) planFor({ n })
    expect(planFor({ n: 0 })).toBe(first)
    planFor({ n: 64 })
    expect(planFor({ n: 1 })).toBe(second)
    expect(planFor({ n: 0 })).not.toBe(first)
  })

  it('however many other documents there are', () => {
    const plans = new Plans(simple, noneYet())
    const operations = Array.from({ length: 100 }, () => {
      const operation = liveOperation({ schema: simple, document: parse('subscription { thing { name } }') })
      if (operation === null) throw new Error('Not live')
      return operation
    })
    const made = operations.map(operation => plans.planFor(operation, viewer))
    expect(operations.map(operation => plans.planFor(operation, viewer))).toEqual(made)
    expect(new Set(made).size).toBe(100)
  })
})
