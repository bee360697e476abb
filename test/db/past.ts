// A past that nobody lived: ended logins of earlier months with their events, scanners, sign-ins and pictures, put into the
// database as rows. Knows the tables and none of the code that tests hold against them.

import { sql } from 'drizzle-orm'
import { newId } from '../../src/db/ids.ts'
import type { Store } from '../../src/db/store.ts'
import type { TestDatabase } from '../support/database.ts'
import { aDevice, aLogin, aProfile, signedIn, tenant, withQrCode } from './given.ts'

export interface PastLogin {
  readonly id: string
  readonly month: string
  readonly device_id: string
  readonly account_id: string | null
  readonly province: string
  readonly state: string
  readonly reason: string
  readonly started: number
  readonly ended: number
  readonly continues: string | null
  readonly events: number
}

/** First day of the UTC month that lies so many before the one of `now`. */
export const monthsBefore = (now: number, count: number): string => {
  const date = new Date(now)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - count, 1)).toISOString().slice(0, 10)
}

/** The same numbers each time. */
const dice = (seed: number) => {
  let state = seed
  return (sides: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
}

export interface Place {
  readonly devices: readonly string[]
  readonly accounts: readonly string[]
}

/** Devices with an account each, signed in today. */
export const aPlace = async (store: Store, count: number): Promise<Place> => {
  const devices: string[] = []
  for (let n = 0; n < count; n += 1) {
    const device = await aDevice(store)
    devices.push(device)
    const { loginId } = await aLogin(store, device)
    await withQrCode(store, loginId)
    await signedIn(store, loginId, aProfile({ wcId: `wxid_${n}` }))
  }
  const page = { limit: 100, after: null, before: null, backward: false }
  return { devices, accounts: (await store.pageAccounts(tenant, {}, page)).map(({ id }) => id) }
}

const outcomes = [
  ['CONFIRMED', 'SIGNED_IN'],
  ['CONFIRMED', 'SIGNED_IN'],
  ['EXPIRED', 'QR_CODE_EXPIRED'],
  ['REJECTED', 'DECLINED_ON_PHONE'],
  ['FAILED', 'UPSTREAM_UNREACHABLE'],
] as const
const provinces = ['广东', '湖南', '北京']

/** `at`: moments at which they start; else they are spread over the month. Its partition is made where `partition` says so. */
export const aPastMonth = async (
  database: Pick<TestDatabase, 'rows'>,
  place: Place,
  month: string,
  options: {
    readonly count?: number
    readonly at?: readonly number[]
    readonly partition?: boolean
    readonly continues?: string | null
  } = {},
): Promise<readonly PastLogin[]> => {
  const begins = Date.parse(month)
  const roll = dice(begins / 1_000)
  const days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate()
  const moments =
    options.at ?? Array.from({ length: options.count ?? 20 }, () => begins + roll(days * 86_400) * 1_000)
  let before = options.continues ?? null
  const logins = moments
    .toSorted((one, other) => one - other)
    .map((started): PastLogin => {
      const [state, reason] = outcomes[roll(outcomes.length)] ?? outcomes[0]
      const which = roll(place.devices.length)
      const id = newId(started)
      const made: PastLogin = {
        id,
        month,
        device_id: place.devices[which] ?? '',
        account_id: state === 'CONFIRMED' ? (place.accounts[which] ?? null) : null,
        province: provinces[roll(provinces.length)] ?? '',
        state,
        reason,
        started,
        ended: started + 5_000 + roll(60_000),
        continues: roll(4) === 0 ? before : null,
        events: 3 + roll(6),
      }
      before = id
      return made
    })
  if (options.partition !== false) await database.rows(sql`select make_login_event_partition(${month}::date)`)
  await put(database, logins)
  return logins
}

const put = async (database: Pick<TestDatabase, 'rows'>, logins: readonly PastLogin[]): Promise<void> => {
  const given = sql`jsonb_to_recordset(${JSON.stringify(logins)}::jsonb) as g(id uuid, month date, device_id uuid,
    account_id uuid, province text, state text, reason text, started float8, ended float8, continues uuid, events int)`
  const started = sql`to_timestamp(g.started / 1000)`
  const ended = sql`to_timestamp(g.ended / 1000)`
  await database.rows(sql`
    insert into login (id, tenant, device_id, provider, account_id, strategy, method, first_method, confirmed_by,
      device_type, province, proxied, first_on_device, started_by, continues, state, sequence, version, reason, next_step,
      advisories, qr_codes_asked, started, updated, ended, qr_code_issued, scanned, confirmed)
    select g.id, ${tenant}, g.device_id, 'demo', g.account_id, 'AUTO', 'QR_CODE', 'QR_CODE',
      case when g.state = 'CONFIRMED' then 'QR_CODE' end, 'IPAD', g.province, false, false, 'past', g.continues, g.state,
      g.events, g.events, g.reason, 'NONE', '[]', '[]', ${started}, ${ended}, ${ended}, ${started},
      case when g.account_id is not null then ${started} + interval '2 seconds' end,
      case when g.account_id is not null then ${ended} end
    from ${given}`)
  await database.rows(sql`
    insert into login_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
    select g.month, g.id, n, ${tenant}, case n when 1 then 'LoginStarted' else 'PollingDegraded' end, 'STARTING',
      jsonb_build_object('cause', repeat('x', 200)), ${started} + n * interval '1 millisecond'
    from ${given} cross join generate_series(1, g.events) n`)
  await database.rows(sql`
    insert into picture (tenant, id, type, bytes, created)
    select ${tenant}, 'of ' || g.id, 'image/png', '\\x00', ${started} from ${given} where g.account_id is not null`)
  await database.rows(sql`
    insert into scanner (login_id, tenant, nick_name, picture_id)
    select g.id, ${tenant}, 'Lin', 'of ' || g.id from ${given} where g.account_id is not null`)
  await database.rows(sql`
    insert into sign_in (id, tenant, account_id, device_id, login_id, began, ended, end_reason)
    select gen_random_uuid(), ${tenant}, g.account_id, g.device_id, g.id, ${ended}, ${ended} + interval '1 hour', 'OTHER'
    from ${given} where g.account_id is not null`)
}
