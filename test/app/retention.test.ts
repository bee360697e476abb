// What callers are told of logins whose month has gone: by id, by what pointed at them, by cursors that name them.

import { sql } from 'drizzle-orm'
import { describe, expect, it, vi } from 'vitest'
import { retain } from '../../src/db/retention.ts'
import { globalId, idOf } from '../../src/resolvers/global-id.ts'
import { aPastMonth, aPlace, type PastLogin } from '../db/past.ts'
import { type Answer, post } from '../support/api-client.ts'
import { engines, freshDatabase } from '../support/database.ts'
import { startTestGateway } from '../support/gateway.ts'

const list = /* GraphQL */ `
  query ($first: Int!, $after: String) {
    logins(first: $first, after: $after, orderBy: STARTED_AT_ASC) {
      totalCount
      pageInfo { endCursor hasNextPage }
      edges { node { id continues { id } continuedBy { id } events(first: 3) { edges { node { sequence } } } } }
    }
  }
`
const byId = /* GraphQL */ `
  query ($id: ID!) {
    login(id: $id) { id }
    node(id: $id) { id }
    nodes(ids: [$id]) { id }
    loginFunnel { started }
    signIns(first: 100) { edges { node { login { id } } } }
    devices(first: 100) { edges { node { logins(first: 20) { edges { node { id } } } } } }
  }
`

interface Edges<Node> {
  readonly edges: readonly { readonly node: Node }[]
}

const nodesOf = <Node>({ edges }: Edges<Node>): readonly Node[] => edges.map(({ node }) => node)

interface Listed {
  readonly logins: Edges<{
    readonly id: string
    readonly continues: { readonly id: string } | null
    readonly continuedBy: { readonly id: string } | null
    readonly events: Edges<unknown>
  }> & {
    readonly totalCount: number
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean }
  }
}

interface Found {
  readonly login: unknown
  readonly node: unknown
  readonly nodes: readonly unknown[]
  readonly loginFunnel: { readonly started: number }
  readonly signIns: Edges<{ readonly login: { readonly id: string } | null }>
  readonly devices: Edges<{ readonly logins: Edges<{ readonly id: string }> }>
}

const dataOf = <Data>({ data, errors }: Answer): Data => {
  expect(errors).toBeUndefined()
  return data as Data
}

describe.each(engines)('logins that have gone, on %s', engine => {
  it('read like any that never were; what pointed at them stays, and pages go on from them', async () => {
    await using one = await startTestGateway({
      engine,
      upstream: { url: 'http://127.0.0.1:9', token: 'nobody' },
    })
    const { store } = one.gatehouse
    const connection = await one.database.connect()
    const place = await aPlace(store, 2)
    const gone = await aPastMonth(one.database, place, '2024-02-01', { count: 12 })
    // The first that stays carries on from one that goes.
    const kept = await aPastMonth(one.database, place, '2024-03-01', { count: 12 })
    const [heir] = kept
    const last = gone.at(-1)
    await one.database.rows(sql`update login set continues = ${last?.id}::uuid where id = ${heir?.id}::uuid`)

    const ask = async <Data>(query: string, variables: object) =>
      dataOf<Data>(await post(one.address, query, variables))
    const before = await ask<Listed>(list, { first: 5 })
    expect(before.logins.totalCount).toBe(26)

    const now = Date.parse('2024-04-15')
    expect(await retain(connection, { days: 30, now })).toMatchObject({ waits: null, changed: true })

    const rest = await ask<Listed>(list, { first: 100, after: before.logins.pageInfo.endCursor })
    expect(rest.logins.totalCount).toBe(14)
    const shown = nodesOf(rest.logins).map(({ id }) => idOf('Login', id))
    expect(shown.slice(0, 12)).toEqual(kept.map(({ id }) => id))
    expect(nodesOf(rest.logins)[0]).toMatchObject({ continues: null })
    for (const node of nodesOf(rest.logins)) expect(node.events.edges.length).toBeGreaterThan(0)

    const answer = await ask<Found>(byId, { id: globalId('Login', last?.id ?? '') })
    expect(answer).toMatchObject({ login: null, node: null, nodes: [null], loginFunnel: { started: 14 } })
    const confirmed = (logins: readonly PastLogin[]) =>
      logins.filter(({ account_id }) => account_id !== null).length
    const signIns = nodesOf(answer.signIns).map(({ login }) => login)
    expect(signIns.filter(login => login === null)).toHaveLength(confirmed(gone))
    expect(signIns.filter(login => login !== null)).toHaveLength(confirmed(kept) + 2)
    expect(nodesOf(answer.devices).flatMap(({ logins }) => logins.edges)).toHaveLength(14)
  })
})

it('goes by itself half a minute after the start, for as many days as RETENTION_DAYS says', async () => {
  await using database = await freshDatabase('pglite')
  const before = await database.open()
  const [old] = await aPastMonth(database, await aPlace(before, 1), '2024-02-01', { count: 1 })
  const there = async () => (await database.rows(sql`select 1 from login where id = ${old?.id}::uuid`)).length
  const asked: unknown[] = []
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    await using _gateway = await startTestGateway({
      upstream: { url: 'http://127.0.0.1:9', token: 'nobody' },
      environment: { RETENTION_DAYS: '30' },
      overrides: {
        openStore: options => {
          asked.push(options.retentionDays)
          return database.open(options)
        },
      },
    })
    expect(asked).toEqual([30])
    expect(await there()).toBe(1)
    await vi.advanceTimersByTimeAsync(30_000)
    vi.useRealTimers()
    await expect.poll(there).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
