// The API on a port: which path is answered by whom, and in which order it all stops.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLSchema } from 'graphql'
import type { Services } from '../resolvers/services.ts'
import { createCallbacks } from './callbacks.ts'
import { type CallbackSecrets, callbacksPath } from './callbacks-secrets.ts'
import type { Recognise } from './credentials.ts'
import { createExports, exportPath } from './export.ts'
import { contextOf, createGraphql, graphqlPath } from './graphql-over-http.ts'
import { setSafetyHeaders } from './headers.ts'
import { serveHealth, serveReadiness } from './health.ts'
import { languageOf } from './language.ts'
import { type Listening, refuseUpgrade } from './listening.ts'
import type { LiveCounters } from './live/counters.ts'
import { liveSubscriptions } from './live/live-subscriptions.ts'
import { createMask, type ErrorLog } from './mask.ts'
import type { Origins } from './origins.ts'
import { picturesPath, type ReadLink, servePicture } from './pictures.ts'
import { createSockets } from './sockets.ts'

export interface ServerOptions {
  readonly listening: Listening
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly recognise: Recognise
  readonly origins: Origins
  readonly development: boolean
  readonly readLink: ReadLink
  /** Absent: no callbacks are taken. */
  readonly callbacks?: CallbackSecrets
  readonly log: ErrorLog
  /** False: every subscription goes the documented way, through graphql-js for each watcher. */
  readonly livePlans: boolean
  readonly operationsPerSocket?: number
  readonly pingEvery?: number
}

export interface GatewayServer {
  /** Open sockets. */
  readonly sockets: number
  /** Null: live plans are off. */
  readonly live: Readonly<LiveCounters> | null
  /** Not ready any more, nobody new; watchers are told SHUTTING_DOWN, sockets 1001. Resolves when all clients have left. */
  stop(grace: number): Promise<void>
}

export const serve = (options: ServerOptions): GatewayServer => {
  const { listening, services, log } = options
  const mask = createMask(log)
  const graphql = createGraphql({ ...options, mask })
  const live = options.livePlans
    ? liveSubscriptions({ schema: options.schema, contextOf: viewer => contextOf(services, viewer), mask })
    : null
  const sockets = createSockets({
    graphql,
    mask,
    live,
    recognise: options.recognise,
    origins: options.origins,
    ...(options.operationsPerSocket === undefined ? {} : { operationsAtMost: options.operationsPerSocket }),
    ...(options.pingEvery === undefined ? {} : { pingEvery: options.pingEvery }),
  })
  const callbacks =
    options.callbacks === undefined ? null : createCallbacks({ services, secrets: options.callbacks, log })
  const exports = createExports({ ...options, mask })
  let stopping = false

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const isPage =
      options.development && request.headers.accept?.includes('text/html') === true && path === graphqlPath
    setSafetyHeaders(response, isPage)
    if (path === '/healthz') return serveHealth(response)
    if (path === '/readyz') return serveReadiness(response, { ping: () => services.store.ping(), stopping })
    if (path.startsWith(picturesPath))
      return servePicture(request, response, { store: services.store, readLink: options.readLink })
    if (callbacks !== null && path.startsWith(callbacksPath)) return await callbacks(request, response)
    if (path.startsWith(exportPath)) return await exports.answer(request, response)
    if (path === graphqlPath && stopping) {
      response.writeHead(503, { 'retry-after': '2', connection: 'close' }).end()
      return
    }
    if (path === graphqlPath) {
      const language = languageOf(request.headers['accept-language'])
      const viewer = options.recognise(request.headers.authorization, language)
      await graphql(request, response, { viewer })
      return
    }
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    response.end('There is nothing here. The API is at /graphql.\n')
  }

  listening.serve({
    request: (request, response) => {
      answer(request, response).catch(error => {
        log.error({ message: mask(error).message }, 'A request could not be answered')
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
    },
    upgrade: (request, socket, head) => {
      if (!stopping && (request.url ?? '').split('?')[0] === graphqlPath)
        sockets.upgrade(request, socket, head)
      else refuseUpgrade(socket, stopping ? '503 Service Unavailable' : '404 Not Found')
    },
  })

  return {
    get sockets() {
      return sockets.open
    },
    live: live?.counters ?? null,
    stop: async grace => {
      stopping = true
      listening.stopAccepting()
      services.feeds.stop()
      exports.stop()
      // What was just said to the watchers goes out before their sockets are closed.
      await new Promise(resolve => setImmediate(resolve))
      await Promise.all([sockets.close(grace), listening.close(grace)])
    },
  }
}
