// The server alone, on a free port, with a schema of the test's own: what it does with errors, origins and limits is
// none of the real schema's business.

import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { RequestError } from '../../src/errors.ts'
import type { Services } from '../../src/resolvers/services.ts'
import { recogniseAdmin } from '../../src/server/credentials.ts'
import { listen } from '../../src/server/listening.ts'
import { originsOf } from '../../src/server/origins.ts'
import { type GatewayServer, type ServerOptions, serve } from '../../src/server/server.ts'

export const servedKey = 'a-key-for-tests-and-nothing-else'
export const secretWords = 'password=hunter2'

export const boom = (): never => {
  throw new Error(`connection failed: ${secretWords}`)
}

async function* twoThenBoom() {
  yield { item: 'first' }
  yield { item: 'second' }
  boom()
}

async function* slow() {
  yield { slow: 'first' }
  throw new RequestError('SLOW_CONSUMER', 'You read too slowly: come back with `after`.')
}

const text = { type: GraphQLString }

export const explosive = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      fine: { ...text, resolve: (_source, _args, { viewer }) => viewer.language },
      boom: { ...text, resolve: boom },
      busy: {
        ...text,
        resolve: () => {
          throw new RequestError('UNAVAILABLE', 'Later.', 7)
        },
      },
    },
  }),
  mutation: new GraphQLObjectType({
    name: 'Mutation',
    fields: { done: { ...text, resolve: (_source, _args, { viewer }) => viewer.language } },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      refused: {
        ...text,
        subscribe: () => {
          throw new RequestError('NOT_FOUND', 'There is no such login.')
        },
      },
      boom: { ...text, subscribe: boom },
      item: { ...text, subscribe: twoThenBoom },
      resolved: {
        ...text,
        subscribe: async function* () {
          yield {}
        },
        resolve: boom,
      },
      slow: { ...text, subscribe: slow },
    },
  }),
})

export interface Served extends AsyncDisposable {
  readonly url: string
  readonly server: GatewayServer
  readonly logged: readonly { readonly fields: object; readonly message: string }[]
}

export const served = async (options: Partial<ServerOptions> = {}): Promise<Served> => {
  const listening = await listen('127.0.0.1', 0)
  const logged: { fields: object; message: string }[] = []
  const server = serve({
    listening,
    schema: explosive,
    services: {
      feeds: { stop: () => {} },
      store: { ping: async () => ({ strayEvents: false }) },
    } as unknown as Services,
    recognise: recogniseAdmin(servedKey),
    origins: originsOf(listening.url, ['https://app.example']),
    development: true,
    livePlans: process.env.LIVE_PLANS !== 'off',
    readLink: () => null,
    log: { error: (fields, message) => void logged.push({ fields, message }) },
    ...options,
  })
  return {
    url: listening.url,
    server,
    logged,
    [Symbol.asyncDispose]: () => server.stop(200),
  }
}

export const post = async (
  { url }: Served,
  query: string,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${servedKey}` },
) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
  return { response, text: await response.text() }
}
