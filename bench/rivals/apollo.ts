// Apollo Server with graphql-ws, as its documentation has it. Nothing here speaks HTTP, so that nothing is mounted.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { rival } from './installed.ts'
import { type Serve, withoutPings } from './serving.ts'

interface Apollo {
  readonly ApolloServer: new (options: object) => { start(): Promise<void>; stop(): Promise<void> }
}

export const serveApollo: Serve = async (schema, contextOf) => {
  const { ApolloServer } = rival<Apollo>('@apollo/server')
  const server = createServer()
  const sockets = new WebSocketServer({ server, path: '/graphql' })
  const live = useServer({ schema, context: () => contextOf() }, sockets, withoutPings)
  const apollo = new ApolloServer({ schema })
  await apollo.start()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await live.dispose()
      await apollo.stop()
      server.close()
    },
  }
}
