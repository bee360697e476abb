// graphql-transport-ws on the same path. graphql-ws keeps the protocol, `ws` the frames; every operation is parsed,
// validated, given its context and masked by the engine that serves HTTP. The updates of live operations pass both by.

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql'
import { CloseCode, handleProtocols, MessageType, makeServer } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Viewer } from '../resolvers/viewer.ts'
import type { Recognise } from './credentials.ts'
import type { createGraphql } from './graphql-over-http.ts'
import { languageOf } from './language.ts'
import type { LiveSubscriptions } from './live/live-subscriptions.ts'
import { type Operation, Operations, type Run } from './operations.ts'
import type { Origins } from './origins.ts'
import { attach, pingAll } from './socket-adapter.ts'
import { Texts } from './texts.ts'

export interface SocketOptions {
  readonly graphql: ReturnType<typeof createGraphql>
  readonly recognise: Recognise
  readonly origins: Origins
  readonly mask: (thrown: unknown) => GraphQLError
  /** Null: every subscription goes the documented way. */
  readonly live: LiveSubscriptions | null
  /** Operations under way on one socket. */
  readonly operationsAtMost?: number
  /** How often a client must show that it is there, in milliseconds. */
  readonly pingEvery?: number
}

export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly open: number
  /** Tells every client to go (1001); those that do not answer are cut after `grace` milliseconds. */
  close(grace: number): Promise<void>
}

type Extra = {
  readonly socket: WebSocket
  /** What is under it. */
  readonly wire: Duplex
  /** Of the request that it began as. */
  readonly acceptLanguage: string | undefined
  readonly operations: Operations
  viewer?: Viewer
}

const goingAway = 1001
const maxPayload = 65_536
const pingEvery = 12_000
const saidByServers: readonly unknown[] = [MessageType.ConnectionAck, MessageType.Next, MessageType.Error]

const isSaidByServers = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'type' in message && saidByServers.includes(message.type)

export const createSockets = (options: SocketOptions): Sockets => {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    // Answered where it is counted what a client has not read.
    autoPong: false,
    handleProtocols,
    verifyClient: ({ origin }: { origin: string | undefined }) => options.origins.allows(origin),
  })
  const texts = new Texts()
  const mostOperations = options.operationsAtMost ?? 1_000

  const read = (text: string): unknown => {
    try {
      const message: unknown = JSON.parse(text, (key, value) => (key === 'query' ? texts.same(value) : value))
      // As no message at all, it closes the socket with 4400; graphql-ws would throw, as if it were our fault.
      return isSaidByServers(message) ? null : message
    } catch {
      return text
    }
  }

  const protocol = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: 10_000,
    onConnect: context => {
      const { connectionParams, extra } = context
      // It holds a key, and is asked for once.
      Object.assign(context, { connectionParams: undefined })
      const said = (name: string) => {
        const value = connectionParams?.[name]
        return typeof value === 'string' ? value : null
      }
      const language = languageOf(said('acceptLanguage') ?? extra.acceptLanguage)
      const viewer = options.recognise(said('authorization') ?? said('Authorization'), language)
      if (viewer === null) {
        // 4401: a client does not come back by itself with the same key.
        extra.socket.close(CloseCode.Unauthorized, 'UNAUTHENTICATED')
        return false
      }
      extra.viewer = viewer
      return true
    },
    onSubscribe: async ({ extra }, id, params) => {
      if (extra.operations.count >= mostOperations)
        return [problem('TOO_MANY_SUBSCRIPTIONS', `One socket carries ${mostOperations} operations at most.`)]
      const operation = extra.operations.begin()
      try {
        const prepared = await prepare(options, extra, { ...params, id }, operation)
        if ('rootValue' in prepared) texts.keep(params.query)
        else operation.over()
        return prepared
      } catch (error) {
        operation.over()
        return [options.mask(error)]
      }
    },
    onClose: ({ extra }) => extra.operations.end(),
    execute: args => run(args as Prepared, 'execute'),
    subscribe: args => run(args as Prepared, 'subscribe'),
    // The last gate: whatever comes this far unmasked is masked here.
    onError: (_context, _id, _payload, errors) => errors.map(error => shown(options.mask(error))),
  })
  const failed = (error: unknown) => void options.mask(error)
  const pinging = setInterval(() => pingAll(server.clients), options.pingEvery ?? pingEvery).unref()

  return {
    upgrade: (request, socket, head) => {
      server.handleUpgrade(request, socket, head, client =>
        attach({
          socket: client,
          extra: {
            socket: client,
            wire: socket,
            acceptLanguage: request.headers['accept-language'],
            operations: new Operations(),
          },
          protocol,
          read,
          failed,
        }),
      )
    },
    get open() {
      return server.clients.size
    },
    close: async grace => {
      clearInterval(pinging)
      const leaving = [...server.clients].map(client => {
        const left = client.readyState === client.CLOSED ? Promise.resolve() : once(client, 'close')
        client.close(goingAway, 'Going away')
        return left
      })
      const cut = setTimeout(() => {
        for (const client of server.clients) client.terminate()
      }, grace)
      await Promise.all(leaving)
      clearTimeout(cut)
    },
  }
}

/** The engine's own functions travel with the operation, as graphql-ws hands them on. */
type Prepared = ExecutionArgs & {
  rootValue: { readonly operation: Operation; readonly execute: Run; readonly subscribe: Run }
}

const run = (args: Prepared, verb: 'execute' | 'subscribe') => {
  const { operation, [verb]: engine } = args.rootValue
  const asked = { ...args }
  // graphql-ws keeps them for as long as the operation runs; a live one needs neither of these any more.
  Object.assign(args, { rootValue: undefined, contextValue: undefined })
  return operation.run(engine, asked)
}

const prepare = async (
  { graphql, live, mask }: SocketOptions,
  { socket, wire, viewer }: Extra,
  params: { id: string; query: string; operationName?: string | null | undefined; variables?: unknown },
  operation: Operation,
): Promise<Prepared | readonly GraphQLError[]> => {
  const { schema, execute, subscribe, contextFactory, parse, validate } = graphql.getEnveloped({
    viewer: viewer ?? null,
    params,
    // No request of HTTP: the GET that the socket began as would forbid mutations.
  } as never)
  const document = parse(params.query)
  const errors: readonly GraphQLError[] = validate(schema, document)
  if (errors.length > 0) return errors.map(error => mask(error))
  if (getOperationAST(document, params.operationName) == null)
    return [problem('BAD_USER_INPUT', 'It is not clear which operation is meant: name one of the document.')]
  const variableValues = params.variables as Record<string, unknown>
  const asked = { schema, document, operationName: params.operationName, variableValues }
  const onPlan = viewer && live?.subscriberOf(asked, { socket, wire, id: params.id, viewer })
  return {
    ...asked,
    contextValue: await contextFactory(),
    rootValue: { operation, execute, subscribe: onPlan ?? subscribe },
  }
}

/** Without what the engine keeps for the status line of HTTP. */
const shown = (error: GraphQLError) => {
  const { http: _, ...extensions } = error.extensions
  return { ...error.toJSON(), extensions }
}

const problem = (code: string, message: string) => new GraphQLError(message, { extensions: { code } })
