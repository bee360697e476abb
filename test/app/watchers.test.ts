// Many watchers, slow ones and vanishing ones, over real sockets and server-sent events.

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createClient as createEventClient } from 'graphql-sse'
import { type Client, createClient } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { idOf } from '../../src/resolvers/global-id.ts'
import { type Running, running, testKey } from './running.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const heap = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed / 1_048_576
}

/** A login that waits to be scanned, which nobody will do. */
const waiting = async ({ ask }: Running) => {
  const registered = await ask(
    'mutation { registerDevice(input: { provider: "simulator", deviceKey: "demo", province: "广东" }) { ... on RegisterDevicePayload { device { id } } } }',
  )
  const started = await ask(
    'mutation ($id: ID!) { startLogin(input: { deviceId: $id }) { ... on StartLoginPayload { login { id } } } }',
    { id: registered.data.registerDevice.device.id },
  )
  const { id } = started.data.startLogin.login
  await expect
    .poll(async () => (await ask('query ($id: ID!) { login(id: $id) { state } }', { id })).data.login.state)
    .toBe('AWAITING_SCAN')
  return { id, loginId: idOf('Login', id) ?? '' }
}

const socketOf = (run: Running, retry = 0) =>
  createClient({
    url: run.socketEndpoint,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${testKey}` },
    retryAttempts: retry,
  })

/** Two events each time. */
const hiccups = async ({ gatehouse: { store } }: Running, loginId: string, times: number) => {
  const failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null } as const
  for (let time = 0; time < times; time += 1) {
    const at = store.clock.now()
    for (let count = 0; count < 3; count += 1)
      await store.record(loginId, { kind: 'PollFailed', at, began: at, failure })
    await store.record(loginId, { kind: 'Polled', at, began: at, answer: { kind: 'NOT_SCANNED' } })
  }
}

const progress =
  'subscription ($id: ID!, $after: Int) { loginProgress(loginId: $id, after: $after) { sequence event { __typename } login { state } } }'

describe('watchers that come and vanish', () => {
  it('five thousand of them leave nothing behind', { timeout: 60_000 }, async () => {
    await using run = await running()
    const { id } = await waiting(run)
    const rounds: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const clients: Client[] = []
      const seen: Promise<void>[] = []
      for (let socket = 0; socket < 10; socket += 1) {
        const client = socketOf(run)
        clients.push(client)
        for (let watch = 0; watch < 100; watch += 1)
          seen.push(
            new Promise(resolve => {
              client.subscribe(
                { query: progress, variables: { id } },
                { next: () => resolve(), error: () => {}, complete: () => {} },
              )
            }),
          )
      }
      await Promise.all(seen)
      expect(run.gatehouse.watches).toBe(1_000)
      for (const client of clients) client.terminate()
      await expect.poll(() => [run.gatehouse.watches, run.gatehouse.sockets]).toEqual([0, 0])
      rounds.push(heap())
    }
    const [first = 0] = rounds
    const last = rounds.at(-1) ?? Number.POSITIVE_INFINITY
    expect(last - first).toBeLessThan(8)
    expect(run.logged).toEqual([])
  })

  it('over server-sent events leave nothing behind either', async () => {
    await using run = await running()
    const { id } = await waiting(run)
    const clients = Array.from({ length: 50 }, () =>
      createEventClient({
        url: run.endpoint,
        headers: { authorization: `Bearer ${testKey}` },
        retryAttempts: 0,
      }),
    )
    await Promise.all(
      clients.map(
        client =>
          new Promise<void>(resolve => {
            client.subscribe(
              { query: progress, variables: { id } },
              { next: () => resolve(), error: () => {}, complete: () => {} },
            )
          }),
      ),
    )
    expect(run.gatehouse.watches).toBe(50)
    for (const client of clients) client.dispose()
    await expect.poll(() => run.gatehouse.watches).toBe(0)
    expect(run.logged).toEqual([])
  })
})

/** A client of which the test decides when it reads. */
interface Idle {
  pause(): void
  resume(): void
  /** How many updates it got, and the code of the error that ended it; null: none did. */
  readonly got: () => { readonly updates: number; readonly code: string | null }
  leave(): void
}

const codeOf = (errors: unknown): string | null =>
  (errors as readonly { extensions?: { code?: string } }[] | undefined)?.[0]?.extensions?.code ?? null

const idleSocket = async (run: Running, query: string): Promise<Idle> => {
  const socket = new WebSocket(run.socketEndpoint, 'graphql-transport-ws')
  const received: { type: string; payload?: unknown }[] = []
  socket.on('message', data => received.push(JSON.parse(String(data))))
  await new Promise(resolve => socket.once('open', resolve))
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${testKey}` } }))
  await expect.poll(() => received.map(({ type }) => type)).toEqual(['connection_ack'])
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
  return {
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    got: () => ({
      updates: received.filter(({ type }) => type === 'next').length,
      code: codeOf(received.find(({ type }) => type === 'error')?.payload),
    }),
    leave: () => socket.terminate(),
  }
}

