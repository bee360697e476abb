// Small schemas that can be watched, and the operations and plans of them.

import {
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLObjectTypeConfig,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql'
import type { Context } from '../../../src/resolvers/context.ts'
import { adminScopes, type Viewer, viewerClass } from '../../../src/resolvers/viewer.ts'
import { live } from '../../../src/schema/live.ts'
import { noneYet } from '../../../src/server/live/counters.ts'
import { type LiveOperation, liveOperation } from '../../../src/server/live/operation.ts'
import { Plan } from '../../../src/server/live/plan.ts'
import type { Variables } from './operations.ts'

export const viewer: Viewer = { tenant: 'default', name: 'admin', scopes: adminScopes, language: 'en' }

export const text = { type: GraphQLString }

export type Fields = GraphQLObjectTypeConfig<unknown, Context>['fields']

/** A subscription of one object, whose fields do what they like with what they are given. */
export const schemaOf = (fields: Fields): GraphQLSchema => {
  const Thing = new GraphQLObjectType<unknown, Context>({ name: 'Thing', fields })
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { fine: text } }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: { thing: text } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        thing: {
          type: new GraphQLNonNull(Thing),
          args: { id: text, of: { type: GraphQLInt } },
          extensions: live,
          resolve: update => update,
        },
        other: { type: Thing, args: { id: text } },
      },
    }),
  })
}

export const simple = schemaOf({
  name: text,
  length: {
    ...text,
    args: { of: { type: GraphQLInt, defaultValue: 7 } },
    resolve: (_, { of }) => String(of),
  },
})

/** Null: not live. */
export const liveIn = (
  schema: GraphQLSchema,
  query: string,
  variableValues: Variables = {},
  operationName: string | null = null,
): LiveOperation | null => liveOperation({ schema, document: parse(query), operationName, variableValues })

export const planOf = (schema: GraphQLSchema, query: string): Plan => {
  const operation = liveIn(schema, query)
  if (operation === null) throw new Error('Not live')
  return new Plan(schema, operation, viewerClass(viewer), noneYet())
}

type Resolve = (
  source: unknown,
  given: object,
  context: Context,
  info: { readonly path?: unknown; readonly rootValue?: unknown; readonly variableValues?: unknown },
) => unknown

/** The plan of one field. */
export const planWhere = (resolve: Resolve, type: GraphQLOutputType = GraphQLString, below = ''): Plan =>
  planOf(schemaOf({ it: { type, resolve: resolve as never } }), `subscription { thing { it ${below} } }`)
