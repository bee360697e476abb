// Many watchers, slow ones and vanishing ones, over real sockets and server-sent events.

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createClient as createEventClient } from 'graphql-sse'
import { type Client, createClient } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Running, running, testKey } from './running.ts'
import { beginLogin, cancelLogin, going, hiccups, RawSocket, upTo, ways } from './watching.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const heap = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed / 1_048_576
}

const socketOf = (run: Running) =>
  createClient({
    url: run.socketEndpoint,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${testKey}` },
    retryAttempts: 0,
  })

const progress =
  'subscription ($id: ID!, $after: Int) { loginProgress(loginId: $id, after: $after) { sequence event { __typename } login { state } } }'

describe('watchers that come and vanish', () => {
  it.each(ways)('five thousand of them leave nothing behind, with %s', async way => {
    await using run = await running({}, going(way))
    const { id } = await beginLogin(run)
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
    const { id } = await beginLogin(run)
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
  /** Numbers of the events that it got, and the code of the error that ended it; null: none did. */
  readonly got: () => { readonly numbers: readonly number[]; readonly code: string | null }
  leave(): void
}

const codeOf = (errors: unknown): string | null =>
  (errors as readonly { extensions?: { code?: string } }[] | undefined)?.[0]?.extensions?.code ?? null

const idleSocket = async (run: Running, query: string): Promise<Idle> => {
  const raw = await RawSocket.open(run.socketEndpoint)
  raw.subscribe('it', query)
  return {
    pause: () => raw.socket.pause(),
    resume: () => raw.socket.resume(),
    got: () => ({
      numbers: raw.numbers('it'),
      code: codeOf(raw.frames('it').find(({ type }) => type === 'error')?.payload),
    }),
    leave: () => raw.socket.terminate(),
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
      numbers: items().flatMap(({ data }) =>
        data?.loginProgress.event == null ? [] : [data.loginProgress.sequence],
      ),
      code: codeOf(items().find(item => item.errors !== undefined)?.errors),
    }),
    leave: () => asked.destroy(),
  }
}

describe.each([
  ['its socket, with plans', idleSocket, going('plans')],
  ['its socket, with graphql-js', idleSocket, going('graphql-js')],
  ['its server-sent events', idleEvents, {}],
] as const)('a client that stops reading %s', (_, openIdle, environment) => {
  it('is ended with SLOW_CONSUMER, what it holds is bounded, and the others do not notice', async () => {
    const feeds = { bounds: { queue: 32, patience: 60_000 }, lookEvery: 20 }
    await using run = await running({ feeds }, environment)
    const login = await beginLogin(run)
    // Frames of many kilobytes: the picture, once per alias.
    const pictures = upTo(50).map(number => `p${number}: qrCode { image }`)
    const idle = await openIdle(
      run,
      `subscription { loginProgress(loginId: "${login.id}", after: 2) { sequence event { __typename } login { ${pictures.join(' ')} } } }`,
    )
    await expect.poll(() => run.gatehouse.watches).toBe(1)
    idle.pause()

    const other = await RawSocket.open(run.socketEndpoint)
    other.subscribe('it', progress, { id: login.id, after: 2 })
    await expect.poll(() => run.gatehouse.watches).toBe(2)
    for (let round = 1; run.gatehouse.watches === 2 && round <= 100; round += 1) {
      const newest = await hiccups(run, login, 5)
      await other.until(() => other.numbers('it').at(-1) === newest)
    }
    expect(run.gatehouse.watches).toBe(1)

    await cancelLogin(run, login)
    await other.over('it')
    const numbers = other.numbers('it')
    expect(numbers).toEqual(upTo(numbers.at(-1) ?? 0, 3))
    await other.leave()

    // It comes to its senses: what was on the way arrives, then the reason.
    idle.resume()
    await expect.poll(() => idle.got().code).toBe('SLOW_CONSUMER')
    const had = idle.got().numbers
    expect(had).toEqual(upTo(had.at(-1) ?? 0, 3))
    expect(had.length).toBeLessThan(numbers.length)
    idle.leave()
    expect(run.logged).toEqual([])
  })
})

it.each(ways)(
  'a watcher that resumes, and one that joins late, see the same events as the one that stayed, with %s',
  async way => {
    await using run = await running({}, going(way))
    const login = await beginLogin(run)
    const { id } = login
    const socket = await RawSocket.open(run.socketEndpoint)
    for (const name of ['stays', 'resumes']) {
      socket.subscribe(name, progress, { id, after: 0 })
      await socket.came(name, 2)
    }
    socket.complete('resumes')
    await expect.poll(() => run.gatehouse.watches).toBe(1)
    socket.subscribe('resumed', progress, { id, after: socket.numbers('resumes').at(-1) })
    await expect.poll(() => run.gatehouse.watches).toBe(2)
    await cancelLogin(run, login)
    socket.subscribe('late', progress, { id, after: 0 })
    for (const name of ['stays', 'resumed', 'late']) await socket.over(name)
    expect(socket.numbers('stays')).toEqual([1, 2, 3])
    expect([...socket.numbers('resumes'), ...socket.numbers('resumed')]).toEqual([1, 2, 3])
    expect(socket.numbers('late')).toEqual([1, 2, 3])
    await socket.leave()
  },
)