const idleEvents = async (run: Running, query: string): Promise<Idle> => {
  const asked = request(run.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${testKey}`,
    },
  })
  asked.end(JSON.stringify({ query }))
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let text = ''
  response.setEncoding('utf8').on('data', part => {
    text += part
  })
  response.on('error', () => {})
  const items = () => [...text.matchAll(/^data: (\{.*\})$/gmu)].map(([, json = '']) => JSON.parse(json))
  return {
    pause: () => response.pause(),
    resume: () => response.resume(),
    got: () => ({
      updates: items().filter(item => item.data != null).length,
      code: codeOf(items().find(item => item.errors !== undefined)?.errors),
    }),
    leave: () => asked.destroy(),
  }
}

describe.each([
  ['its socket', idleSocket],
  ['its server-sent events', idleEvents],
] as const)('a client that stops reading %s', (_, openIdle) => {
  it('is ended with SLOW_CONSUMER, what it holds is bounded, and the others do not notice', {
    timeout: 60_000,
  }, async () => {
    await using run = await running({ feeds: { bounds: { queue: 32, patience: 60_000 }, lookEvery: 20 } })
    const { id, loginId } = await waiting(run)
    // Frames of many kilobytes: the picture, once per alias.
    const pictures = Array.from({ length: 50 }, (_, index) => `p${index}: qrCode { image }`).join(' ')
    const idle = await openIdle(
      run,
      `subscription { loginProgress(loginId: "${id}", after: 2) { sequence login { ${pictures} } } }`,
    )
    await expect.poll(() => run.gatehouse.watches).toBe(1)
    idle.pause()

    const client = socketOf(run)
    const numbers: number[] = []
    const done = new Promise<void>((resolve, reject) => {
      client.subscribe<{ loginProgress: { sequence: number; event: object | null } }>(
        { query: progress, variables: { id, after: 2 } },
        {
          next: ({ data }) => {
            if (data?.loginProgress.event != null) numbers.push(data.loginProgress.sequence)
          },
          error: reject,
          complete: resolve,
        },
      )
    })
    await expect.poll(() => run.gatehouse.watches).toBe(2)
    for (let round = 1; run.gatehouse.watches === 2 && round <= 100; round += 1) {
      await hiccups(run, loginId, 5)
      await expect.poll(() => numbers.length).toBe(round * 10)
    }
    expect(run.gatehouse.watches).toBe(1)

    await run.ask('mutation ($id: ID!) { cancelLogin(loginId: $id) { __typename } }', { id })
    await done
    expect(numbers).toEqual(Array.from(numbers, (_, index) => index + 3))
    await client.dispose()

    // It comes to its senses: what was on the way arrives, then the reason.
    idle.resume()
    await expect.poll(() => idle.got().code, { timeout: 10_000 }).toBe('SLOW_CONSUMER')
    expect(idle.got().updates).toBeLessThan(numbers.length)
    idle.leave()
    expect(run.logged).toEqual([])
  })
})

it('a watcher that resumes, and one that joins late, see the same events as the one that stayed', async () => {
  await using run = await running()
  const { id } = await waiting(run)
  const stayed = collect(run, id, 0)
  const first = await collect(run, id, 0, 1)
  const resumed = collect(run, id, first.at(-1) ?? 0)
  await run.ask('mutation ($id: ID!) { cancelLogin(loginId: $id) { __typename } }', { id })
  const late = await collect(run, id, 0)
  expect(await stayed).toEqual([1, 2, 3])
  expect([...first, ...(await resumed)]).toEqual([1, 2, 3])
  expect(late).toEqual([1, 2, 3])
})

const collect = async (
  run: Running,
  id: string,
  after: number,
  most = Number.POSITIVE_INFINITY,
): Promise<number[]> => {
  const client = socketOf(run)
  const numbers: number[] = []
  for await (const { data, errors } of client.iterate<{
    loginProgress: { sequence: number; event: object | null }
  }>({
    query: progress,
    variables: { id, after },
  })) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    if (data?.loginProgress.event != null) numbers.push(data.loginProgress.sequence)
    if (numbers.length >= most) break
  }
  await client.dispose()
  return numbers
}
