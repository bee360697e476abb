// GraphQL over HTTP and SSE, by yoga: who may ask, how much, and what errors look like. The sockets borrow its engine,
// so that nothing is checked in one place only.

import {
  type ExecutionArgs,
  type GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  subscribe,
} from 'graphql'
import { createYoga, type GraphiQLRenderer, type Plugin } from 'graphql-yoga'
import type { Context } from '../resolvers/context.ts'
import { createLoaders } from '../resolvers/loaders.ts'
import type { Services } from '../resolvers/services.ts'
import type { Viewer } from '../resolvers/viewer.ts'
import { unauthenticated } from './credentials.ts'
import { limits, withinLimits } from './limits.ts'
import type { Origins } from './origins.ts'

/** What comes with each request from the layer below. Null: nobody that is known here. */
export interface Caller {
  readonly viewer: Viewer | null
}

export interface GraphqlOptions {
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly origins: Origins
  readonly development: boolean
  readonly mask: (thrown: unknown) => GraphQLError
}

export const graphqlPath = '/graphql'
/** Operations are text; nothing that is asked here needs more. */
const bodyAtMost = 128 * 1024

export const createGraphql = (options: GraphqlOptions) =>
  createYoga<Caller, Context>({
    schema: options.schema,
    graphqlEndpoint: graphqlPath,
    landingPage: false,
    graphiql: options.development && graphiql,
    renderGraphiQL: renderOwnPage,
    batching: false,
    multipart: false,
    logging: false,
    maxRequestBodySize: bodyAtMost,
    cors: request => corsFor(request.headers.get('origin'), options.origins),
    maskedErrors: { maskError: options.mask },
    plugins: [onlyTheKnown(options), limited(options.development), subscribedByGraphqlJs, worded(options)],
    context: ({ viewer }) => {
      if (viewer === null) throw new Error('A request of nobody got past the door')
      return contextOf(options.services, viewer)
    },
  })

export const contextOf = (services: Services, viewer: Viewer): Context => ({
  viewer,
  services,
  loaders: createLoaders(services, viewer.tenant),
})

/** The list itself is not handed on: whoever is not in one is told `null`, which is the name of sandboxed frames and files. */
const corsFor = (origin: string | null, origins: Origins) =>
  origin !== null &&
  origins.allows(origin) && {
    origin,
    methods: ['GET', 'POST', 'OPTIONS'],
    allowedHeaders: ['authorization', 'content-type', 'accept', 'accept-language'],
    credentials: false,
    maxAge: 600,
  }

const graphiql = {
  title: 'Gatehouse',
  // Over a socket the page would not send what stands in its header editor.
  subscriptionsProtocol: 'SSE',
  isHeadersEditorEnabled: true,
  defaultEditorToolsVisibility: 'headers',
  defaultHeaders: JSON.stringify({ authorization: 'Bearer <the key in .data/admin.key>' }, null, 2),
  defaultQuery: '{\n  viewer {\n    name\n    scopes\n  }\n  providers {\n    name\n    phonesUrl\n  }\n}\n',
} as const

/** From the package rather than from a server on the internet, which not every machine reaches; loaded when first opened. */
const renderOwnPage: GraphiQLRenderer = async page => {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  return renderGraphiQL(page)
}

/** Before anything is parsed: a stranger learns nothing of the schema. Preflights and the page come before this. */
const onlyTheKnown = ({ development }: GraphqlOptions): Plugin<Context, Caller> => ({
  onRequest: ({ request, serverContext, fetchAPI, endResponse }) => {
    const isPage =
      development && request.method === 'GET' && request.headers.get('accept')?.includes('text/html')
    if (serverContext.viewer !== null || isPage || request.method === 'OPTIONS') return
    const message = unauthenticated(request.headers.get('authorization'))
    const body = { errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] }
    const wantsNew = request.headers.get('accept')?.includes('application/graphql-response+json')
    endResponse(
      new fetchAPI.Response(JSON.stringify(body), {
        status: 401,
        headers: {
          'content-type': `${wantsNew ? 'application/graphql-response+json' : 'application/json'}; charset=utf-8`,
          'www-authenticate': 'Bearer',
        },
      }),
    )
  },
})

/** Its `return` reaches a watch at once, as the one of yoga's own executor does not. */
const subscribedByGraphqlJs: Plugin<Context, Caller> = {
  onSubscribe: ({ setSubscribeFn }) => setSubscribeFn((args: ExecutionArgs) => subscribe(args)),
}

/** Errors of validation come past the mask: they get the codes that everything else has. */
const worded = ({ mask }: GraphqlOptions): Plugin<Context, Caller> => ({
  onExecutionResult: ({ result, setResult }) => {
    if (result === undefined || Array.isArray(result) || !('errors' in result) || result.errors == null)
      return
    setResult({ ...result, errors: result.errors.map(error => mask(error)) })
  },
})

const limited = (development: boolean): Plugin<Context, Caller> => ({
  onParse: ({ setParseFn }) => {
    setParseFn((source: Parameters<typeof parse>[0], given: Parameters<typeof parse>[1]) =>
      parse(source, { ...given, maxTokens: limits.tokens }),
    )
  },
  onValidate: ({ addValidationRule }) => {
    addValidationRule(withinLimits)
    if (!development) addValidationRule(NoSchemaIntrospectionCustomRule)
  },
})
