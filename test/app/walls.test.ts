// Walls through a whole gateway: over sockets and server-sent events alike, with real logins and a real end of the process.

import { createClient as createEvents } from 'graphql-sse'
import { createClient as createSocket } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { idOf } from '../../src/resolvers/global-id.ts'
import { type Running, running, testKey } from './running.ts'
import { beginLogin, cancelLogin, RawSocket } from './watching.ts'

const activity = /* GraphQL */ `
  subscription ($where: LoginWhere, $after: String) {
    loginActivity(where: $where, after: $after) {
      sequence resync cursor serverTime
      event { __typename sequence }
      login { id state sequence device { deviceKey } account { wcId } qrCode { content } outcome { reason message } }
    }
  }
`
const presence = /* GraphQL */ `
  subscription ($id: ID) {
    accountPresence(accountId: $id) {
      account { id wcId presence { state reason nextStep } device { deviceKey } }
      change { from to reason at }
    }
  }
`

interface Item {
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects where it looks.
  readonly data?: any
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly errors?: any
}

/** What came, until it is left. */
class Subscribed {
  readonly items: Item[] = []
  readonly leave: () => void
  /** Why it ended; null: it did not, or was let go. */
  failed: unknown = null

  constructor(items: AsyncIterableIterator<unknown>, leave: () => void) {
    this.leave = leave
    void (async () => {
      try {
        for await (const item of items) this.items.push(item as Item)
      } catch (error) {
        this.failed = error
      }
    })()
  }

  get logins(): readonly string[] {
    return this.items.map(
      ({ data: { loginActivity: update } }) =>
        `${update.event?.__typename ?? 'snapshot'} ${update.login.state}`,
    )
  }

  get accounts(): readonly string[] {
    return this.items.map(
      ({ data: { accountPresence: update } }) =>
        `${update.account.wcId} ${update.change === null ? update.account.presence.state : `${update.change.from}>${update.change.to}`}`,
    )
  }
}

const overSocket = (run: Running, query: string, variables: Record<string, unknown> = {}): Subscribed => {
  const client = createSocket({
    url: run.socketEndpoint,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${testKey}`, acceptLanguage: 'en' },
  })
  return new Subscribed(client.iterate({ query, variables }), () => void client.dispose())
}

const overEvents = (run: Running, query: string, variables: Record<string, unknown> = {}): Subscribed => {
  const client = createEvents({
    url: run.endpoint,
    retryAttempts: 0,
    headers: { authorization: `Bearer ${testKey}`, 'accept-language': 'en' },
  })
  return new Subscribed(client.iterate({ query, variables }), () => client.dispose())
}

const signIn = async (run: Running, deviceKey: string) => {
  const login = await beginLogin(run, deviceKey)
  const phone = run.gatehouse.simulator?.world.phone(login.upstreamId)
  phone?.scan()
  phone?.confirm()
  const query = 'query ($id: ID!) { login(id: $id) { state account { id wcId } } }'
  await expect.poll(async () => (await run.ask(query, { id: login.id })).data.login.state).toBe('CONFIRMED')
  const { account } = (await run.ask(query, { id: login.id })).data.login
  return { login, account: account as { id: string; wcId: string } }
}

const drop = async ({ gatehouse: { store } }: Running, accountId: string) => {
  const accounts = [idOf('Account', accountId) ?? '']
  const [followed] = await store.readFollowedOf({ provider: 'simulator', accounts })
  if (followed === undefined) throw new Error('Nobody follows it')
  const missed = store.clock.now()
  await store.recordGone({ followed, missed, reason: 'SECURITY_CHECK', words: '环境异常', dropTags: [] })
}

const ways = [
  ['a socket', overSocket],
  ['server-sent events', overEvents],
] as const

describe.each(ways)('over %s', (_, subscribe) => {
  it('a wall sees every login from its start to its end, and comes back where it left', async () => {
    await using run = await running({ feeds: { lookEvery: 50 } })
    const first = await beginLogin(run, 'first')
    const wall = subscribe(run, activity)
    await expect.poll(() => wall.logins).toEqual(['snapshot AWAITING_SCAN'])
    const { login, account } = await signIn(run, 'second')
    await expect.poll(() => wall.logins.at(-1)).toBe('LoginEnded CONFIRMED')
    const last = wall.items.at(-1)?.data.loginActivity
    expect(last.login).toMatchObject({
      id: login.id,
      account: { wcId: account.wcId },
      device: { deviceKey: 'second' },
      outcome: { reason: 'SIGNED_IN' },
    })
    expect(wall.logins[0]).toBe('snapshot AWAITING_SCAN')
    expect(wall.items[0]?.data.loginActivity.login.qrCode.content).toEqual(expect.any(String))
    wall.leave()
    await expect.poll(() => run.gatehouse.watches).toBe(0)

    await cancelLogin(run, first)
    const back = subscribe(run, activity, { after: last.cursor, where: { live: true } })
    const ended = () =>
      back.items.map(({ data }) => data.loginActivity.login).find(({ id }) => id === first.id)
    await expect.poll(() => ended()?.state).toBe('CANCELLED')
    expect(back.items.every(({ data }) => data.loginActivity.resync === false)).toBe(true)
    back.leave()
    await expect.poll(() => run.gatehouse.watches).toBe(0)
    expect(run.logged).toEqual([])
  })

  it('a cursor that is none is refused before the first item', async () => {
    await using run = await running()
    const wall = subscribe(run, activity, { after: 'nonsense' })
    await expect.poll(() => JSON.stringify([wall.failed, wall.items])).toContain('BAD_USER_INPUT')
    wall.leave()
    expect(run.logged).toEqual([])
  })

  it('presence is shown as it stands, then as it changes', async () => {
    await using run = await running({ feeds: { lookEvery: 50 } })
    const { account } = await signIn(run, 'one')
    const all = subscribe(run, presence)
    const alone = subscribe(run, presence, { id: account.id })
    await expect
      .poll(() => [all.accounts[0], alone.accounts[0]])
      .toEqual(Array(2).fill(`${account.wcId} ONLINE`))
    await drop(run, account.id)
    for (const watched of [all, alone]) {
      await expect.poll(() => watched.accounts).toContain(`${account.wcId} ONLINE>OFFLINE`)
      const change = watched.items.find(({ data }) => data.accountPresence.change?.to === 'OFFLINE')
      expect(change?.data.accountPresence).toMatchObject({
        account: { presence: { reason: 'SECURITY_CHECK' }, device: { deviceKey: 'one' } },
        change: { reason: 'SECURITY_CHECK' },
      })
    }
    const nobody = subscribe(run, presence, { id: 'nonsense' })
    await expect.poll(() => JSON.stringify([nobody.failed, nobody.items])).toContain('NOT_FOUND')
    for (const watched of [all, alone, nobody]) watched.leave()
    await expect.poll(() => run.gatehouse.watches).toBe(0)
  })
})

it('a gateway that stops says so to walls, and then leaves', async () => {
  await using run = await running()
  await beginLogin(run)
  const socket = await RawSocket.open(run.socketEndpoint)
  socket.subscribe('logins', activity)
  socket.subscribe('accounts', presence)
  await socket.came('logins', 1)
  await expect.poll(() => run.gatehouse.watches).toBe(2)
  await run.gatehouse.close()
  expect(await socket.closed()).toBe(1001)
  for (const name of ['logins', 'accounts'])
    expect(socket.frames(name).at(-1)).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'SHUTTING_DOWN' } }],
    })
  expect(run.logged).toEqual([])
})
