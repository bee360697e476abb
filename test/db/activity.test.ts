// What walls read: which logins changed, their newest events, and how the presence of many accounts stands.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../src/db/store.ts'
import { type EngineName, engines, freshDatabase, type TestDatabase } from '../support/database.ts'
import {
  aDevice,
  aLogin,
  aName,
  aProfile,
  eventsOf,
  scanned,
  signedIn,
  tenant,
  told,
  withQrCode,
} from './given.ts'

const elsewhere = 'elsewhere'

const given = (engine: EngineName) => {
  let database: TestDatabase
  let store: Store
  beforeAll(async () => {
    database = await freshDatabase(engine)
    store = await database.open()
  })
  afterAll(() => database[Symbol.asyncDispose]())
  return {
    store: () => store,
    rows: (statement: Parameters<TestDatabase['rows']>[0]) => database.rows(statement),
  }
}

/** Somebody signed in, by the id of the account. */
const anAccount = async (store: Store): Promise<string> => {
  const { loginId } = await aLogin(store, await aDevice(store))
  await withQrCode(store, loginId)
  await signedIn(store, loginId, aProfile({ wcId: aName('wxid') }))
  return (await store.readLogin(tenant, loginId))?.accountId ?? ''
}

const goneAway = async (store: Store, accountId: string): Promise<void> => {
  const [followed] = await store.readFollowedOf({ provider: 'demo', accounts: [accountId] })
  if (followed === undefined) throw new Error('Nobody follows it')
  const missed = store.clock.now()
  await store.recordGone({ followed, missed, reason: 'OTHER', words: '掉线', dropTags: ['FIRST_DAY'] })
}

describe.each(engines)('on %s', engine => {
  const here = given(engine)

  it('the newest event of each login is read, of the tenant alone', async () => {
    const store = here.store()
    const one = await aLogin(store, await aDevice(store))
    const other = await aLogin(store, await aDevice(store))
    await withQrCode(store, other.loginId)
    await scanned(store, other.loginId)
    const asked = [
      { id: one.loginId, sequence: 1 },
      { id: other.loginId, sequence: 3 },
      { id: other.deviceId, sequence: 1 },
      { id: 'no id', sequence: 1 },
    ]
    const events = await store.readNewestEvents(tenant, asked)
    expect([...events.keys()].toSorted()).toEqual([one.loginId, other.loginId].toSorted())
    expect(events.get(one.loginId)?.body.kind).toBe('LoginStarted')
    expect(events.get(other.loginId)).toEqual((await eventsOf(store, other.loginId)).at(-1))
    expect((await store.readNewestEvents(elsewhere, asked)).size).toBe(0)
    expect((await store.readNewestEvents(tenant, [])).size).toBe(0)
  })

  it('what changed is found by when it was observed, live or ended', async () => {
    const store = here.store()
    const still = await aLogin(store, await aDevice(store))
    const moves = await aLogin(store, await aDevice(store))
    const ends = await aLogin(store, await aDevice(store))
    const startedFrom = (await store.readLogin(tenant, still.loginId))?.started ?? 0
    const since = store.clock.now() + 60_000
    await store.record(moves.loginId, { kind: 'OnlineChecked', at: since, began: since - 1, profile: null })
    await store.record(ends.loginId, { kind: 'CancelAsked', at: since + 1, by: 'CANCELLED_BY_CALLER' })
    const changed = await store.readChangedLogins(tenant, { since, startedFrom })
    expect(changed).toEqual(
      new Map([
        [moves.loginId, (await store.readLogin(tenant, moves.loginId))?.version],
        [ends.loginId, (await store.readLogin(tenant, ends.loginId))?.version],
      ]),
    )
    const late = await store.readChangedLogins(tenant, { since, startedFrom: since })
    expect([...late.keys()]).toEqual([moves.loginId])
    expect((await store.readChangedLogins(elsewhere, { since, startedFrom })).size).toBe(0)
    for (const { loginId } of [still, moves])
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
  })

  it('the oldest that lives is known by its start', async () => {
    const store = here.store()
    const page = { limit: 1, after: null, before: null, backward: false }
    await aLogin(store, await aDevice(store))
    const [oldest] = await store.pageLogins(tenant, { live: true }, 'STARTED_AT_ASC', page)
    expect(await store.readOldestLive(tenant)).toBe(oldest?.started)
    expect(await store.readOldestLive(elsewhere)).toBeNull()
  })

  it('accounts come with the number of their newest change, a page at a time or by name', async () => {
    const store = here.store()
    const [lin, chen] = [await anAccount(store), await anAccount(store)]
    await goneAway(store, lin)
    const first = await store.pageStandings(tenant, null, 1)
    const rest = await store.pageStandings(tenant, first[0]?.account.id ?? null, 100)
    expect([...first, ...rest].map(({ account }) => account.id)).toEqual(expect.arrayContaining([lin, chen]))
    const standings = await store.readStandings(tenant, [lin, chen, 'no id'])
    expect(new Map(standings.map(({ account, number }) => [account.id, number]))).toEqual(
      new Map([
        [lin, 2],
        [chen, 1],
      ]),
    )
    const marks = await store.readPresenceMarks(tenant, null)
    expect(marks.get(lin)).toMatchObject({ number: 2, state: 'OFFLINE' })
    expect(await store.readPresenceMarks(tenant, [chen])).toEqual(new Map([[chen, marks.get(chen)]]))
    expect(marks.get(chen)?.asOf).toBe(
      standings.find(({ account }) => account.id === chen)?.account.presence.asOf,
    )
    expect(await store.pageStandings(elsewhere, null, 10)).toEqual([])
    expect(await store.readStandings(elsewhere, [lin])).toEqual([])
    expect((await store.readPresenceMarks(elsewhere, null)).size).toBe(0)
  })

  it('a presence that is old reads as it was told: who shows it says how old it is', async () => {
    const store = here.store()
    const lin = await anAccount(store)
    await here.rows(
      sql`update account set presence_as_of = presence_as_of - interval '1 hour' where id = ${lin}`,
    )
    const [standing] = await store.readStandings(tenant, [lin])
    expect(standing?.account.presence.state).toBe('ONLINE')
  })

  it('changes of presence are those above the number of each account', async () => {
    const store = here.store()
    const [lin, chen] = [await anAccount(store), await anAccount(store)]
    await goneAway(store, lin)
    const above = await store.readPresenceChangesAbove(
      tenant,
      new Map([
        [lin, 0],
        [chen, 1],
        ['no id', 0],
      ]),
    )
    expect(above.map(({ accountId, number, before, after }) => [accountId, number, before, after])).toEqual([
      [lin, 1, 'UNKNOWN', 'ONLINE'],
      [lin, 2, 'ONLINE', 'OFFLINE'],
    ])
    expect(above[1]).toMatchObject({ reason: 'OTHER', upstreamReason: '掉线', dropTags: ['FIRST_DAY'] })
    expect(above[1]?.at).toEqual(expect.any(Number))
    expect(await store.readPresenceChangesAbove(elsewhere, new Map([[lin, 0]]))).toEqual([])
  })
})
