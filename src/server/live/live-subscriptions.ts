// Subscriptions on the short way: asked for as always (arguments, access, refusals), and taken from their watch to the
// socket by a plan.

import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql'
import type { Context } from '../../resolvers/context.ts'
import type { Viewer } from '../../resolvers/viewer.ts'
import { Watch } from '../../resolvers/watch.ts'
import { type LiveCounters, noneYet } from './counters.ts'
import { interpretWith } from './interpret.ts'
import { LiveStream } from './live-stream.ts'
import { type Asked, liveOperation } from './operation.ts'
import type { OutletParts } from './outlet.ts'
import { Plans } from './plans.ts'

export interface LiveOptions {
  readonly schema: GraphQLSchema
  readonly contextOf: (viewer: Viewer) => Context
  readonly mask: (thrown: unknown) => GraphQLError
}

/** Where the updates of one operation go. */
export interface Destination extends Omit<OutletParts, 'drained'> {
  readonly viewer: Viewer
}

type Subscribe = (args: ExecutionArgs) => Promise<ExecutionResult | LiveStream>

export interface LiveSubscriptions {
  readonly counters: LiveCounters
  /** Null: not an operation for the short way. */
  subscriberOf(asked: Asked, destination: Destination): Subscribe | null
}

export const liveSubscriptions = ({ schema, contextOf, mask }: LiveOptions): LiveSubscriptions => {
  const counters = noneYet()
  const plans = new Plans(schema, counters)
  const interpret = interpretWith({ contextOf, mask })
  return {
    counters,
    subscriberOf: (asked, destination) => {
      const operation = liveOperation(asked)
      if (operation === null) return null
      return async args => {
        const watch = await createSourceEventStream(args)
        if (!(watch instanceof Watch)) return refused(watch, mask)
        const plan = plans.planFor(operation, destination.viewer)
        return new LiveStream({ ...destination, watch, plan, asked, interpret, counters })
      }
    },
  }
}

const refused = (
  result: ExecutionResult | AsyncIterable<unknown>,
  mask: LiveOptions['mask'],
): ExecutionResult => {
  if (Symbol.asyncIterator in result) throw new Error('What says that it is live must give a watch')
  return { errors: (result.errors ?? []).map(error => mask(error)) }
}
