// The port: what answers without a key, what a browser is told, and what is too much.

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { buildSchema } from 'graphql'
import { createClient } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { post, type Served, served, servedKey } from './served.ts'
import { overSocket } from './subscribing.ts'

const get = ({ url }: Served, path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${url}${path}`, { headers, redirect: 'manual' })

/** A socket as it is, past its greeting. */
const greeted = async ({ url }: Served): Promise<WebSocket> => {
  const socket = new WebSocket(url.replace('http', 'ws').concat('/graphql'), 'graphql-transport-ws')
  await once(socket, 'open')
  const payload = { authorization: `Bearer ${servedKey}` }
  socket.send(JSON.stringify({ type: 'connection_init', payload }))
  await once(socket, 'message')
  return socket
}

describe('without a key', () => {
  it('only health, pictures and the page of development answer', async () => {
    await using server = await served()
    expect((await get(server, '/healthz')).status).toBe(200)
    expect((await get(server, '/readyz')).status).toBe(200)
    expect((await get(server, '/pictures/forged')).status).toBe(404)
    expect((await get(server, '/')).status).toBe(404)
    expect((await get(server, '/graphql?query={fine}')).status).toBe(401)
    const page = await get(server, '/graphql', { accept: 'text/html' })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<title>Gatehouse</title>')
  })

  it('whoever offers another protocol is answered in this one', async () => {
    await using server = await served()
    const headers = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
      'content-type': 'application/json',
      authorization: `Bearer ${servedKey}`,
    }
    const asked = async (path: string, method: string, body = '') => {
      const sent = request(`${server.url}${path}`, { method, headers, agent: false }).end(body)
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      answer.resume()
      return answer.statusCode
    }
    expect(await asked('/healthz', 'GET')).toBe(200)
    expect(await asked('/graphql', 'POST', '{"query":"{ __typename }"}')).toBe(200)
    const socket = await greeted(server)
    socket.close()
    await once(socket, 'close')
  })

  it('production has no page', async () => {
    await using server = await served({ development: false })
    expect((await get(server, '/graphql', { accept: 'text/html' })).status).toBe(401)
  })

  it('readiness follows the database', async () => {
    const services = { feeds: { stop: () => {} }, store: { ping: () => Promise.reject(new Error('gone')) } }
    await using server = await served({ services: services as never })
    expect((await get(server, '/readyz')).status).toBe(503)
    expect((await get(server, '/healthz')).status).toBe(200)
  })

  it('readiness warns of events that have no partition of their own, and stays ready', async () => {
    const services = { feeds: { stop: () => {} }, store: { ping: async () => ({ strayEvents: true }) } }
    await using server = await served({ services: services as never })
    const answer = await get(server, '/readyz')
    expect(answer.status).toBe(200)
    expect((await answer.text()).split('\n').slice(0, 2)).toEqual([
      'ready',
      expect.stringContaining('warning: events lie in the default partition'),
    ])
  })
})

describe('a browser', () => {
  it('is told to run nothing, guess nothing and tell nobody', async () => {
    await using server = await served()
    for (const path of ['/graphql?query={fine}', '/healthz', '/pictures/x', '/nothing']) {
      const { headers } = await get(server, path, { authorization: `Bearer ${servedKey}` })
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  it('may ask from the pages that are listed, and from no other', async () => {
    await using server = await served()
    const preflight = (origin: string) =>
      fetch(`${server.url}/graphql`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      })
    const allowed = await preflight('https://app.example')
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(allowed.headers.get('access-control-allow-credentials')).not.toBe('true')
    const refused = await preflight('https://evil.example')
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
    // What a sandboxed frame or a page from a file calls itself.
    const nameless = await preflight('null')
    expect(nameless.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('is refused a socket from a page that is not listed', async () => {
    await using server = await served()
    const open = (origin: string) =>
      new Promise<string>(resolve => {
        const socket = new WebSocket(
          server.url.replace('http', 'ws').concat('/graphql'),
          'graphql-transport-ws',
          { origin },
        )
        socket.on('open', () => {
          socket.close()
          resolve('open')
        })
        socket.on('error', error => resolve(error.message))
      })
    expect(await open('https://app.example')).toBe('open')
    expect(await open('https://evil.example')).toContain('401')
  })
})

describe('too much', () => {
  it('a body over its limit is refused', async () => {
    await using server = await served()
    const { response } = await post(server, `{ fine } # ${'x'.repeat(200_000)}`)
    expect(response.status).toBe(413)
  })

  it('too many tokens are refused', async () => {
    await using server = await served()
    const { text } = await post(server, `{ ${'fine '.repeat(3_000)} }`)
    expect(JSON.parse(text).errors[0].message).toContain('token')
  })

  it('several operations in one body are refused', async () => {
    await using server = await served()
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${servedKey}` },
      body: JSON.stringify([{ query: '{ fine }' }, { query: '{ fine }' }]),
    })
    expect(response.status).toBe(400)
  })

  it('a frame over its limit closes the socket with 1009', async () => {
    await using server = await served()
    const socket = new WebSocket(server.url.replace('http', 'ws').concat('/graphql'), 'graphql-transport-ws')
    socket.on('open', () => socket.send('x'.repeat(70_000)))
    const code = await new Promise(resolve => socket.on('close', resolve))
    expect(code).toBe(1009)
  })

  it('a stranger who pings and does not read is not listened to any more', async () => {
    await using server = await served()
    const socket = new WebSocket(server.url.replace('http', 'ws').concat('/graphql'), 'graphql-transport-ws')
    await new Promise(resolve => socket.once('open', resolve))
    socket.pause()
    const ping = JSON.stringify({ type: 'ping', payload: { filling: 'x'.repeat(60_000) } })
    /** Whether it left for the kernel; not so while the server does not read. */
    const left = () =>
      new Promise<boolean>(resolve => {
        const giveUp = setTimeout(() => resolve(false), 500)
        socket.send(ping, () => {
          clearTimeout(giveUp)
          resolve(true)
        })
      })
    const most = 100 * 1_048_576
    let bytes = 0
    while (bytes < most && (await left())) bytes += ping.length
    expect(bytes).toBeLessThan(most)
    socket.terminate()
  })

  it('more operations than one socket carries are refused, and the others go on', async () => {
    await using server = await served({ operationsPerSocket: 2 })
    const client = createClient({
      url: server.url.replace('http', 'ws').concat('/graphql'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${servedKey}` },
    })
    const results = await Promise.all(
      [1, 2, 3].map(async () => {
        const answer = client.iterate({ query: '{ fine }' }).next()
        return await answer.then(
          ({ value }) => value.data.fine,
          error => error,
        )
      }),
    )
    expect(results.slice(0, 2)).toEqual(['en', 'en'])
    expect(results[2]).toMatchObject([{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }])
    await client.dispose()
  })
})

