// What went wrong inside is nobody's business outside: on a socket as over HTTP.

import { describe, expect, it } from 'vitest'
import type { ServerOptions } from '../../src/server/server.ts'
import { failingWatches } from './failing-watches.ts'
import { post, type Served, secretWords, served, servedKey } from './served.ts'
import { subscribe, type Transport } from './subscribing.ts'

const masked = {
  message: expect.stringMatching(/^Something went wrong here; the log knows it as [0-9a-f-]{36}\.$/),
  extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.any(String) },
}

const loggedOnce = ({ logged }: Served, errorId: string) => {
  expect(logged).toEqual([
    { fields: expect.objectContaining({ errorId }), message: 'A request failed unexpectedly' },
  ])
}

/** Wherever they came: as a result, or as the end. */
const errorsOf = ({ items, end }: Awaited<ReturnType<typeof subscribe>>) =>
  items.flatMap(item => item.errors ?? []).concat(Array.isArray(end) ? end : [])

it('hides an unexpected error over HTTP, and logs it once with its id', async () => {
  await using server = await served()
  const { text } = await post(server, '{ boom }')
  const { errors } = JSON.parse(text)
  expect(errors).toMatchObject([{ ...masked, path: ['boom'] }])
  expect(text).not.toContain(secretWords)
  loggedOnce(server, errors[0].extensions.errorId)
})

it('shows what is meant for the caller', async () => {
  await using server = await served()
  const { text } = await post(server, '{ busy }')
  expect(JSON.parse(text).errors).toMatchObject([
    { message: 'Later.', extensions: { code: 'UNAVAILABLE', retryAfterSeconds: 7 } },
  ])
  expect(server.logged).toEqual([])
})

it('says that the input is wrong where graphql-js says so', async () => {
  await using server = await served()
  for (const query of ['{ nothing }', '{ fine', '{ fine(a: 1) }']) {
    const { text } = await post(server, query)
    expect(JSON.parse(text).errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT' })
  }
})

it('has no codes over HTTP but those of the contract', async () => {
  await using server = await served()
  const ask = async (body: unknown, method = 'POST') => {
    const [query, init] =
      method === 'GET'
        ? [`?query=${body}`, {}]
        : ['', { body: typeof body === 'string' ? body : JSON.stringify(body) }]
    const response = await fetch(`${server.url}/graphql${query}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${servedKey}` },
      ...init,
    })
    const { errors } = JSON.parse(await response.text())
    return errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)
  }
  for (const body of [
    'no json',
    [],
    {},
    { query: 5 },
    { query: '{ fine }', variables: 'x' },
    { query: '{ fine }', more: 1 },
    { query: '{ fine }', operationName: 'another' },
  ])
    expect([body, await ask(body)]).toEqual([body, ['BAD_USER_INPUT']])
  expect(await ask('mutation{done}', 'GET')).toEqual(['BAD_USER_INPUT'])
  expect(server.logged).toEqual([])
})

const live = { schema: failingWatches, livePlans: true }
const ways: readonly (readonly [string, Transport, Partial<ServerOptions>])[] = [
  ['over a socket', 'socket', {}],
  ['over server-sent events', 'events', {}],
  ['over a socket, with plans', 'socket', live],
  ['over a socket, where plans are switched off', 'socket', { ...live, livePlans: false }],
  ['over server-sent events, of what is live', 'events', live],
]

describe.each(ways)('%s', (_, transport, options) => {
  it.each(['boom', 'item', 'resolved'] as const)(
    'hides an unexpected error of the subscription %s',
    async field => {
      await using server = await served(options)
      const heard = await subscribe(transport, server.url, servedKey, `subscription { ${field} }`)
      const [error, ...others] = errorsOf(heard)
      expect(others).toEqual([])
      expect(error).toMatchObject(masked)
      expect(JSON.stringify(heard)).not.toContain(secretWords)
      loggedOnce(server, error.extensions.errorId)
      if (field === 'item')
        expect(heard.items.slice(0, 2)).toEqual([{ data: { item: 'first' } }, { data: { item: 'second' } }])
      // What is counted went the short way, and what it failed at was made by graphql-js.
      if (transport === 'socket' && options === live)
        expect(server.server.live).toMatchObject({
          delivered: { boom: 0, item: 2, resolved: 1 }[field],
          interpreted: field === 'resolved' ? 1 : 0,
        })
    },
  )

  it('refuses before the first item with one error', async () => {
    await using server = await served(options)
    const heard = await subscribe(transport, server.url, servedKey, 'subscription { refused }')
    expect(errorsOf(heard)).toMatchObject([
      { message: 'There is no such login.', extensions: { code: 'NOT_FOUND' } },
    ])
    expect(server.logged).toEqual([])
  })

  it('ends with the reason where the server ends it', async () => {
    await using server = await served(options)
    const heard = await subscribe(transport, server.url, servedKey, 'subscription { slow }')
    expect(heard.items[0]).toEqual({ data: { slow: 'first' } })
    expect(errorsOf(heard)).toMatchObject([{ extensions: { code: 'SLOW_CONSUMER' } }])
  })

  it('answers a syntax error and an unknown field with errors, not by closing', async () => {
    await using server = await served(options)
    for (const query of ['subscription { slow', 'subscription { nothing }']) {
      const heard = await subscribe(transport, server.url, servedKey, query)
      expect(errorsOf(heard).map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT' }])
    }
  })
})
