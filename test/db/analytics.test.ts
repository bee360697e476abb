// What analysts see in the views: persons by pseudonyms that hold together, and counts and times as the API tells them.

import { createHmac } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/store.ts'
import { reasonsOf } from '../../src/login/ending.ts'
import { secondsTo } from '../../src/resolvers/timings.ts'
import { engines, type TestDatabase, withStore } from '../support/database.ts'
import { analyticsStatements, aSignIn, grantMe } from './analytics-given.ts'
import { aDevice, aLogin, polled, told, withQrCode } from './given.ts'

const accountsSeen: SQL = sql`
  select tenant, 'logins' as view, account from analytics.logins
  union all select tenant, 'sign_ins', account from analytics.sign_ins
  union all select tenant, 'presence_changes', account from analytics.presence_changes
  union all select tenant, 'devices', account from analytics.devices
  union all select tenant, 'accounts', account from analytics.accounts order by 1, 2`

describe.each(engines)('the views for analysts on %s', engine => {
  test('call an account the same everywhere within a tenant, and otherwise in another one, for good', () =>
    withStore(engine, async (store, database) => {
      await aSignIn(store, 'default', 'wxid_lin')
      await aSignIn(store, 'other', 'wxid_lin')
      await grantMe(database, 'default', 'other')
      const before = await database.rows<{ tenant: string; account: string }>(accountsSeen)
      expect(before).toHaveLength(10)
      const names = (tenant: string) =>
        new Set(before.filter(row => row.tenant === tenant).map(row => row.account))
      expect([names('default').size, names('other').size]).toEqual([1, 1])
      expect(names('default')).not.toEqual(names('other'))
      for (const statement of await analyticsStatements()) await database.rows(sql.raw(statement))
      await grantMe(database, 'default', 'other')
      expect(await database.rows(accountsSeen)).toEqual(before)
    }))

  test('make a pseudonym by HMAC-SHA256 with the key of the tenant', () =>
    withStore(engine, async (store, database) => {
      await aSignIn(store, 'default', 'wxid_lin')
      await grantMe(database, 'default')
      const [row] = await database.rows<{ id: string; name: string; inner: string; outer: string }>(sql`
        select a.id::text as id, v.account as name, encode(k.inner_pad, 'hex') as inner, encode(k.outer_pad, 'hex') as outer
        from account a, analytics.accounts v, analytics_private.tenant_key k`)
      const key = Buffer.from(row?.inner ?? '', 'hex').map(byte => byte ^ 0x36)
      expect(Buffer.from(row?.outer ?? '', 'hex')).toEqual(key.map(byte => byte ^ 0x5c))
      expect(new Set(key.subarray(0, 32)).size).toBeGreaterThan(16)
      expect([...key.subarray(32)]).toEqual(Array.from({ length: 32 }, () => 0))
      const mac = createHmac('sha256', key).update(`account:${row?.id}`).digest('hex')
      expect(row?.name).toBe(`account_${mac.slice(0, 24)}`)
    }))

  test('tell whom a login was for, though nobody signed in', () =>
    withStore(engine, async (store, database) => {
      await aSignIn(store, 'default', 'wxid_lin')
      const { loginId } = await aLogin(store, await aDevice(store), { terms: { expectedWcId: 'wxid_lin' } })
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      await grantMe(database, 'default')
      expect(
        await database.rows(sql`select l.account, a.account = l.expected_account as known, l.state
          from analytics.logins l, analytics.accounts a where l.login_id = ${loginId}`),
      ).toEqual([{ account: null, known: true, state: 'CANCELLED' }])
    }))

  test('time a login as the API does', () =>
    withStore(engine, async (store, database) => {
      const { loginId } = await aSignIn(store, 'default', 'wxid_lin')
      await grantMe(database, 'default')
      const login = await store.readLogin('default', loginId)
      if (login === null) throw new Error('It is gone')
      expect(
        await database.rows(sql`select seconds_to_qr_code as qr, seconds_to_scan as scan, seconds_to_confirm as confirm,
          seconds_total as total, live from analytics.logins`),
      ).toEqual([
        {
          qr: secondsTo(login.started, login.qrCodeIssued),
          scan: secondsTo(login.started, login.scanned),
          confirm: secondsTo(login.started, login.confirmed),
          total: secondsTo(login.started, login.ended),
          live: false,
        },
      ])
    }))

  test('show what happened in a login, and of what the upstream said its code', () =>
    withStore(engine, async (store, database) => {
      const { loginId } = await aLogin(store, await aDevice(store))
      await withQrCode(store, loginId)
      await polled(store, loginId, { kind: 'SLIDER', url: 'https://slider.example/lin' })
      await told(store, loginId, { kind: 'SliderReported' })
      const said = { upstreamCode: '-7', upstreamMessage: 'wxid_lin said no' }
      await polled(store, loginId, { kind: 'DECLINED', ...said })
      await grantMe(database, 'default')
      expect(
        await database.rows(sql`select e.sequence, e.type, e.state, e.strategy, e.generation, e.reason, e.upstream_code as code,
            e.upstream_message = l.upstream_message as same, e.expires_at > e.at as lapses
          from analytics.login_events e join analytics.logins l using (tenant, login_id) order by e.sequence`),
      ).toMatchObject([
        { sequence: 1, type: 'LoginStarted', state: 'STARTING', strategy: 'AUTO', generation: null },
        { sequence: 2, type: 'QrCodeIssued', state: 'AWAITING_SCAN', generation: 1, lapses: true },
        { sequence: 3, type: 'SliderRequired', state: 'AWAITING_SLIDER', reason: null, same: null },
        { sequence: 4, type: 'SliderReportedSolved', state: 'AWAITING_CONFIRMATION' },
        {
          sequence: 5,
          type: 'LoginEnded',
          state: 'REJECTED',
          reason: 'DECLINED_ON_PHONE',
          code: '-7',
          same: true,
        },
      ])
      await database.rows(sql`update login set upstream_code = 'wxid_lin'`)
      expect(
        await database.rows(
          sql`select upstream_code as code, prompted, scanned, challenged, confirmed from analytics.logins`,
        ),
      ).toEqual([{ code: 'OTHER', prompted: true, scanned: true, challenged: true, confirmed: false }])
    }))

  test('count how far logins got as the funnel does, whatever they came to', () =>
    withStore(engine, async (store, database) => {
      await everyCourse(store, database)
      await grantMe(database, 'default')
      expect(
        await database.rows(sql`
          select v.login_id, v.prompted, v.scanned, v.challenged, v.confirmed from analytics.logins v join login l on l.id = v.login_id
          cross join lateral (select login_was_prompted(l.qr_code_issued, l.first_method, l.reason) as prompted) p
          where (v.prompted, v.scanned, v.challenged, v.confirmed) is distinct from (p.prompted,
            login_was_scanned(p.prompted, l.scanned, l.was_challenged, l.reason), l.was_challenged, coalesce(l.reason = 'SIGNED_IN', false))`),
      ).toEqual([])
      const [sums] = await database.rows<Record<string, number>>(sql`
        select count(distinct day)::int as days, sum(started)::int as started, sum(prompted)::int as prompted, sum(scanned)::int as scanned,
          sum(confirmed)::int as confirmed, sum(challenged)::int as challenged,
          sum(confirmed + already_signed_in + expired + rejected + cancelled + failed + live)::int as together
        from analytics.daily_funnel`)
      const [own] = await database.rows<Record<string, number>>(sql`
        select count(distinct (started at time zone 'UTC')::date)::int as days, count(*)::int as started,
          count(*) filter (where was_challenged)::int as challenged, count(*) filter (where reason = 'SIGNED_IN')::int as confirmed
        from login`)
      expect(sums).toMatchObject({ ...own, together: own?.started })
      expect(sums?.prompted).toBeLessThan(sums?.started ?? 0)
      expect(sums?.scanned).toBeLessThan(sums?.prompted ?? 0)
      expect(sums?.confirmed).toBeLessThan(sums?.scanned ?? 0)
      // The day is UTC's, in whatever zone the analyst sits.
      await database.rows(
        sql`update login set started = '2026-03-07 23:59:59.999+00' where id = (select min(id::text)::uuid from login)`,
      )
      expect(
        await database.rows(sql`select day::text, sum(started)::int as started from analytics.daily_funnel
          where day = '2026-03-07' group by day`),
      ).toEqual([{ day: '2026-03-07', started: 1 }])
    }))

  test('go on when months of logins and their events are gone', () =>
    withStore(engine, async (store, database) => {
      await aSignIn(store, 'default', 'wxid_lin')
      await grantMe(database, 'default')
      await database.rows(sql`delete from scanner`)
      await database.rows(sql`update sign_in set login_id = null`)
      const months = await database.rows<{ name: string }>(
        sql`select distinct tableoid::regclass::text as name from login_event`,
      )
      for (const { name } of months) await database.rows(sql.raw(`drop table ${name}`))
      expect(await database.rows(sql`select count(*)::int from analytics.login_events`)).toEqual([
        { count: 0 },
      ])
      expect(await database.rows(sql`select confirmed from analytics.logins`)).toEqual([{ confirmed: true }])
      await database.rows(sql`delete from login`)
      expect(await database.rows(sql`select count(*)::int from analytics.daily_funnel`)).toEqual([
        { count: 0 },
      ])
      expect(await database.rows(sql`select login_id from analytics.sign_ins`)).toEqual([{ login_id: null }])
    }))
})

