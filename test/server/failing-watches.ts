// Subscriptions that say of themselves that they are live, and end or fail in every way that there is.

import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { RequestError } from '../../src/errors.ts'
import type { LoginUpdate } from '../../src/resolvers/update.ts'
import { Watch } from '../../src/resolvers/watch.ts'
import { live } from '../../src/schema/live.ts'
import { boom, explosive } from './served.ts'

/** An update for each word; then what the next read of the log comes to. Null: nothing more, it completes. */
const telling = (words: readonly string[], next: (() => never) | null): Watch =>
  new Watch(
    {
      sequence: words.length + 1,
      readChunk: async after => {
        if (after > 0) next?.()
        const updates = words.map((word, index) => ({ sequence: index + 1, event: {}, word }))
        return { updates: updates as unknown as readonly LoginUpdate[], over: next === null, version: 1 }
      },
      changedSince: () => null,
      left: () => {},
    },
    0,
    null,
    { queue: 8, patience: 60_000 },
    () => {},
  )

const tooSlow = (): never => {
  throw new RequestError('SLOW_CONSUMER', 'You read too slowly: come back with `after`.')
}

const unknown = (): never => {
  throw new RequestError('NOT_FOUND', 'There is no such login.')
}

const field = (subscribe: () => Watch, resolve = ({ word }: { readonly word: string }) => word) => ({
  type: GraphQLString,
  extensions: live,
  subscribe,
  resolve,
})

/** The same names, and what they come to, as of those that are not. */
export const failingWatches = new GraphQLSchema({
  query: explosive.getQueryType(),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      refused: field(unknown),
      boom: field(boom),
      item: field(() => telling(['first', 'second'], boom)),
      resolved: field(() => telling(['first'], null), boom),
      slow: field(() => telling(['first'], tooSlow)),
    },
  }),
})
