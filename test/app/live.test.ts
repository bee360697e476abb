// Our own operations over sockets, with plans and through graphql-js: what comes is the same to the letter, and plans
// leave nothing of it to graphql-js.

import { describe, expect, it } from 'vitest'
import { ended } from '../../src/login/state.ts'
import { globalId } from '../../src/resolvers/global-id.ts'
import { schema } from '../../src/schema/schema.ts'
import { aDevice, aLogin } from '../db/given.ts'
import { type Given, given } from '../resolvers/given.ts'
import { living, madeUpLives } from '../resolvers/living.ts'
import { served, servedKey } from '../server/served.ts'
import { ownOperations } from './own-operations.ts'
import { running } from './running.ts'
import { beginLogin, going, RawSocket, ways } from './watching.ts'

const operations = await ownOperations()

it('we have operations of our own in the README, in the example and in the terminal client', () => {
  expect(operations.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['README.md', 'client/terminal/documents.ts', 'examples/watch-login.ts']),
  )
})

describe.each(operations)('the operation of $file', ({ query }) => {
  it('is answered alike with plans and without while an account signs in', async () => {
    const [planned, executed] = await Promise.all(
      ways.map(async way => {
        await using run = await running({}, going(way))
        const { id, upstreamId } = await beginLogin(run)
        const socket = await RawSocket.open(run.socketEndpoint)
        socket.subscribe('it', query, { loginId: id, after: 0 })
        await socket.came('it', 2)
        const phone = run.gatehouse.simulator?.world.phone(upstreamId)
        phone?.scan()
        await run.gatehouse.simulator?.world.when('scanSeen', upstreamId)
        phone?.confirm()
        await socket.over('it')
        await socket.leave()
        expect(run.logged).toEqual([])
        return {
          texts: eventsOf(socket).map(scrubbed),
          live: run.gatehouse.live,
          frames: socket.frames('it'),
        }
      }),
    )
    expect(planned?.texts.length).toBeGreaterThanOrEqual(4)
    expect(planned?.texts).toEqual(executed?.texts)
    expect(planned?.live).toEqual({ delivered: (planned?.frames.length ?? 0) - 1, shared: 0, interpreted: 0 })
    expect(executed?.live).toBeNull()
  })
})

/** Both ways to the same watchers' feed: what is handed over is the very same update. */
const bothWays = async (one: Given) => {
  const servers = await Promise.all(
    ways.map(way => served({ schema, services: one.services, livePlans: way === 'plans' })),
  )
  const sockets = await Promise.all(
    servers.map(({ url }) => RawSocket.open(`${url.replace('http', 'ws')}/graphql`, { key: servedKey })),
  )
  return {
    servers,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) await socket.leave()
      for (const server of servers) await server[Symbol.asyncDispose]()
    },
  }
}

it('they are answered alike to the letter, whatever is told of a login', async () => {
  await using one = await given()
  await using both = await bothWays(one)
  const { sockets, servers } = both
  const kinds = new Set<string>()
  let compared = 0
  for (const [number, [terms, story]] of madeUpLives(15).entries()) {
    const started = one.store.clock.now()
    const { loginId } = await aLogin(one.store, await aDevice(one.store), { terms: { ...terms, started } })
    const asked = operations.map(({ query }, index) => ({ query, name: `${number} ${index}` }))
    for (const { name, query } of asked)
      for (const socket of sockets) {
        socket.subscribe(name, query, { loginId: globalId('Login', loginId), after: 0 })
        await socket.came(name, 1)
      }
    for await (const observation of living(one, loginId, story)) {
      const recorded = await one.store.record(loginId, observation)
      if (recorded.kind !== 'RECORDED') continue
      const { sequence } = recorded.turn.state
      one.bus.ring({ id: loginId, sequence, ...(sequence % 3 === 0 ? {} : { carried: recorded }) })
      for (const { body } of recorded.events) kinds.add(body.kind)
      if (ended(recorded.turn.state)) break
    }
    await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
    for (const { name } of asked) {
      for (const socket of sockets) await socket.over(name)
      const [planned, executed] = sockets.map(socket => socket.texts(name).filter(hasEvent))
      // Each was read anew for the one who came: its moment is its own.
      expect(planned?.slice(0, 1).map(timeless)).toEqual(executed?.slice(0, 1).map(timeless))
      expect(planned?.slice(1)).toEqual(executed?.slice(1))
      compared += planned?.length ?? 0
    }
  }
  const [planned, executed] = servers
  expect(compared).toBeGreaterThan(500)
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      ...['PushSent', 'QrCodeIssued', 'QrCodeScanned', 'MethodChanged', 'SliderRequired', 'PollingDegraded'],
      ...['VerifyCodeRequired', 'VerifyCodeSubmitted', 'VerifyCodeRejected', 'LoginEnded'],
    ]),
  )
  expect(planned?.server.live).toMatchObject({ interpreted: 0 })
  expect(planned?.server.live?.delivered).toBeGreaterThanOrEqual(compared)
  expect(executed?.server.live).toBeNull()
  expect(servers.flatMap(({ logged }) => logged)).toEqual([])
})

/** What changes without an event may come as one snapshot or as several. */
const hasEvent = (text: string): boolean => {
  const { type, payload } = JSON.parse(text)
  return type === 'next' && payload.data.loginProgress.event !== null
}

const eventsOf = (socket: RawSocket): readonly string[] => socket.texts('it').filter(hasEvent)

const timeless = (text: string): string => text.replaceAll(/"\d{4}-\d{2}-\d{2}T[^"]+"/gu, '"then"')

/** Without what differs from run to run: moments, and what a simulated person is given by chance. */
const scrubbed = (text: string): string =>
  timeless(text)
    .replaceAll(/"(id|wcId|nickName|image|content|avatarUrl|url)":(?:"(?:[^"\\]|\\.)*"|null)/gu, '"$1":"…"')
    .replaceAll(/"consecutiveFailures":\d+/gu, '"consecutiveFailures":0')
