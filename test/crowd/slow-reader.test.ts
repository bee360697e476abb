// One of a thousand who watch the same login stops reading: it is ended after what it was sent in order, and the others
// get everything.

import { createClient } from 'graphql-ws'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { running, testKey } from '../app/running.ts'
import { beginLogin, cancelLogin, going, hiccups, RawSocket, upTo, ways } from '../app/watching.ts'

const others = 999
const sockets = 27

const query = `subscription ($id: ID!) {
  loginProgress(loginId: $id, after: 2) { sequence event { __typename } login { state } }
}`

interface Told {
  readonly loginProgress: { readonly sequence: number; readonly event: object | null }
}

it.each(ways)(
  'a slow reader among a thousand is the only one to notice, with %s',
  { timeout: 240_000 },
  async way => {
    const feeds = { bounds: { queue: 64, patience: 120_000 }, lookEvery: 20 }
    await using run = await running({ feeds }, going(way))
    const login = await beginLogin(run)
    const slow = await RawSocket.open(run.socketEndpoint)
    // Frames of many kilobytes: the picture, once per alias.
    const pictures = upTo(50).map(number => `p${number}: qrCode { image }`)
    slow.subscribe('it', query.replace('login { state }', `login { ${pictures.join(' ')} }`), {
      id: login.id,
    })
    await expect.poll(() => run.gatehouse.watches).toBe(1)
    slow.socket.pause()

    const clients = Array.from({ length: sockets }, () =>
      createClient({
        url: run.socketEndpoint,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${testKey}` },
        retryAttempts: 0,
      }),
    )
    const seen: number[][] = Array.from({ length: others }, () => [])
    const ends = seen.map(
      (numbers, place) =>
        new Promise<void>((resolve, reject) => {
          clients[place % sockets]?.subscribe<Told>(
            { query, variables: { id: login.id } },
            {
              next: ({ data }) => {
                if (data?.loginProgress.event != null) numbers.push(data.loginProgress.sequence)
              },
              error: reject,
              complete: resolve,
            },
          )
        }),
    )
    await expect.poll(() => run.gatehouse.watches).toBe(others + 1)

    for (let round = 1; run.gatehouse.watches > others && round <= 40; round += 1) {
      const newest = await hiccups(run, login, 5)
      await expect.poll(() => seen.filter(numbers => numbers.at(-1) !== newest).length).toBe(0)
    }
    expect(run.gatehouse.watches).toBe(others)

    await hiccups(run, login, 1)
    await cancelLogin(run, login)
    await Promise.all(ends)
    const last = (await run.gatehouse.store.readLogin('default', login.loginId))?.sequence ?? 0
    const all = upTo(last, 3)
    for (const numbers of seen) expect(numbers).toEqual(all)

    slow.socket.resume()
    const frames = await slow.over('it')
    expect(frames.at(-1)).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'SLOW_CONSUMER' } }],
    })
    const had = slow.numbers('it')
    expect(had).toEqual(all.slice(0, had.length))
    expect(had.length).toBeLessThan(all.length)
    await slow.leave()
    await Promise.all(clients.map(client => client.dispose()))
    expect(run.logged).toEqual([])
  },
)
