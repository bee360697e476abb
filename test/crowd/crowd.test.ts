// Two thousand watchers attach at once, over real sockets, while a hundred logins are being written to Postgres: what
// reconnecting frontends do to a gateway that has just restarted.

import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { loadScenarios } from '../../simulator/scenario.ts'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { going, ways } from '../app/watching.ts'
import { ask, registerDevice, startLogin } from '../support/api-client.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const logins = 100
const watchersEach = 20
const sockets = 20

const inBatches = async <Item, Result>(
  items: readonly Item[],
  size: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += size)
    results.push(...(await Promise.all(items.slice(at, at + size).map(work))))
  return results
}

const events = `query ($id: ID!) { login(id: $id) { sequence events(first: 100) { edges { node { sequence __typename } } } } }`
const watch = `subscription ($id: ID!) { loginProgress(loginId: $id, after: 0) { sequence event { __typename } } }`

interface Logged {
  readonly sequence: number
  readonly events: {
    readonly edges: readonly { readonly node: { readonly sequence: number; readonly __typename: string } }[]
  }
}
interface Told {
  readonly data?: {
    readonly loginProgress: {
      readonly sequence: number
      readonly event: { readonly __typename: string } | null
    }
  }
  readonly errors?: unknown
}

describe.each(ways)('two thousand watchers at once, with %s', way => {
  let simulator: Simulator
  let gateway: TestGateway
  const complaints: object[] = []

  beforeAll(async () => {
    simulator = await startSimulator()
    const complain = (fields: object) => complaints.push(fields)
    gateway = await startTestGateway({
      engine: 'postgres',
      upstream: simulator,
      overrides: { log: { warn: complain, error: complain } },
      environment: going(way),
    })
  })

  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]()
    await simulator?.close()
  })

  it('each see every event of their login, and nothing that is written fails', async () => {
    const scenario = loadScenarios().get('scan-and-confirm')
    if (scenario === undefined) throw new Error('No scenario')
    simulator.world.playEverywhere(scenario)
    const { address } = gateway
    const devices = await inBatches([...Array(logins).keys()], 20, async number => {
      const { device, message } = await registerDevice(address, {
        provider: 'upstream',
        deviceKey: `crowd-${number}`,
        province: '广东',
      })
      if (device === undefined) throw new Error(message)
      return device.id
    })
    const started = await Promise.all(
      devices.map(deviceId => startLogin(address, { deviceId, strategy: 'QR_CODE' })),
    )
    const ids = started.map(({ login, message }) => {
      if (login === undefined) throw new Error(message)
      return login.id
    })

    const clients = Array.from({ length: sockets }, () =>
      createClient({
        url: `${address.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${address.key}` },
        retryAttempts: 0,
        lazy: true,
      }),
    )
    const watched = await Promise.all(
      Array.from({ length: logins * watchersEach }, async (_, number) => {
        const id = ids[number % logins] ?? ''
        const client = clients[number % sockets]
        const seen: [number, string][] = []
        for await (const told of client?.iterate({ query: watch, variables: { id } }) ?? []) {
          const { data, errors } = told as Told
          if (errors !== undefined || data === undefined) throw new Error(JSON.stringify(errors))
          if (data.loginProgress.event)
            seen.push([data.loginProgress.sequence, data.loginProgress.event.__typename])
        }
        return { id, seen }
      }),
    )
    await Promise.all(clients.map(client => client.dispose()))

    const logged = new Map<string, [number, string][]>()
    for (const id of ids) {
      const login = await ask<Logged>(address, events, { id })
      logged.set(
        id,
        login.events.edges.map(({ node }) => [node.sequence, node.__typename]),
      )
    }
    expect(watched).toHaveLength(2_000)
    for (const { id, seen } of watched) expect(seen).toEqual(logged.get(id))
    for (const login of logged.values()) expect(login.at(-1)?.[1]).toBe('LoginEnded')
    expect(gateway.gatehouse.polling.errors).toBe(0)
    expect(complaints).toEqual([])
  })
})
