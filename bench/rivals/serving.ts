// What is compared with the gateway's own server: another one, for the same schema and the same source of updates.

import type { GraphQLSchema } from 'graphql'
import type { Context } from '../../src/resolvers/context.ts'

export interface Served {
  /** Of the server, without a path. */
  readonly url: string
  close(): Promise<void>
}

/** `contextOf`: for each operation anew. Nobody is asked who they are. */
export type Serve = (schema: GraphQLSchema, contextOf: () => Context) => Promise<Served>

/** Of graphql-ws: nobody pings while events are counted in microseconds. */
export const withoutPings = 0
