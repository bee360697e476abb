// Which operations have a plan, who shares one, and what a plan cannot see.

import {
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLObjectTypeConfig,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Context } from '../../../src/resolvers/context.ts'
import { adminScopes, type Viewer, viewerClass } from '../../../src/resolvers/viewer.ts'
import { live } from '../../../src/schema/live.ts'
import { schema } from '../../../src/schema/schema.ts'
import { noneYet } from '../../../src/server/live/counters.ts'
import { liveOperation, variablesBelowRoot } from '../../../src/server/live/operation.ts'
import { Plan } from '../../../src/server/live/plan.ts'
import { Plans } from '../../../src/server/live/plans.ts'

const viewer: Viewer = { tenant: 'default', name: 'admin', scopes: adminScopes, language: 'en' }

const text = { type: GraphQLString }

/** A subscription of one object, whose fields do what they like with what they are given. */
const schemaOf = (fields: GraphQLObjectTypeConfig<unknown, Context>['fields']): GraphQLSchema => {
  const Thing = new GraphQLObjectType<unknown, Context>({ name: 'Thing', fields })
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { fine: text } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        thing: { type: Thing, args: { id: text }, extensions: live, resolve: update => update },
        other: { type: Thing, args: { id: text } },
      },
    }),
  })
}

const simple = schemaOf({
  name: text,
  length: { ...text, args: { of: { type: GraphQLInt } }, resolve: (_, { of }) => String(of) },
})

const liveIn = (used: GraphQLSchema, query: string, variableValues: object = {}, operationName?: string) =>
  liveOperation({
    schema: used,
    document: parse(query),
    operationName,
    variableValues: variableValues as never,
  })

const planOf = (used: GraphQLSchema, query: string) => {
  const operation = liveIn(used, query)
  if (operation === null) throw new Error('Not live')
  return new Plan(used, operation, viewerClass(viewer), noneYet())
}

describe('an operation goes the short way', () => {
  it('where its one root field says so', () => {
    expect(liveIn(simple, 'subscription { thing { name } }')).not.toBeNull()
    expect(
      liveIn(simple, 'subscription { ...F } fragment F on Subscription { thing { name } }'),
    ).not.toBeNull()
    expect(liveIn(schema, 'subscription { loginProgress(loginId: "1") { sequence } }')).not.toBeNull()
  })

  it.each([
    ['is a query', '{ fine }'],
    ['asks for another field', 'subscription { other { name } }'],
    ['leaves its field out', 'subscription { thing @skip(if: true) { name } }'],
    ['lacks a variable', 'subscription ($id: String!) { thing(id: $id) { name } }'],
    [
      'is one of several without a name',
      'subscription A { thing { name } } subscription B { thing { name } }',
    ],
  ])('and not where it %s', (_, query) => {
    expect(liveIn(simple, query)).toBeNull()
  })
})

describe('a plan is shared', () => {
  const shares = (query: string, one: object, other: object) => {
    const plans = new Plans(simple, noneYet())
    const document = parse(query)
    const [first, second] = [one, other].map(variableValues => {
      const operation = liveOperation({ schema: simple, document, variableValues: variableValues as never })
      if (operation === null) throw new Error('Not live')
      return plans.planFor(operation, viewer)
    })
    return first === second
  }

  it('by all whose variables differ in the arguments of the root field only', () => {
    const query = 'subscription ($id: String) { thing(id: $id) { name } }'
    expect(variablesBelowRoot(parse(query))).toEqual([])
    expect(shares(query, { id: '1' }, { id: '2' })).toBe(true)
  })

  it.each([
    ['a field below', 'subscription ($n: Int) { thing { length(of: $n) } }'],
    ['a directive', 'subscription ($n: Boolean = true) { thing { name @include(if: $n) } }'],
    ['a fragment', 'subscription ($n: Int) { thing { ...F } } fragment F on Thing { length(of: $n) }'],
  ])('and not where one differs in %s', (_, query) => {
    expect(variablesBelowRoot(parse(query))).toEqual(['n'])
    const [one, other] = query.includes('Boolean') ? [true, false] : [1, 2]
    expect(shares(query, { n: one }, { n: other })).toBe(false)
    expect(shares(query, { n: one }, { n: one })).toBe(true)
  })

  it('and not by who gives null and who gives nothing, which has a default', () => {
    const query = 'subscription ($n: Int = 7) { thing { length(of: $n) } }'
    expect(shares(query, { n: null }, {})).toBe(false)
  })

  it('by viewers who may do the same in the same language, and by nobody else', () => {
    const plans = new Plans(simple, noneYet())
    const operation = liveIn(simple, 'subscription { thing { name } }')
    if (operation === null) throw new Error('Not live')
    const plan = plans.planFor(operation, viewer)
    expect(plans.planFor(operation, { ...viewer, name: 'another', tenant: 'b' })).toBe(plan)
    expect(plans.planFor(operation, { ...viewer, scopes: [...adminScopes].reverse() })).toBe(plan)
    expect(plans.planFor(operation, { ...viewer, language: 'zh' })).not.toBe(plan)
    expect(plans.planFor(operation, { ...viewer, scopes: ['LOGIN_READ'] })).not.toBe(plan)
  })

  it('and not by two operations of one document', () => {
    const document = parse('subscription A { thing { name } } subscription B { thing { length(of: 1) } }')
    const plans = new Plans(simple, noneYet())
    const [a, b] = ['A', 'B'].map(operationName => {
      const operation = liveOperation({ schema: simple, document, operationName })
      return operation && plans.planFor(operation, viewer)
    })
    expect(a).not.toBe(b)
  })

  it('until 64 others of its document have come', () => {
    const plans = new Plans(simple, noneYet())
    const document = parse('subscription ($n: Int) { thing { length(of: $n) } }')
    const planFor = (n: number) => {
      const operation = liveOperation({ schema: simple, document, variableValues: { n } })
      if (operation === null) throw new Error('Not live')
      return plans.planFor(operation, viewer)
    }
    const first = planFor(0)
    for (let n = 1; n < 64; n++) planFor(n)
    expect(planFor(0)).toBe(first)
    planFor(64)
    expect(planFor(0)).not.toBe(first)
  })
})

