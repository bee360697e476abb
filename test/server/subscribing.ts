// The three ways of a client to hear something, brought to one shape: what came, and how it ended.

import { createClient as createEventClient } from 'graphql-sse'
import { createClient as createSocketClient } from 'graphql-ws'
import { WebSocket } from 'ws'

export interface Heard {
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects where it looks.
  readonly items: readonly any[]
  /** GraphQL errors, a close event, or nothing where it completed. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly end: any
}

export const transports = ['socket', 'events'] as const
export type Transport = (typeof transports)[number]

export const subscribe = (
  transport: Transport,
  url: string,
  key: string | null,
  query: string,
): Promise<Heard> => (transport === 'socket' ? overSocket(url, key, query) : overEvents(url, key, query))

export const overSocket = (url: string, key: string | null, query: string): Promise<Heard> => {
  const client = createSocketClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    ...(key === null ? {} : { connectionParams: { authorization: `Bearer ${key}` } }),
    retryAttempts: 0,
  })
  const items: unknown[] = []
  return new Promise(resolve => {
    const end = (end: unknown) => {
      void client.dispose()
      resolve({ items, end })
    }
    client.subscribe(
      { query },
      { next: item => void items.push(item), error: end, complete: () => end(null) },
    )
  })
}

export const overEvents = (url: string, key: string | null, query: string): Promise<Heard> => {
  const client = createEventClient({
    url: `${url}/graphql`,
    headers: key === null ? {} : { authorization: `Bearer ${key}` },
    retryAttempts: 0,
  })
  const items: unknown[] = []
  return new Promise(resolve => {
    const end = async (end: unknown) => {
      const refused =
        end instanceof Error && 'response' in end && end.response instanceof Response ? end.response : null
      const told = refused === null ? end : { status: refused.status, body: await refused.json() }
      client.dispose()
      resolve({ items, end: told })
    }
    client.subscribe(
      { query },
      { next: item => void items.push(item), error: end, complete: () => end(null) },
    )
  })
}
