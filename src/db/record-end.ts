// The statement that records the end of a login: its turn goes, with every secret in it; where somebody is signed in,
// account, profile, presence, sign-in and device follow in the same statement. No part decides by reading a table
// that others write, only by the RETURNING of the part that holds the row: see the comment at each.

import { sql } from 'drizzle-orm'
import { type Ended, ended } from '../login/state.ts'
import type { Step } from '../login/step.ts'
import type { Millis, Profile } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import { newId } from './ids.ts'
import { promptUntil, pushFailed, qrCodesAsked } from './milestone.ts'
import { guard, stepValues, type Written, writtenColumns, writtenEvents } from './record-step.ts'
import { iso, prepare, type Values, value } from './statement.ts'
import type { Turn } from './store.ts'

const moved = sql`
  delete from device_turn where ${guard}
  returning subject_id, device_id, tenant, provider, started_month, version + 1 as version, sequence as before,
    greatest(happened, ${value('at', 'timestamptz(3)')}) as happened`

/** `accountId` is what `login.account_id` is set to. */
const narrowWith = (accountId: ReturnType<typeof sql>) => sql`
  update login set state = ${value('login_state', 'text')}, sequence = m.before + ${value('count', 'int')},
    version = m.version, updated = m.happened, ended = m.happened, method = ${value('method', 'text')},
    first_method = ${value('first_method', 'text')}, confirmed_by = ${value('confirmed_by', 'text')},
    reason = ${value('reason', 'text')}, upstream_code = ${value('upstream_code', 'text')},
    upstream_message = ${value('upstream_message', 'text')}, next_step = ${value('next_step', 'text')},
    advisories = login.advisories || ${value('advisories', 'jsonb')}, qr_codes_asked = ${value('qr_codes_asked', 'jsonb')},
    confirmed = case when ${value('made', 'boolean')} then m.happened end,
    push_failed = case when ${value('push_failed', 'boolean')} then m.happened else push_failed end,
    prompt_until = ${value('prompt_until', 'timestamptz(3)')},
    account_id = ${accountId}
  from moved m where login.id = m.subject_id`

const narrow = narrowWith(sql`null`)
const narrowSignedIn = narrowWith(sql`(select id from acct where ${value('confirmed', 'boolean')})`)

const resetRequired = sql`
  update device d set reset_required = true from moved m
  where d.id = m.device_id and ${value('reset_required', 'boolean')}`

/** First day on a new device: first sign-in, after a reset, or after 20 days away (S2:70, S4:21). */
const probation = sql`
  case when ${value('made', 'boolean')} and (d.last_seen_signed_in is null
    or d.last_seen_signed_in < m.happened - interval '20 days') then m.happened + interval '24 hours' end`

const learnt = value('learnt', 'boolean')

/** The row lock of the account is what puts two sign-ins of it in order; its counters number what follows. */
const acct = sql`
  insert into account as a (id, tenant, provider, wc_id, instance_id, device_id, w_account, nick_name, country, city,
    signature, sex, mobile_phone, profile_number, profile_as_of, presence, presence_before, presence_number,
    presence_since, presence_as_of, presence_reason, probation_until, created)
  select ${value('account', 'uuid')}, m.tenant, m.provider, ${value('wc_id', 'text')},
    ${value('instance_id', 'text')}, m.device_id, ${value('w_account', 'text')}, ${value('nick_name', 'text')},
    ${value('country', 'text')}, ${value('city', 'text')}, ${value('signature', 'text')}, ${value('sex', 'int')},
    ${value('mobile_phone', 'text')}, ${learnt}::int, case when ${learnt} then m.happened end,
    'ONLINE', 'UNKNOWN', 1, m.happened, m.happened, ${value('presence_reason', 'text')}, ${probation}, m.happened
  from moved m join device d on d.id = m.device_id
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
    probation_until = coalesce(excluded.probation_until, a.probation_until)
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
  returning s.id`

/**
 * Reading `shut` makes it run first. A sign-in elsewhere that this statement's snapshot cannot see violates
 * sign_in_open_of_account, which undoes everything: it is run once more.
 */
