// A schema with what ours has not got yet below a subscription: arguments with defaults, lists of lists, lists of what is
// one of several types, interfaces of interfaces, scalars that give objects, types that know their own.

import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql'
import type { Context } from '../../../src/resolvers/context.ts'
import { live } from '../../../src/schema/live.ts'
import type { Selecting } from './operations.ts'
import type { Chance } from './random.ts'
import { words } from './records.ts'

const Mood = new GraphQLEnumType({
  name: 'Mood',
  values: { GLAD: { value: 1 }, SAD: { value: 'sad' }, ODD: {} },
})
const Anything = new GraphQLScalarType({ name: 'Anything', serialize: value => value })
const Loud = new GraphQLScalarType({ name: 'Loud', serialize: value => String(value).toUpperCase() || null })

const name = {
  type: new GraphQLNonNull(GraphQLString),
  args: { upper: { type: GraphQLBoolean }, times: { type: GraphQLInt, defaultValue: 1 } },
  resolve: (thing: Thing, args: { upper?: boolean | null; times?: number | null }) =>
    'times' in args ? `${thing.name}${args.times}${'upper' in args ? args.upper : 'not said'}` : thing.name,
}
const Named = new GraphQLInterfaceType({ name: 'Named', resolveType: kindOf, fields: { name } })
const Living = new GraphQLInterfaceType({
  name: 'Living',
  interfaces: [Named],
  resolveType: kindOf,
  fields: { name, age: { type: GraphQLFloat } },
})
const Person = new GraphQLObjectType<Thing, Context>({
  name: 'Person',
  interfaces: [Living, Named],
  isTypeOf: value => (value as Thing).kind === 'Person',
  fields: {
    name,
    age: { type: GraphQLFloat },
    seenBy: {
      type: GraphQLString,
      resolve: (_, __, { viewer }) => `${viewer.language} ${viewer.scopes.length}`,
    },
  },
})
const Stone = new GraphQLObjectType<Thing, Context>({
  name: 'Stone',
  interfaces: [Named],
  fields: { name, weight: { type: new GraphQLNonNull(GraphQLInt), resolve: ({ age }) => age } },
})
const Either = new GraphQLUnionType({ name: 'Either', types: [Person, Stone], resolveType: kindOf })

const Thing: GraphQLObjectType<Thing, Context> = new GraphQLObjectType<Thing, Context>({
  name: 'Thing',
  fields: () => ({
    id: { type: GraphQLID, resolve: thing => thing.age },
    name,
    sum: {
      type: GraphQLFloat,
      args: {
        of: { type: new GraphQLList(new GraphQLNonNull(GraphQLInt)), defaultValue: [1, 2] },
        mood: { type: Mood, defaultValue: 'sad' },
      },
      resolve: (_, { of, mood }: { of: readonly number[] | null; mood: unknown }) =>
        (of ?? []).reduce((sum, one) => sum + one, 0) + (mood === 1 ? 0.5 : 0),
    },
    moods: { type: new GraphQLList(new GraphQLNonNull(Mood)) },
    grid: { type: new GraphQLList(new GraphQLNonNull(new GraphQLList(GraphQLInt))) },
    words: { type: new GraphQLNonNull(new GraphQLList(GraphQLString)) },
    anything: { type: Anything },
    loud: { type: Loud, resolve: thing => thing.name },
    length: { type: GraphQLInt },
    owner: { type: Person },
    living: { type: Living },
    either: { type: new GraphQLNonNull(Either) },
    all: { type: new GraphQLList(Either) },
    thing: { type: Thing },
    things: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(Thing))) },
  }),
})

export const madeUp = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { fine: { type: GraphQLString } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      thing: {
        type: new GraphQLNonNull(Thing),
        args: { id: { type: new GraphQLNonNull(GraphQLID) } },
        extensions: live,
        resolve: thing => thing,
      },
    },
  }),
  types: [Person, Stone],
})

export const madeUpSelecting: Selecting = { schema: madeUp, root: 'thing', rare: new Set(), depth: 2 }

interface Thing {
  readonly kind: 'Person' | 'Stone' | 'Thing'
  readonly name: string
  readonly age: number
}

function kindOf({ kind }: Thing): string {
  return kind
}

export const thingsOf = (count: number, chance: Chance): readonly object[] =>
  Array.from({ length: count }, () => thingOf(chance, 1))

const thingOf = (chance: Chance, depth: number): object => {
  const many = <One>(make: () => One): readonly One[] => Array.from({ length: chance.below(3) }, make)
  const one = (kind: Thing['kind']) => ({ kind, name: chance.from(words) ?? '', age: chance.below(90) })
  const either = () => one(chance.of('Person', 'Stone'))
  return {
    ...one('Thing'),
    moods: chance.of(null, ['sad', 1, 'ODD']),
    grid: many(() => many(() => chance.of(null, 0, -7))),
    words: many(() => chance.from(words)),
    anything: chance.of<unknown>(null, 5, 'x', { a: [1, { b: null }] }, []),
    // Now and then what its type says it cannot be.
    owner: chance.of(null, either()),
    living: chance.of(null, either()),
    length: chance.below(9),
    either: either(),
    all: many(() => chance.of(null, either())),
    thing: depth === 0 ? null : thingOf(chance, depth - 1),
    things: depth === 0 ? [] : many(() => thingOf(chance, depth - 1)),
  }
}
