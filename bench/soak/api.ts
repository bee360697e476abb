// What a frontend of the soak says to the gateway: a few documents, and a watcher that can be dropped at any moment and
// comes back with its cursor, over a socket or over server-sent events.

import { createClient as createEventClient } from 'graphql-sse'
import { createClient as createSocketClient } from 'graphql-ws'
import WebSocket from 'ws'
import { type Address, eventFields } from '../../test/support/api-client.ts'

export interface Now {
  readonly state: string
  readonly nextStep: string
  readonly allowedActions: readonly string[]
  readonly qrCode: { readonly content: string | null; readonly url: string | null } | null
  readonly account: { readonly wcId: string } | null
  readonly outcome: { readonly reason: string } | null
}

export interface Update {
  readonly sequence: number
  readonly event: { readonly __typename: string; readonly sequence: number; readonly state: string } | null
  readonly login: Now
}

const watch = `subscription ($loginId: ID!, $after: Int) { loginProgress(loginId: $loginId, after: $after) {
  sequence event { ${eventFields} }
  login { state nextStep allowedActions qrCode { content url } account { wcId } outcome { reason } } } }`

export const written = `query ($id: ID!) { login(id: $id) {
  state sequence outcome { reason } account { wcId } events(first: 100) { edges { node { __typename sequence state at } } } } }`

export interface Written {
  readonly state: string
  readonly sequence: number
  readonly outcome: { readonly reason: string } | null
  readonly account: { readonly wcId: string } | null
  readonly events: {
    readonly edges: readonly { readonly node: NonNullable<Update['event']> & { readonly at: string } }[]
  }
}

export type Carrier = 'socket' | 'events'

export interface Follower {
  /** Why it was over: the login's end, our leaving, or an error. */
  readonly over: Promise<'COMPLETE' | 'LEFT' | Error>
  leave(): void
}

export const follow = (
  at: Address,
  by: Carrier,
  variables: { readonly loginId: string; readonly after: number | null },
  seen: (update: Update) => void,
): Follower => {
  const { promise, resolve } = Promise.withResolvers<'COMPLETE' | 'LEFT' | Error>()
  const sink = {
    next: (result: unknown) => {
      const { data, errors } = result as { data?: { loginProgress: Update } | null; errors?: unknown }
      if (data) seen(data.loginProgress)
      else resolve(new Error(JSON.stringify(errors)))
    },
    error: (error: unknown) => resolve(error instanceof Error ? error : new Error(describe(error))),
    complete: () => resolve('COMPLETE'),
  }
  const credential = `Bearer ${at.key}`
  const asked = { query: watch, variables }
  if (by === 'events') {
    const headers = { authorization: credential }
    const client = createEventClient({ url: `${at.url}/graphql`, headers, retryAttempts: 0 })
    client.subscribe(asked, sink)
    return { over: promise, leave: leaving(resolve, () => client.dispose()) }
  }
  const client = createSocketClient({
    url: `${at.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: AbandonableSocket,
    connectionParams: { authorization: credential },
    retryAttempts: 0,
  })
  client.subscribe(asked, sink)
  void promise.then(() => client.dispose())
  return { over: promise, leave: leaving(resolve, () => client.terminate()) }
}

/** Left while it is being opened it throws, when the client library has stopped listening. */
class AbandonableSocket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args)
    this.on('error', () => {})
  }
}

const leaving = (resolve: (how: 'LEFT') => void, leave: () => void) => () => {
  resolve('LEFT')
  leave()
}

const describe = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return String(error)
  const { code, reason } = error as { code?: unknown; reason?: unknown }
  return code === undefined ? JSON.stringify(error) : `closed ${String(code)} ${String(reason)}`
}