const signIn = sql`
  insert into sign_in (id, tenant, account_id, device_id, login_id, began)
  select ${value('sign_in', 'uuid')}, a.tenant, a.id, a.device_id,
    case when ${value('made', 'boolean')} then m.subject_id end, m.happened
  from acct a cross join moved m where (select count(*) from shut) >= 0
  on conflict (device_id) where ended is null do nothing`

/** Every sign-in raises the version; a first one as MAC is a change of settings too, and sticks (S2:42). */
const dev = sql`
  update device d set account_id = a.id, version = d.version + 1, last_seen_signed_in = m.happened,
    last_login = case when ${value('made', 'boolean')} then m.happened else d.last_login end,
    known_wc_id = case when ${value('confirmed', 'boolean')} then a.wc_id else d.known_wc_id end,
    reset_required = d.reset_required and not ${value('confirmed', 'boolean')},
    device_type = case when ${value('as_mac', 'boolean')} then 'MAC' else d.device_type end,
    settings_version = case when ${value('as_mac', 'boolean')} and d.device_type <> 'MAC'
      then d.version + 1 else d.settings_version end
  from acct a cross join moved m where d.id = a.device_id
  returning d.*`

const devVersion = sql`
  insert into device_version (device_id, number, tenant, label, device_type, province, city, proxy_host, proxy_port,
    proxy_username, ttuid, cause, changed_by, valid_from)
  select id, version, tenant, label, device_type, province, city, proxy_host, proxy_port, proxy_username, ttuid,
    'SIGNED_IN_AS_MAC', 'upstream', last_seen_signed_in from dev where settings_version = version`

export type WriteEnd = (
  turn: Turn,
  step: Step,
  at: Millis,
  epoch: number | undefined,
) => Promise<Written | null>

export const writeEndWith = (db: Database): WriteEnd => {
  const plain = prepare<Written>(
    db,
    'record_end',
    { moved, written: writtenEvents, narrow, reset: resetRequired },
    writtenColumns,
    sql`moved`,
  )
  const signedIn = prepare<Written>(
    db,
    'record_sign_in',
    {
      moved,
      written: writtenEvents,
      acct,
      profile,
      presence,
      shut,
      sign: signIn,
      dev,
      dev_version: devVersion,
      narrow: narrowSignedIn,
    },
    writtenColumns,
    sql`moved`,
  )
  return async (turn, step, at, epoch) => {
    if (!ended(step.state)) throw new Error(`${step.state.kind} is no end`)
    const values = { ...stepValues(turn, step, at, epoch), ...endValues(turn, step, step.state) }
    const [written] = step.signedIn
      ? await signedIn({ ...values, ...signInValues(step.signedIn, at) })
      : await plain(values)
    return written ?? null
  }
}

export const endValues = (turn: Turn, step: Step, end: Ended): Values => {
  return {
    login_state: end.kind,
    method: end.method,
    first_method: end.firstMethod,
    confirmed_by: end.confirmedBy,
    reason: end.outcome.reason,
    upstream_code: end.outcome.upstreamCode,
    upstream_message: end.outcome.upstreamMessage,
    next_step: end.outcome.nextStep,
    advisories: JSON.stringify(end.advisories),
    qr_codes_asked: JSON.stringify(qrCodesAsked(turn.state, end)),
    confirmed: end.kind === 'CONFIRMED',
    made: end.outcome.reason === 'SIGNED_IN',
    as_mac: end.outcome.reason === 'SIGNED_IN' && end.deviceType === 'MAC',
    presence_reason: end.outcome.reason === 'SIGNED_IN' ? 'SIGNED_IN' : 'FOUND_ONLINE',
    push_failed: pushFailed(turn.state, step),
    prompt_until: iso(promptUntil(turn.state, end)),
    reset_required: end.outcome.reason === 'DEVICE_RESET_REQUIRED',
  }
}

/** A profile in which the upstream told nothing but who it is teaches nothing. */
const signInValues = (profile: Profile, at: Millis): Values => {
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
