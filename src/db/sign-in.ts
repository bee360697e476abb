// The parts of a statement in which somebody is signed in on a device: account, profile, presence, sign-in and device
// say the same. No part decides by reading a table that others write, only by the RETURNING of the part that holds the
// row: see the comment at each. They need a part `moved` with device_id, tenant, provider, subject_id and happened.

import { type SQL, sql } from 'drizzle-orm'
import type { Millis, Profile } from '../login/vocabulary.ts'
import { DatabaseError, isUniqueViolation } from './errors.ts'
import { newId } from './ids.ts'
import { type Values, value } from './statement.ts'
import type { FoundBy } from './tables/sign-in.ts'

/** Everybody locks the device before the account, so that no two wait for each other. */
export const deviceHeld = sql`
  select d.* from moved m join device d on d.id = m.device_id for no key update of d`

/** First day on a new device: first sign-in, after a reset, or after 20 days away (S2:70, S4:21). */
const probation = sql`
  case when ${value('made', 'boolean')} and (d.last_seen_signed_in is null
    or d.last_seen_signed_in < m.happened - interval '20 days') then m.happened + interval '24 hours' end`

const learnt = value('learnt', 'boolean')

/**
 * Needs a part `held`. The row lock of the account is what puts two sign-ins of it in order; its counters number what
 * follows. `where` is asked of an account that is known already (`a`), under its lock.
 */
const accountSignedIn = (where: SQL = sql`true`): SQL => sql`
  insert into account as a (id, tenant, provider, wc_id, instance_id, device_id, w_account, nick_name, country, city,
    signature, sex, mobile_phone, profile_number, profile_as_of, presence, presence_before, presence_number,
    presence_since, presence_as_of, presence_reason, probation_until, created)
  select ${value('account', 'uuid')}, m.tenant, m.provider, ${value('wc_id', 'text')},
    ${value('instance_id', 'text')}, m.device_id, ${value('w_account', 'text')}, ${value('nick_name', 'text')},
    ${value('country', 'text')}, ${value('city', 'text')}, ${value('signature', 'text')}, ${value('sex', 'int')},
    ${value('mobile_phone', 'text')}, ${learnt}::int, case when ${learnt} then m.happened end,
    'ONLINE', 'UNKNOWN', 1, m.happened, m.happened, ${value('presence_reason', 'text')}, ${probation}, m.happened
  from moved m join held d on d.id = m.device_id
  on conflict (tenant, provider, wc_id) do update set
    instance_id = coalesce(excluded.instance_id, a.instance_id), device_id = excluded.device_id,
    w_account = case when ${learnt} then excluded.w_account else a.w_account end,
    nick_name = case when ${learnt} then excluded.nick_name else a.nick_name end,
    country = case when ${learnt} then excluded.country else a.country end,
    city = case when ${learnt} then excluded.city else a.city end,
    signature = case when ${learnt} then excluded.signature else a.signature end,
    sex = case when ${learnt} then excluded.sex else a.sex end,
    mobile_phone = case when ${learnt} then excluded.mobile_phone else a.mobile_phone end,
    profile_number = a.profile_number + (${learnt} and (a.profile_number = 0 or
      (a.w_account, a.nick_name, a.country, a.city, a.signature, a.sex, a.mobile_phone) is distinct from
      (excluded.w_account, excluded.nick_name, excluded.country, excluded.city, excluded.signature, excluded.sex,
        excluded.mobile_phone)))::int,
    profile_as_of = coalesce(excluded.profile_as_of, a.profile_as_of),
    presence = 'ONLINE', presence_number = a.presence_number + (a.presence <> 'ONLINE')::int,
    presence_before = case when a.presence <> 'ONLINE' then a.presence else a.presence_before end,
    presence_since = case when a.presence <> 'ONLINE' then excluded.presence_since else a.presence_since end,
    presence_as_of = greatest(a.presence_as_of, excluded.presence_as_of),
    presence_reason = case when a.presence <> 'ONLINE' then excluded.presence_reason else a.presence_reason end,
    presence_upstream_reason = case when a.presence = 'ONLINE' then a.presence_upstream_reason end,
    presence_drop_tags = case when a.presence = 'ONLINE' then a.presence_drop_tags else '[]'::jsonb end,
    probation_until = coalesce(excluded.probation_until, a.probation_until)
  where ${where}
  returning a.*`

/** The number is the account's own; a profile that did not change has its row already. */
const profile = sql`
  insert into account_profile (account_id, number, tenant, w_account, nick_name, country, city, signature, sex,
    mobile_phone, picture_id, valid_from)
  select id, profile_number, tenant, w_account, nick_name, country, city, signature, sex, mobile_phone, picture_id,
    profile_as_of from acct where ${learnt}
  on conflict (account_id, number) do nothing`

const presence = sql`
  insert into presence_change (account_id, number, tenant, before, after, reason, at)
  select id, presence_number, tenant, presence_before, presence, presence_reason, presence_since from acct
  on conflict (account_id, number) do nothing`

/** By account and by device: neither is in two places. One that was found as it stood goes on. */
const shut = sql`
  update sign_in s set ended = m.happened,
    end_reason = case when s.account_id = a.id and s.device_id <> a.device_id then 'SIGNED_IN_ELSEWHERE'
      else 'OTHER' end
  from acct a cross join moved m
  where s.ended is null and (s.account_id = a.id or s.device_id = a.device_id)
    and (${value('made', 'boolean')} or s.account_id <> a.id or s.device_id <> a.device_id)
  returning s.id, s.account_id`