it('stops every watch of a socket that goes, also where one id was used again and again', async () => {
  let watches = 0
  const forever = () => {
    watches += 1
    let stop = (_: { value: undefined; done: true }) => {}
    const stopped = new Promise<{ value: undefined; done: true }>(resolve => {
      stop = resolve
    })
    return {
      next: () => stopped,
      return: () => {
        watches -= 1
        const over = { value: undefined, done: true } as const
        stop(over)
        return Promise.resolve(over)
      },
      throw: (error: unknown) => Promise.reject(error),
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
  const schema = buildSchema('type Query { fine: String } type Subscription { forever: String }')
  const field = schema.getSubscriptionType()?.getFields().forever
  if (field !== undefined) field.subscribe = forever
  await using server = await served({ schema, operationsPerSocket: 5 })
  const socket = await greeted(server)
  const errors: unknown[] = []
  socket.on('message', data => {
    const message = JSON.parse(String(data))
    if (message.type === 'error') errors.push(message.payload[0].extensions.code)
  })
  const subscribe = { id: '1', type: 'subscribe', payload: { query: 'subscription { forever }' } }
  for (let time = 0; time < 20; time += 1) {
    socket.send(JSON.stringify(subscribe))
    socket.send(JSON.stringify({ id: '1', type: 'complete' }))
  }
  socket.send(JSON.stringify({ ...subscribe, id: '2' }))
  await expect.poll(() => errors).toContain('TOO_MANY_SUBSCRIPTIONS')
  expect(watches).toBeLessThanOrEqual(5)
  socket.terminate()
  await expect.poll(() => server.server.sockets).toBe(0)
  await expect.poll(() => watches).toBe(0)
})

it('takes nothing from a client that only a server says: 4400, and no word in the log', async () => {
  await using server = await served()
  const socket = await greeted(server)
  socket.send(JSON.stringify({ id: '1', type: 'next', payload: {} }))
  const [code] = await once(socket, 'close')
  expect(code).toBe(4400)
  expect(server.logged).toEqual([])
})

it('answers an operation that is not there as wrong input, over a socket too', async () => {
  await using server = await served()
  const socket = await greeted(server)
  const payload = { query: '{ fine }', operationName: 'another' }
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }))
  const [answer] = await once(socket, 'message')
  expect(JSON.parse(String(answer))).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  })
  socket.terminate()
})

