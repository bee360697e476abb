// graphql-yoga with graphql-ws, as its documentation has it.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExecutionArgs } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { createYoga } from 'graphql-yoga'
import { WebSocketServer } from 'ws'
import { type Serve, withoutPings } from './serving.ts'

type Engine = Pick<ReturnType<ReturnType<typeof createYoga>['getEnveloped']>, 'execute' | 'subscribe'>
const engineOf = (args: ExecutionArgs) => args.rootValue as Engine

export const serveYoga: Serve = async (schema, contextOf) => {
  const yoga = createYoga({ schema, logging: false, context: () => contextOf() })
  const server = createServer(yoga)
  const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint })
  const live = useServer(
    {
      execute: args => engineOf(args).execute(args),
      subscribe: args => engineOf(args).subscribe(args),
      onSubscribe: async (context, _id, params) => {
        const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
          ...context,
          req: context.extra.request,
          socket: context.extra.socket,
          params,
        } as never)
        const args = {
          schema,
          operationName: params.operationName,
          document: parse(params.query),
          variableValues: params.variables,
          contextValue: await contextFactory(),
          rootValue: { execute, subscribe },
        }
        const errors = validate(args.schema, args.document)
        return errors.length > 0 ? errors : args
      },
    },
    sockets,
    withoutPings,
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await live.dispose()
      server.close()
    },
  }
}