/** A login of every course that the columns can tell, possible or not. */
const everyCourse = async (store: Store, database: TestDatabase): Promise<void> => {
  const deviceId = await aDevice(store)
  const { loginId } = await aLogin(store, deviceId)
  const reasons = (['CONFIRMED', 'EXPIRED', 'REJECTED', 'CANCELLED', 'FAILED'] as const).flatMap(state =>
    reasonsOf([state]).map(reason => ({ state, reason })),
  )
  await database.rows(sql`
    insert into login (id, tenant, device_id, provider, strategy, method, first_method, device_type, proxied, first_on_device, started_by,
      state, sequence, version, reason, advisories, qr_codes_asked, started, updated, ended, qr_code_issued, scanned, confirmed, was_challenged)
    select gen_random_uuid(), l.tenant, l.device_id, l.provider, l.strategy, l.method, f.first_method, l.device_type, false, false, 'test',
      coalesce(r.state, 'AWAITING_SCAN'), 2, 2, r.reason, '[]', '[]', t.at, t.at, case when r.reason is not null then t.at end,
      case when q.issued then t.at end, case when s.scanned then t.at end, case when r.reason = 'SIGNED_IN' then t.at end, c.challenged
    from login l
    cross join (select null::text as state, null::text as reason union all
      select * from jsonb_to_recordset(${JSON.stringify(reasons)}::jsonb) as (state text, reason text)) r
    cross join (values (null), ('QR_CODE'), ('PUSH')) f(first_method)
    cross join (values (false), (true)) q(issued) cross join (values (false), (true)) s(scanned)
    cross join (values (false), (true)) c(challenged)
    cross join lateral (select l.started - (case when q.issued then interval '1 day' else interval '0' end) as at) t
    where l.id = ${loginId}`)
  await database.rows(sql`
    insert into login_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
    select date_trunc('month', started at time zone 'UTC')::date, id, 2, tenant, 'SliderRequired', 'AWAITING_SLIDER', '{}', started
    from login where was_challenged`)
}