it('takes queries and mutations over a socket as well', async () => {
  await using server = await served()
  expect(await overSocket(server.url, servedKey, '{ fine }')).toEqual({
    items: [{ data: { fine: 'en' } }],
    end: null,
  })
  expect(await overSocket(server.url, servedKey, 'mutation { done }')).toEqual({
    items: [{ data: { done: 'en' } }],
    end: null,
  })
})

it('reads the language of the header, and of connectionParams', async () => {
  await using server = await served()
  const { text } = await post(server, '{ fine }', {
    authorization: `Bearer ${servedKey}`,
    'accept-language': 'fr, zh-CN;q=0.9, en;q=0.8',
  })
  expect(JSON.parse(text)).toEqual({ data: { fine: 'zh' } })
  const client = createClient({
    url: server.url.replace('http', 'ws').concat('/graphql'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${servedKey}`, acceptLanguage: 'zh' },
  })
  for await (const { data } of client.iterate({ query: '{ fine }' })) expect(data).toEqual({ fine: 'zh' })
  await client.dispose()
})

it('hides the schema in production, over HTTP and on sockets', async () => {
  await using server = await served({ development: false })
  const { text } = await post(server, '{ __schema { types { name } } }')
  expect(JSON.parse(text).errors[0].message).toContain('introspection')
  const client = createClient({
    url: server.url.replace('http', 'ws').concat('/graphql'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${servedKey}` },
  })
  const asked = client.iterate({ query: '{ __schema { types { name } } }' }).next()
  await expect(asked).rejects.toMatchObject({ 0: { message: expect.stringContaining('introspection') } })
  await client.dispose()
})

it('lets every client go when it stops: 1001, and nobody new', async () => {
  const server = await served()
  const client = createClient({
    url: server.url.replace('http', 'ws').concat('/graphql'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${servedKey}` },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
  })
  await new Promise<void>(resolve => client.on('connected', () => resolve()))
  const closed = new Promise(resolve => client.on('closed', resolve))
  await server[Symbol.asyncDispose]()
  expect(await closed).toMatchObject({ code: 1001 })
  await expect(get(server, '/healthz')).rejects.toThrow()
})

it('is not held up in its stop by who asked for a socket elsewhere and never hangs up', async () => {
  const server = await served()
  const { port } = new URL(server.url)
  const stranger = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true })
  stranger.on('error', () => {})
  stranger.write('GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
  const [answer] = await once(stranger, 'data')
  expect(String(answer)).toContain('404')
  await server[Symbol.asyncDispose]()
  stranger.destroy()
})