/** Whoever was signed in on this device is not any more: nobody else would ever say so. */
const displaced = sql`
  update account o set presence = 'OFFLINE', presence_before = o.presence, presence_number = o.presence_number + 1,
    presence_since = m.happened, presence_as_of = m.happened, presence_reason = 'OTHER',
    presence_upstream_reason = null, presence_drop_tags = '[]'::jsonb
  from shut s cross join acct a cross join moved m
  where o.id = s.account_id and o.id <> a.id and o.presence <> 'OFFLINE'
  returning o.*`

const displacement = sql`
  insert into presence_change (account_id, number, tenant, before, after, reason, at)
  select id, presence_number, tenant, presence_before, presence, presence_reason, presence_since from displaced
  on conflict (account_id, number) do nothing`

/**
 * Reading `shut` makes it run first. A sign-in that this statement's snapshot cannot see violates sign_in_open_of_account
 * or sign_in_open_of_device, which undoes everything: it is run once more.
 */
const signIn = sql`
  insert into sign_in (id, tenant, account_id, device_id, login_id, began, found_by, device_type, first_on_device)
  select ${value('sign_in', 'uuid')}, a.tenant, a.id, a.device_id,
    case when ${value('made', 'boolean')} then m.subject_id end, m.happened, ${value('found_by', 'text')},
    case when ${value('as_mac', 'boolean')} then 'MAC' else d.device_type end, d.last_seen_signed_in is null
  from acct a cross join moved m cross join held d where (select count(*) from shut) >= 0
    and (${value('made', 'boolean')} or not exists (select from sign_in s
      where s.account_id = a.id and s.device_id = a.device_id and s.ended is null))`

/**
 * Every sign-in raises the version; a first one as MAC is a change of settings too, and sticks (S2:42). A handle is taken
 * only from here, where somebody is proved to be signed in: that of a QR code is its login's (S1:34).
 */
const dev = sql`
  update device d set account_id = a.id, version = d.version + 1, last_seen_signed_in = m.happened,
    last_login = case when ${value('made', 'boolean')} then m.happened else d.last_login end,
    known_wc_id = case when ${value('confirmed', 'boolean')} then a.wc_id else d.known_wc_id end,
    instance_id = coalesce(${value('instance_id', 'text')}, d.instance_id),
    reset_required = d.reset_required and not ${value('confirmed', 'boolean')},
    device_type = case when ${value('as_mac', 'boolean')} then 'MAC' else d.device_type end,
    settings_version = case when ${value('as_mac', 'boolean')} and d.device_type <> 'MAC'
      then d.version + 1 else d.settings_version end
  from acct a cross join moved m where d.id = a.device_id
  returning d.*`

/** When the newest version of a device began; null: it has none. */
export const newestVersion = (deviceId: SQL): SQL =>
  sql`(select max(v.valid_from) from device_version v where v.device_id = ${deviceId})`

const devVersion = sql`
  insert into device_version (device_id, number, tenant, label, device_type, province, city, proxy_host, proxy_port,
    proxy_username, ttuid, cause, changed_by, valid_from)
  select id, version, tenant, label, device_type, province, city, proxy_host, proxy_port, proxy_username, ttuid,
    'SIGNED_IN_AS_MAC', 'upstream', greatest(last_seen_signed_in, ${newestVersion(sql`dev.id`)}) from dev where settings_version = version`

/** All of them, by the names under which they know each other, but for `held`. */
export const signInParts = (where?: SQL): Readonly<Record<string, SQL>> => ({
  acct: accountSignedIn(where),
  profile,
  presence,
  shut,
  displaced,
  displacement,
  sign: signIn,
  dev,
  dev_version: devVersion,
})

/** Was it this statement's login that signed the account in, or was somebody found? */
export interface SignInKind extends Values {
  readonly made: boolean
  /** What the next login expects by default. */
  readonly confirmed: boolean
  readonly as_mac: boolean
  readonly presence_reason: 'SIGNED_IN' | 'FOUND_ONLINE'
  readonly found_by: FoundBy | null
}

/** Nobody's login made it. */
export const foundBy = (found_by: FoundBy | null): SignInKind => ({
  made: false,
  confirmed: false,
  as_mac: false,
  presence_reason: 'FOUND_ONLINE',
  found_by,
})

/** A profile in which the upstream told nothing but who it is teaches nothing. */
export const signInValues = (profile: Profile, at: Millis): Values => {
  const { wcId, instanceId, wAccount, nickName, country, city, signature, sex, mobilePhone } = profile
  const told = [wAccount, nickName, country, city, signature, sex, mobilePhone]
  return {
    account: newId(at),
    sign_in: newId(at),
    wc_id: wcId,
    instance_id: instanceId,
    w_account: wAccount,
    nick_name: nickName,
    country,
    city,
    signature,
    sex,
    mobile_phone: mobilePhone,
    learnt: told.some(each => each !== null),
  }
}

/** Two sign-ins of one account, or on one device, were written at once: this one was undone. */
export const isSignInMet = (thrown: unknown): boolean =>
  (isUniqueViolation(thrown) && thrown.constraint?.startsWith('sign_in_open') === true) ||
  // Each displaced the other: the one that the server let go finds the other one's.
  (thrown instanceof DatabaseError && thrown.code === '40P01')
