// Many logins at once, without the hours that starting them would take: one is started through the API on a real
// gateway, and its rows are copied in the database. An owner that is nobody keeps the copies until they are let go.

import postgres from 'postgres'
import { ask, registerDevice, startLogin } from '../../test/support/api-client.ts'
import type { Gateway, GatewayStart } from '../processes/gateway.ts'
import type { IpadUpstream } from '../processes/ipad-upstream.ts'
import type { OpenUpstream } from '../processes/open-upstream.ts'
import { benchKey } from './bench-key.ts'
import { startChild } from './child.ts'
import type { Database, Postgres } from './postgres.ts'
import { until } from './until.ts'

export interface Seed {
  readonly databaseUrl: string
  readonly upstream: GatewayStart['upstreams'][number]
  readonly logins: number
  /** Where they all stand. STARTING: the upstream must not answer online checks meanwhile. */
  readonly state: 'STARTING' | 'AWAITING_SCAN' | 'AWAITING_SLIDER'
}

const nobody = 'bench'

const slices = 12

/** Hands all of them over in one moment. */
export const letGoAtOnce = (databaseUrl: string): Promise<void> =>
  withDatabase(databaseUrl, async sql => {
    await sql`update device_turn set owner = null where owner = ${nobody}`
  })

/**
 * Hands them over in slices, the next when `claimed` tells that the ones before have been taken. A gateway claims every
 * one and a half seconds and polls every two: so the polls come evenly, as those of logins that people start.
 */
export const letGo = (databaseUrl: string, claimed: () => Promise<number>): Promise<void> =>
  withDatabase(databaseUrl, async sql => {
    const [found] = await sql<{ logins: number }[]>`
      select count(*)::int as logins from device_turn where owner = ${nobody}`
    const logins = found?.logins ?? 0
    for (let slice = 1; slice <= slices; slice++) {
      const most = Math.ceil(logins / slices)
      await sql`
        update device_turn set owner = null where device_id in (
          select device_id from device_turn where owner = ${nobody} limit ${most})`
      const target = Math.min(logins, most * slice)
      await until(async () => (await claimed()) >= target)
    }
  })

interface Filling {
  readonly logins: number
  readonly state?: Seed['state']
  readonly dialect?: 'open' | 'ipad'
}

/** A database in which they stand, to be copied for each run. The upstream that made them is gone. */
export const fillDatabase = async (
  postgres: Postgres,
  { logins, state = 'AWAITING_SCAN', dialect = 'open' }: Filling,
): Promise<Database> => {
  const database = await postgres.fresh()
  const seed = (url: string) =>
    seedLogins({ databaseUrl: database.url, upstream: { name: 'upstream', dialect, url }, logins, state })
  if (dialect === 'open') {
    await using upstream = await startChild<OpenUpstream>('open-upstream', 'LOAD')
    const { url } = await upstream.ask('listen')
    if (state === 'STARTING') await upstream.ask('muteOnlineChecks', true)
    await seed(url)
  } else {
    await using upstream = await startChild<IpadUpstream>('ipad-upstream', 'LOAD')
    const { url } = await upstream.ask('listen')
    await upstream.ask('slide', state === 'AWAITING_SLIDER')
    await seed(url)
  }
  return database
}

/** Rows that were written so far, but for the heartbeat's: as Postgres counts them, some seconds late. */
export const rowsWritten = async (databaseUrl: string): Promise<number> => {
  let rows = 0
  await withDatabase(databaseUrl, async sql => {
    const [counted] = await sql<{ rows: number }[]>`
      select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int as rows
      from pg_stat_user_tables where relname <> 'instance'`
    rows = counted?.rows ?? 0
  })
  return rows
}

/** Global ids of the logins in a database, and the names of their devices upstream. */
export const seededLogins = async (databaseUrl: string): Promise<[string, string][]> => {
  const found: [string, string][] = []
  await withDatabase(databaseUrl, async sql => {
    const rows = await sql<{ id: string; upstream_id: string }[]>`
      select l.id, d.upstream_id from login l join device d on d.id = l.device_id`
    for (const { id, upstream_id } of rows)
      found.push([Buffer.from(`Login:${id}`).toString('base64'), upstream_id])
  })
  return found
}

/** The device of number n is `bench-<n>` upstream. */
export const seedLogins = async ({ databaseUrl, upstream, logins, state }: Seed): Promise<void> => {
  const deviceId = await startOne(databaseUrl, upstream, state)
  await withDatabase(databaseUrl, async sql => {
    const copies = sql`generate_series(1, ${logins - 1}::int) as number`
    // The last twelve digits of an id: what stands before them tells its month.
    const own = (column: string) =>
      sql`overlay((${sql(column)})::text placing lpad(to_hex(number), 12, '0') from 25)`
    await sql`
      insert into device select copy.* from device d cross join ${copies} cross join lateral
        jsonb_populate_record(d, jsonb_build_object('id', ${own('d.id')}, 'device_key', 'bench-' || number,
          'upstream_id', 'bench-' || number)) as copy
      where d.id = ${deviceId}`
    const [kept] = await sql<{ columns: string }[]>`
      select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
      where attrelid = 'login'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`
    const columns = sql.unsafe(kept?.columns ?? '')
    await sql`
      insert into login (${columns}) select ${columns} from (select copy.* from login l cross join ${copies} cross join lateral
        jsonb_populate_record(l, jsonb_build_object('id', ${own('l.id')}, 'device_id', ${own('l.device_id')})) as copy
      where l.device_id = ${deviceId}) as copies`
    await sql`
      insert into login_event select copy.* from login_event e join login l on l.id = e.login_id
        and l.device_id = ${deviceId} cross join ${copies} cross join lateral
        jsonb_populate_record(e, jsonb_build_object('login_id', ${own('e.login_id')})) as copy`
    await sql`
      insert into device_turn select copy.* from device_turn t cross join ${copies} cross join lateral
        jsonb_populate_record(t, jsonb_build_object('device_id', ${own('t.device_id')}, 'subject_id',
          ${own('t.subject_id')}, 'qr_code', null, 'slider', null)) as copy
      where t.device_id = ${deviceId}`
    await sql`insert into instance (id, beat) values (${nobody}, now() + interval '1 year')`
    await sql`update device_turn set owner = ${nobody}`
    await sql`vacuum analyze`
  })
}

const withDatabase = async (url: string, work: (sql: postgres.Sql) => Promise<void>): Promise<void> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await work(sql)
  } finally {
    await sql.end()
  }
}

/** The id of its device in the database. */
const startOne = async (
  databaseUrl: string,
  upstream: Seed['upstream'],
  state: Seed['state'],
): Promise<string> => {
  await using gateway = await startChild<Gateway>('gateway', 'LOAD')
  const { url } = await gateway.ask('start', { databaseUrl, upstreams: [upstream] })
  const at = { url, key: benchKey }
  const { device, message } = await registerDevice(at, {
    provider: upstream.name,
    deviceKey: 'bench-0',
    province: '广东',
  })
  if (device === undefined) throw new Error(message)
  const { login, message: refusal } = await startLogin(at, { deviceId: device.id, strategy: 'QR_CODE' })
  if (login === undefined) throw new Error(refusal)
  const now = 'query ($id: ID!) { login(id: $id) { state } }'
  await until(async () => (await ask<{ state: string }>(at, now, { id: login.id })).state === state)
  return Buffer.from(device.id, 'base64').toString().split(':').at(-1) ?? ''
}
