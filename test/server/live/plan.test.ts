// What a plan remembers, and for how long; what it cannot see; and how it gives up.

import {
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { adminScopes, viewerClass } from '../../../src/resolvers/viewer.ts'
import { live } from '../../../src/schema/live.ts'
import { noneYet } from '../../../src/server/live/counters.ts'
import { Plan } from '../../../src/server/live/plan.ts'
import { compare, plannerOf } from './comparison.ts'
import { madeUp } from './made-up.ts'
import { liveIn, planOf, planWhere, schemaOf, text, viewer } from './small.ts'

/** All that was to happen in this turn of the loop, and in the next. */
const turned = async (): Promise<void> => {
  for (let turns = 0; turns < 2; turns++) await new Promise(resolve => setImmediate(resolve))
}

describe('a text', () => {
  const counting = () => {
    let made = 0
    const schema = schemaOf({
      name: {
        ...text,
        resolve: () => {
          made++
          return made % 10 === 0 ? Promise.resolve('later') : String(made)
        },
      },
    })
    const counters = noneYet()
    const operation = liveIn(schema, 'subscription { thing { name } }')
    if (operation === null) throw new Error('Not live')
    const plan = new Plan(schema, operation, viewerClass(viewer), counters)
    return { plan, counters, made: () => made }
  }

  it('is made once for all who are handed the same update, who are counted', () => {
    const { plan, counters, made } = counting()
    const update = {}
    const first = plan.payloadOf(update)
    expect(plan.payloadOf(update)).toBe(first)
    expect(plan.payloadOf(update)).toBe(first)
    expect(made()).toBe(1)
    expect(counters).toEqual({ delivered: 0, shared: 2, interpreted: 0 })
  })

  it('is that of its own update, also where one comes again', () => {
    const { plan, counters } = counting()
    const [one, other] = [{}, {}]
    const texts = [one, other, one].map(update => plan.payloadOf(update)?.text)
    expect(texts).toEqual(['1', '2', '3'].map(name => `{"data":{"thing":{"name":"${name}"}}}`))
    expect(counters.shared).toBe(0)
  })

  it('is forgotten with the turn of the loop', async () => {
    const { plan, counters } = counting()
    const update = {}
    plan.payloadOf(update)
    await turned()
    expect(plan.payloadOf(update)?.text).toBe('{"data":{"thing":{"name":"2"}}}')
    await turned()
    expect(plan.payloadOf(update)?.text).toBe('{"data":{"thing":{"name":"3"}}}')
    expect(counters.shared).toBe(0)
  })

  it('that there is not is not tried again for the next watcher, nor counted, nor in the way of the next update', () => {
    const { plan, counters, made } = counting()
    for (let count = 0; count < 9; count++) plan.payloadOf({})
    const update = {}
    expect(plan.payloadOf(update)).toBeNull()
    expect(plan.payloadOf(update)).toBeNull()
    expect(made()).toBe(10)
    expect(counters.shared).toBe(0)
    expect(plan.payloadOf({})?.text).toBe('{"data":{"thing":{"name":"11"}}}')
  })
})

describe('a plan cannot see', () => {
  it.each<[string, Parameters<typeof planWhere>[0]]>([
    ['whose it is', (_source, _given, { viewer }) => viewer.name],
    ['for which tenant', (_source, _given, { viewer }) => viewer.tenant],
    ['whether the viewer has a name', (_source, _given, { viewer }) => String('name' in viewer)],
    ['what the viewer has', (_source, _given, { viewer }) => Object.keys(viewer).join()],
    ['all of the viewer', (_source, _given, { viewer }) => JSON.stringify({ ...viewer })],
    ['what must be loaded', (_source, _given, { loaders }) => loaders.device('1')],
    ['whether there is a loader', (_source, _given, { loaders }) => String('device' in loaders)],
    ['what a service says', (_source, _given, { services }) => services.pictureUrl('a', 'b')],
    ['where it stands', (_source, _given, _context, { path }) => String(path)],
    ['the root', (_source, _given, _context, { rootValue }) => String(rootValue)],
    ['the variables', (_source, _given, _context, { variableValues }) => JSON.stringify(variableValues)],
    [
      'what else an engine puts into a context',
      (_source, _given, context) => String((context as { request?: unknown }).request),
    ],
    [
      'whether an engine puts more into a context',
      (_source, _given, context) => String('request' in context),
    ],
  ])('%s', (_, resolve) => {
    expect(planWhere(resolve).payloadOf({})).toBeNull()
  })

  it('what others do not share: the arguments of a root field', () => {
    const schema = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { fine: text } }),
      subscription: new GraphQLObjectType({
        name: 'Subscription',
        fields: {
          thing: { ...text, args: { id: text }, extensions: live, resolve: (_, { id }) => id },
        },
      }),
    })
    expect(planOf(schema, 'subscription { thing(id: "1") }').payloadOf({})).toBeNull()
  })

  it('more than what its class may see, which it can', () => {
    const plan = planWhere((_source, _given, { viewer }) => `${viewer.language} ${viewer.scopes.length}`)
    expect(plan.payloadOf({})?.text).toBe(`{"data":{"thing":{"it":"en ${adminScopes.length}"}}}`)
  })
})