describe('a text', () => {
  it('is made once for all who are handed the same update, and forgotten with the turn of the loop', async () => {
    let made = 0
    const counting = schemaOf({ name: { ...text, resolve: () => String(++made) } })
    const counters = noneYet()
    const operation = liveIn(counting, 'subscription { thing { name } }')
    if (operation === null) throw new Error('Not live')
    const plan = new Plan(counting, operation, viewerClass(viewer), counters)
    const update = {}
    const first = plan.payloadOf(update)
    expect(plan.payloadOf(update)).toBe(first)
    expect(plan.payloadOf({})?.text).toBe('{"data":{"thing":{"name":"2"}}}')
    expect(counters).toEqual({ delivered: 0, shared: 1, interpreted: 0 })
    await new Promise(resolve => setImmediate(resolve))
    await new Promise(resolve => setImmediate(resolve))
    expect(plan.payloadOf(update)?.text).toBe('{"data":{"thing":{"name":"3"}}}')
  })
})

describe('a plan gives up', () => {
  const gives = (
    resolve: (
      source: unknown,
      args: object,
      context: Context,
      info: { path?: unknown; rootValue?: unknown },
    ) => unknown,
  ) =>
    planOf(
      schemaOf({ name: { ...text, resolve: resolve as never } }),
      'subscription { thing { name } }',
    ).payloadOf({
      fine: 'fine',
    })?.text ?? null

  it.each<[string, Parameters<typeof gives>[0]]>([
    ['asks whose it is', (_source, _args, { viewer }) => viewer.name],
    ['asks for a tenant', (_source, _args, { viewer }) => viewer.tenant],
    ['looks for a property of the viewer', (_source, _args, { viewer }) => String('name' in viewer)],
    ['lists what the viewer is', (_source, _args, { viewer }) => Object.keys(viewer).join()],
    ['loads something', (_source, _args, { loaders }) => loaders.device('1')],
    ['asks a service', (_source, _args, { services }) => services.pictureUrl('a', 'b')],
    ['asks where it stands', (_source, _args, _context, { path }) => String(path)],
    ['asks for the root', (_source, _args, _context, { rootValue }) => String(rootValue)],
    [
      'throws',
      () => {
        throw new Error('secret')
      },
    ],
    ['promises', () => Promise.resolve('later')],
    ['promises in vain', () => Promise.reject(new Error('secret'))],
    ['gives an error', () => new Error('secret')],
    ['gives what is no text', () => 5],
  ])('where a field %s', (_, resolve) => {
    expect(gives(resolve)).toBeNull()
  })

  it('and reads what its class may see', () => {
    expect(gives((_source, _args, { viewer }) => `${viewer.language} ${viewer.scopes.length}`)).toBe(
      `{"data":{"thing":{"name":"en ${adminScopes.length}"}}}`,
    )
  })

  it('where a root field reads its arguments, which others do not share', () => {
    const reading = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { fine: text } }),
      subscription: new GraphQLObjectType({
        name: 'Subscription',
        fields: {
          thing: {
            type: new GraphQLNonNull(GraphQLString),
            args: { id: text },
            extensions: live,
            resolve: (_, { id }) => id,
          },
        },
      }),
    })
    expect(planOf(reading, 'subscription { thing(id: "1") }').payloadOf({})).toBeNull()
  })
})
