// The statements of one import, in the order in which they run in its transaction. A device that another one inserted
// meanwhile is left out by the first of them, and everything after it asks whether its device is there.

import { type SQL, sql } from 'drizzle-orm'
import { value } from './statement.ts'

const at = value('at', 'timestamptz(3)')
const asked = value('asked', 'timestamptz(3)')
const tenant = value('tenant', 'text')
const provider = value('provider', 'text')

export const given = sql`
  select * from jsonb_to_recordset(${value('items', 'jsonb')}) as each (device uuid, account uuid, sign_in uuid,
    upstream_id text, wc_id text, handle text, online boolean, last_login timestamptz(3), input_hash text)`

/** Whoever inserts one of them at the same time is waited for. */
export const devicesTaken: Readonly<Record<string, SQL>> = {
  given,
  taken: sql`
    insert into device (id, tenant, provider, device_key, upstream_id, device_type, input_hash, created, version,
      settings_version, known_wc_id, instance_id, last_login, last_seen_signed_in)
    select g.device, ${tenant}, ${provider}, g.upstream_id, g.upstream_id, 'IPAD', g.input_hash, ${at}, 1, 1,
      g.wc_id, g.handle, g.last_login,
      case when g.online then ${asked} else g.last_login end
    from given g order by g.upstream_id
    on conflict do nothing`,
}

/** An account that is told of twice is of the device on which it is online, or was last. */
export const accountsHeld: Readonly<Record<string, SQL>> = {
  given,
  acct: sql`
    insert into account as a (id, tenant, provider, wc_id, instance_id, device_id, profile_number, presence,
      presence_before, presence_number, presence_since, presence_as_of, presence_reason, created)
    select distinct on (g.wc_id) g.account, ${tenant}, ${provider}, g.wc_id, g.handle, g.device, 0,
      case when g.online then 'ONLINE' else 'UNKNOWN' end, 'UNKNOWN', g.online::int, ${asked},
      ${asked}, case when g.online then 'FOUND_ONLINE' end, ${at}
    from given g join device d on d.id = g.device where g.wc_id is not null
    order by g.wc_id, g.online desc, g.last_login desc nulls last
    on conflict (tenant, provider, wc_id) do update set wc_id = excluded.wc_id`,
}

const itsAccount = sql`a.tenant = ${tenant} and a.provider = ${provider} and a.wc_id = g.wc_id`
const lives = (device: SQL) =>
  sql`exists (select from device o where o.id = ${device} and o.id <> g.device and o.retired is null)`

/** Where the account is the device, one that a login has given a device meanwhile needs no second. */
export const twinsLeft: Readonly<Record<string, SQL>> = {
  given,
  left: sql`
    delete from device d using given g, account a
    where d.id = g.device and ${itsAccount} and ${lives(sql`a.device_id`)}`,
}

/**
 * Accounts that were known before, and locked by now: one that is not signed in anywhere else, and that nothing later is
 * known of, is where it was found; one without a device gets this one. Any other stays as it is.
 */
export const accountsOnline: Readonly<Record<string, SQL>> = {
  given,
  acct: sql`
    update account a set device_id = g.device, instance_id = coalesce(g.handle, a.instance_id),
      presence = case when g.found then 'ONLINE' else a.presence end,
      presence_before = case when g.found then a.presence else a.presence_before end,
      presence_number = a.presence_number + g.found::int,
      presence_since = case when g.found then ${asked} else a.presence_since end,
      presence_as_of = case when g.found then ${asked} else a.presence_as_of end,
      presence_reason = case when g.found then 'FOUND_ONLINE' else a.presence_reason end,
      presence_upstream_reason = case when not g.found then a.presence_upstream_reason end,
      presence_drop_tags = case when g.found then '[]'::jsonb else a.presence_drop_tags end
    from (
      select distinct on (a.id) a.id as known, g.device, g.handle, g.online and a.presence <> 'ONLINE'
          and a.presence_as_of < ${asked} and not exists (
            select from sign_in s where s.account_id = a.id and s.ended is null) as found,
        ${lives(sql`a.device_id`)} as lives
      from given g join device d on d.id = g.device join account a on ${itsAccount}
      where not exists (select from given each where each.account = a.id)
      order by a.id, g.online desc, g.last_login desc nulls last
    ) g
    where a.id = g.known and (g.found or not g.lives)`,
}

/** Whoever is online on a device of this import was found so by it. */
const online = sql`
  select a.*, g.sign_in from given g join account a on a.device_id = g.device and ${itsAccount}
  where g.online and a.presence = 'ONLINE'
    and not exists (select from sign_in s where s.account_id = a.id and s.ended is null)`

export const historyWritten: Readonly<Record<string, SQL>> = {
  given,
  online,
  version: sql`
    insert into device_version (device_id, number, tenant, device_type, cause, changed_by, valid_from)
    select d.id, 1, d.tenant, d.device_type, 'IMPORTED', ${value('changed_by', 'text')}, d.created
    from given g join device d on d.id = g.device`,
  dev: sql`
    update device d set account_id = a.id from given g, account a where d.id = g.device and ${itsAccount}`,
  presence: sql`
    insert into presence_change (account_id, number, tenant, before, after, reason, at)
    select id, presence_number, tenant, presence_before, presence, presence_reason, presence_since from online
    on conflict (account_id, number) do nothing`,
  sign: sql`
    insert into sign_in (id, tenant, account_id, device_id, began, found_by, device_type)
    select sign_in, tenant, id, device_id, ${asked}, 'IMPORT', 'IPAD' from online`,
}
