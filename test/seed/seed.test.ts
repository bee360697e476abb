// History in a real database of either engine: every constraint holds, the gateway reads it and goes on from it.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedHistory } from '../../seed/seed.ts'
import type { Connection } from '../../src/db/connection/connection.ts'
import type { LoginRecord } from '../../src/db/records.ts'
import type { Store } from '../../src/db/store.ts'
import { aStart } from '../db/given.ts'
import { engines, freshDatabase, type TestDatabase } from '../support/database.ts'
import { until } from './wish.ts'

const logins = 1_500
const tenant = 'default'

describe.each(engines)('history on %s', engine => {
  let database: TestDatabase
  let connection: Connection
  let store: Store
  const told: string[] = []

  const counted = async (from: string): Promise<number> => {
    const [row] = await connection.rows<{ count: number }>(
      sql`select count(*)::int as count from ${sql.raw(from)}`,
    )
    return row?.count ?? Number.NaN
  }

  beforeAll(async () => {
    database = await freshDatabase(engine)
    store = await database.open()
    connection = await database.connect()
    const seeded = await seedHistory({
      connection,
      logins,
      days: 45,
      seed: 'stored',
      until,
      progress: {
        copied: (done, rows) => told.push(`${done} ${rows > done}`),
        phase: name => told.push(name),
        counted: () => {},
      },
    })
    expect(seeded.logins).toBe(logins)
  })

  afterAll(() => database[Symbol.asyncDispose]())

  it('is there, and was told of on the way', async () => {
    expect(await counted('login')).toBe(logins)
    expect(await counted('login_event')).toBeGreaterThan(3 * logins)
    expect(told.filter(each => !each.endsWith(' true'))).toEqual([
      'COPYING',
      'COMMITTING',
      'ANALYZING',
      'COUNTING',
    ])
    expect(told.at(-4)).toBe(`${logins} true`)
  })

  it('leaves nothing live, and no event outside of its month', async () => {
    expect(await counted('device_turn')).toBe(0)
    expect(await counted('login where ended is null')).toBe(0)
    expect(await counted('login_event_default')).toBe(0)
  })

  it('is counted into the statistics to the last login', async () => {
    expect(await counted('login_unfolded')).toBe(0)
    const [row] = await connection.rows(sql`select sum(started)::int as started from login_rollup
      where cube = 'PLACE' and span = 'DAY'`)
    expect(row).toEqual({ started: logins })
  })

  it('is read by the pages of the store, newest first, each login once', async () => {
    const seen: LoginRecord[] = []
    for (let after = null as { at: number; id: string } | null; ; ) {
      const page = await store.pageLogins(tenant, {}, 'STARTED_AT_DESC', {
        limit: 400,
        after,
        before: null,
        backward: false,
      })
      seen.push(...page)
      const last = page.at(-1)
      if (last === undefined) break
      after = { at: last.started, id: last.id }
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(logins)
    expect(seen.map(({ started }) => started)).toEqual(
      seen.map(({ started }) => started).toSorted((a, b) => b - a),
    )
    for (const { outcome, state } of seen) expect([outcome !== null, state]).toEqual([true, null])
  })

  it('has the log of each login, as the API reads it', async () => {
    const page = await store.pageLogins(tenant, {}, 'STARTED_AT_ASC', {
      limit: 100,
      after: null,
      before: null,
      backward: false,
    })
    for (const login of page) {
      const progress = await store.readProgress(tenant, login.id, 0, 100)
      const events = progress?.events ?? []
      expect(events.map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: login.sequence }, (_, index) => index + 1),
      )
      expect(events.at(-1)?.body).toMatchObject({ kind: 'LoginEnded', outcome: login.outcome })
    }
  })

  it('has devices and accounts that say of each other what their sign-ins say', async () => {
    expect(
      await connection.rows(sql`
        select s.id from sign_in s join account a on a.id = s.account_id join device d on d.id = s.device_id
        where s.ended is null and (a.presence <> 'ONLINE' or a.device_id <> d.id or d.account_id <> a.id)`),
    ).toEqual([])
    expect(await counted('sign_in where ended is null')).toBeGreaterThan(3)
    expect(
      await connection.rows(sql`
        select l.id from login l left join sign_in s on s.login_id = l.id
        where l.reason = 'SIGNED_IN' and s.id is null`),
    ).toEqual([])
  })

  it('has devices that wait to be reset, and their last logins say why', async () => {
    const waiting = await connection.rows<{ reason: string }>(sql`
      select (select l.reason from login l where l.device_id = d.id order by l.started desc limit 1) as reason
      from device d where d.reset_required and d.retired is null`)
    expect(waiting.length).toBeGreaterThan(0)
    expect(new Set(waiting.map(({ reason }) => reason))).toEqual(new Set(['DEVICE_RESET_REQUIRED']))
  })

  it('is history that a gateway goes on from: a login begins on one of its devices', async () => {
    const [device] = await connection.rows<{ id: string }>(sql`
      select d.id from device d where d.retired is null and not d.reset_required and d.known_wc_id is not null
        and not exists (select from sign_in s where s.device_id = d.id and s.ended is null) limit 1`)
    const deviceId = device?.id ?? ''
    const facts = await store.readStartFacts(tenant, deviceId, store.clock.now())
    expect(facts?.knownWcId).toMatch(/^wxid_/)
    const start = aStart(store, deviceId, { terms: { firstOnDevice: false } })
    expect((await store.startLogin(start)).kind).toBe('CREATED')
    const at = store.clock.now()
    const recorded = await store.record(start.loginId, { kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' })
    expect(recorded).toBeTruthy()
    expect((await store.readLogin(tenant, start.loginId))?.outcome?.reason).toBe('CANCELLED_BY_CALLER')
    await connection.rows(sql`delete from login_event where login_id = ${start.loginId}`)
    await connection.rows(sql`delete from login where id = ${start.loginId}`)
  })

  it('is refused where logins are, of whichever tenant', async () => {
    const again = seedHistory({ connection, logins: 5, days: 5, seed: 'x', until, tenant: 'another' })
    await expect(again).rejects.toMatchObject({ name: 'NotEmptyError' })
    expect(await counted('login')).toBe(logins)
  })

  it('comes beside what is there where that is asked for, and is a tenant’s own', async () => {
    await seedHistory({
      connection,
      logins: 50,
      days: 5,
      seed: 'x',
      until,
      tenant: 'another',
      intoExisting: true,
    })
    expect(await counted("login where tenant = 'another'")).toBe(50)
    expect(await counted("login where tenant = 'default'")).toBe(logins)
    const tables = ['device', 'account', 'login_event', 'sign_in', 'presence_change', 'device_version']
    for (const table of tables)
      expect(await counted(`${table} where tenant not in ('default', 'another')`)).toBe(0)
    const page = { limit: 100, after: null, before: null, backward: false }
    expect(await store.pageLogins('another', {}, 'STARTED_AT_DESC', page)).toHaveLength(50)
  })

  it('is not written twice: the same again is refused, and leaves what is there', async () => {
    const same = seedHistory({
      connection,
      logins: 50,
      days: 5,
      seed: 'x',
      until,
      tenant: 'another',
      intoExisting: true,
    })
    await expect(same).rejects.toMatchObject({ name: 'DatabaseError', code: '23505' })
    expect(await counted("login where tenant = 'another'")).toBe(50)
  })

  it('is written whole or not at all: interrupted, nothing of it is there', async () => {
    const before = await counted('device')
    const stop = new AbortController()
    const interrupted = seedHistory({
      connection,
      logins: 12_000,
      days: 30,
      seed: 'stopped',
      until,
      intoExisting: true,
      signal: stop.signal,
      progress: { copied: () => stop.abort(), phase: () => {}, counted: () => {} },
    })
    await expect(interrupted).rejects.toMatchObject({ name: 'AbortError' })
    expect(await counted('device')).toBe(before)
    expect(await counted("login where tenant = 'default'")).toBe(logins)
  })
})