describe('a plan gives up', () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => void unhandled.push(reason)
  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', note)
  })
  afterEach(() => void process.off('unhandledRejection', note))

  const fail = (): never => {
    throw new Error('secret')
  }
  const inVain = () => Promise.reject(new Error('secret'))
  const Part = new GraphQLObjectType({ name: 'Part', fields: { a: text, b: text } })
  const Odd = new GraphQLObjectType({ name: 'Odd', fields: { a: text }, isTypeOf: inVain })
  const Either = new GraphQLInterfaceType({ name: 'Either', fields: { a: text }, resolveType: inVain })
  const List = new GraphQLList(GraphQLString)
  const Parts = new GraphQLNonNull(new GraphQLList(Part))

  it.each<[string, () => unknown, GraphQLOutputType, string]>([
    ['throws', fail, GraphQLString, ''],
    ['promises', () => Promise.resolve('later'), GraphQLString, ''],
    ['promises in vain', inVain, GraphQLString, ''],
    ['promises an object in vain', inVain, Part, '{ a }'],
    ['promises a list in vain', inVain, List, ''],
    ['never keeps its promise', () => new Promise(() => {}), GraphQLString, ''],
    ['gives an error', () => new Error('secret'), GraphQLString, ''],
    ['gives what is no text', () => 5, GraphQLString, ''],
    ['gives nothing where something must be', () => null, Parts, '{ a }'],
    ['knows its type in vain', () => ({ a: 'x' }), Odd, '{ a }'],
    ['is known by its type in vain', () => ({ a: 'x' }), Either, '{ a }'],
    ['promises all of a list in vain', () => [inVain(), inVain()], List, ''],
    ['promises all of an object in vain', () => ({ a: inVain(), b: inVain() }), Part, '{ a b }'],
    ['promises in vain after what is no text', () => [5, inVain()], List, ''],
  ])('where a field %s, and leaves no rejection to nobody', async (_, resolve, type, below) => {
    expect(planWhere(resolve, type, below).payloadOf({})).toBeNull()
    await turned()
    expect(unhandled).toEqual([])
  })

  it.each([null, undefined])('and not where there is %s, and may be', nothing => {
    expect(planWhere(() => nothing).payloadOf({})?.text).toBe('{"data":{"thing":{"it":null}}}')
  })

  it('for that update alone', () => {
    const plan = planWhere(source => (source as { ok: boolean }).ok || fail())
    expect(plan.payloadOf({ ok: false })).toBeNull()
    const name = planWhere(source => (source as { name: unknown }).name)
    expect(name.payloadOf({ name: 5 })).toBeNull()
    expect(name.payloadOf({ name: 'x' })?.text).toBe('{"data":{"thing":{"it":"x"}}}')
  })

  it.each<[string, object, string]>([
    ['a scalar makes its own JSON', { anything: { toJSON: (key: string) => key } }, 'mine: anything'],
    ['text stands in the place of an object', { thing: 'four' }, 'thing { length }'],
    [
      'something else in the place of a list',
      { words: 'four', all: { length: 4 } },
      'words all { __typename }',
    ],
    ['a list has holes', { words: Object.assign([], { 2: 'x' }) }, 'words'],
    ['a key is special elsewhere', {}, '__proto__: __typename toJSON: __typename'],
  ])('or says what graphql-js says, where %s', (_, update, selected) => {
    const generated = {
      text: `subscription ($id: ID!) { thing(id: $id) { ${selected} } }`,
      operationName: null,
    }
    const told = [{ update, whole: false, watching: 0 }]
    const watching = [{ viewer, variables: { id: '1' } }]
    const compared = compare(madeUp, plannerOf(madeUp), generated, watching, told)
    expect(compared).toMatchObject({ difference: null, events: 1 })
  })
})
