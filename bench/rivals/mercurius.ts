// Mercurius on Fastify, as its documentation has it.

import type { AddressInfo } from 'node:net'
import { rival } from './installed.ts'
import type { Serve } from './serving.ts'

interface Fastify {
  register(plugin: unknown, options: object): unknown
  listen(options: { port: number; host: string }): Promise<string>
  close(): Promise<void>
  readonly server: { address(): AddressInfo | string | null }
}

export const serveMercurius: Serve = async (schema, contextOf) => {
  const fastify = rival<() => Fastify>('fastify')()
  fastify.register(rival('mercurius'), {
    schema,
    context: () => contextOf(),
    subscription: { context: () => contextOf() },
  })
  const url = await fastify.listen({ port: 0, host: '127.0.0.1' })
  return { url, close: () => fastify.close() }
}
