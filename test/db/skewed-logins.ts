// Many logins at once, straight into the tables: skewed as real ones are, with values that hang together, the same for
// each run. Some are live, a few ended long after they started, some of one moment.

import { type SQL, sql } from 'drizzle-orm'

export interface ManyLogins {
  readonly logins: number
  readonly devices: number
  /** Of each login; 0: none. */
  readonly events: number
  /** Milliseconds: the newest starts here, the oldest `span` before. */
  readonly until: number
  readonly span: number
}

type Run = <Row>(statement: SQL) => Promise<readonly Row[]>

/** In [0, 1), of a row's number `n`. */
const chance = (kind: number): SQL =>
  sql.raw(`((hashint8extended(n, ${kind}) & 9223372036854775807) % 1000003 / 1000003.0)`)

export const deviceOf = (n: number): string => idOf(9, n)
export const accountOf = (n: number): string => idOf(8, n)
const idOf = (kind: number, n: number) => `00000000-0000-7000-${kind}000-${n.toString(16).padStart(12, '0')}`
const idIn = (kind: number, n: SQL): SQL =>
  sql`('00000000-0000-7000-${sql.raw(String(kind))}000-' || lpad(to_hex(${n}), 12, '0'))::uuid`

export const addManyLogins = async (run: Run, many: ManyLogins): Promise<void> => {
  const { logins, devices, events, until, span } = many
  const accounts = devices
  await run(sql`
    insert into account (id, tenant, provider, wc_id, w_account, nick_name, profile_number, presence, presence_before,
      presence_number, presence_since, presence_as_of, created)
    select ${idIn(8, sql`n`)}, 'default', 'main', 'wxid_' || n, 'u' || md5(n::text), '王小明' || n, 1, 'ONLINE', 'OFFLINE', 1,
      moment, moment, moment
    from generate_series(1, ${accounts}::int) n, to_timestamp(${until}::float8 / 1000) moment`)
  await run(sql`
    insert into device (id, tenant, provider, device_key, upstream_id, device_type, province, input_hash, created, version,
      settings_version)
    select ${idIn(9, sql`n`)}, 'default', 'main', 'key ' || n, 'upstream ' || n, 'IPAD', '广东', '', moment, 1, 1
    from generate_series(1, ${devices}::int) n, to_timestamp(${until}::float8 / 1000) moment`)
  // What waits to be counted is not what is tried here.
  await run(sql`alter table login disable trigger user`)
  // Made anew at the end, as the check of the devices: all at once is many times faster than one by one.
  await run(sql`alter table login drop constraint login_device`)
  const indexes = await run<{ name: string; made: string }>(sql`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as made from pg_index
    where indrelid = 'login'::regclass and not indisunique`)
  for (const { name } of indexes) await run(sql.raw(`drop index ${name}`))
  await run(sql`
    with rolled as (
      select n, ${until}::bigint - ((${logins}::int - n)::bigint * ${span}::bigint / ${logins}::int) as ms,
        ${chance(1)} as place, ${chance(2)} as fate, ${chance(3)} as way, ${chance(4)} as who, ${chance(5)} as whose,
        ${chance(6)} as slow
      from generate_series(1, ${logins}::int) n
    ), told as (
      select *, case when way < 0.3 then 'PUSH' else 'QR_CODE' end as method,
        case when n > ${logins}::int - 40 and fate < 0.5 then null when fate < 0.6 then 'SIGNED_IN'
          when fate < 0.8 then case when way < 0.3 then 'PUSH_EXPIRED' else 'QR_CODE_EXPIRED' end
          when fate < 0.88 then 'CANCELLED_BY_CALLER' when fate < 0.95 then 'UPSTREAM_ERROR' when fate < 0.97 then 'TIMED_OUT'
          when fate < 0.98 then case when way < 0.3 then 'PUSH_REFUSED' else 'WRONG_ACCOUNT' end
          when fate < 0.9999 then 'UPSTREAM_UNREACHABLE' else 'DEVICE_UNKNOWN' end as reason
      from rolled
    )
    insert into login (id, tenant, device_id, provider, account_id, expected_wc_id, strategy, method, first_method,
      confirmed_by, device_type, province, proxied, first_on_device, started_by, reference, state, sequence, version,
      reason, upstream_code, next_step, advisories, qr_codes_asked, started, updated, ended)
    select (lpad(to_hex(ms >> 16), 8, '0') || '-' || lpad(to_hex(ms & 65535), 4, '0') || '-7000-8000-' ||
        lpad(to_hex(n), 12, '0'))::uuid, 'default', ${idIn(9, sql`1 + (whose * whose * ${devices}::int)::int % ${devices}::int`)},
      case when n % 500 = 0 then 'spare' when n % 50 = 0 then 'second' else 'main' end,
      case when reason = 'SIGNED_IN' then ${idIn(8, sql`1 + (whose * whose * ${accounts}::int)::int % ${accounts}::int`)} end,
      case when who < 0.4 then 'wxid_' || (1 + (whose * whose * ${accounts}::int)::int % ${accounts}::int) end,
      case when who < 0.93 then 'AUTO' when who < 0.9995 then 'QR_CODE' else 'PUSH' end, method,
      case when method = 'PUSH' or who < 0.1 then 'PUSH' else 'QR_CODE' end,
      case when reason = 'SIGNED_IN' then method end, case when way > 0.97 then 'MAC' else 'IPAD' end,
      'p' || (33 * place * place * place)::int, way < 0.3, whose < 0.1,
      case when who < 0.6 then 'shop' when who < 0.99 then 'app' when who < 0.9999 then 'crm' else 'nightly' end,
      case when n % 20 = 0 then 'order ' || n end,
      case when reason is null then 'AWAITING_SCAN' when reason = 'SIGNED_IN' then 'CONFIRMED'
        when reason like '%EXPIRED' or reason = 'TIMED_OUT' then 'EXPIRED' when reason = 'PUSH_REFUSED' then 'REJECTED'
        when reason like 'CANCELLED%' then 'CANCELLED' else 'FAILED' end,
      ${Math.max(1, events)}::int, 6, reason,
      case when reason in ('PUSH_REFUSED', 'UPSTREAM_ERROR') then case when slow < 0.9 then '1001' when slow < 0.999 then '1002'
        else '90' || n % 50 end end,
      case when reason is not null then 'NONE' end, '[]', '[]', started, started,
      case when reason is not null then started + interval '1 s' * (10 + 200 * slow) +
        case when slow > 0.999 then interval '2 days' else interval '0' end end
    from told, to_timestamp(ms / 1000.0) started
    order by n`)
  await run(sql`alter table login add constraint login_device foreign key (device_id) references device (id)`)
  for (const { made } of indexes) await run(sql.raw(made))
  await run(sql`alter table login enable trigger user`)
  if (events === 0) return
  await run(sql`
    select make_login_event_partition(month::date) from generate_series(
      date_trunc('month', to_timestamp(${until - span}::float8 / 1000) at time zone 'UTC'),
      to_timestamp(${until}::float8 / 1000) at time zone 'UTC', interval '1 month') month`)
  await run(sql`
    insert into login_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
    select date_trunc('month', started at time zone 'UTC')::date, id, number, tenant, 'PollingDegraded', 'STARTING', '{}', started
    from login cross join generate_series(1, ${events}::int) number`)
}
