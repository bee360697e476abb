// The statement that records who is signed in on a device though the login that led there has ended (what must always
// hold, 4): the truth about the device and the account, and nothing of the login, which never moves again.

import { type SQL, sql } from 'drizzle-orm'
import type { Observation } from '../login/observation.ts'
import { signedIn } from '../login/signed-in.ts'
import type { Database } from './connection/connection.ts'
import { isLost } from './errors.ts'
import { isId, monthOf } from './ids.ts'
import { found, isSignInMet, signInParts, signInValues } from './sign-in.ts'
import { iso, prepare, value } from './statement.ts'

const attempts = 3

/** An event of the login, which is never edited: its moment may be read without a lock. */
const momentsOf = (type: 'PushSent' | 'VerifyCodeSubmitted') => sql`
  from login_event e where e.login_started_month = ${value('month', 'date')} and e.login_id = l.id
    and e.type = ${sql.raw(`'${type}'`)}`

const firstPrompt = sql`least(
  (select min(to_timestamp(asked::float8 / 1000)) from jsonb_array_elements_text(l.qr_codes_asked) asked),
  (select min(e.at) ${momentsOf('PushSent')}))`

/**
 * When the call that proves it began: a poll after this login's prompt was sent (what must always hold, 6), a code after
 * it was submitted, a push with its record. No row: it proves nothing.
 */
const proof = sql`
  select * from (
    select l.device_id, l.tenant, l.provider, case ${value('by', 'text')}
      when 'CodeAnswered' then (select max(e.at) ${momentsOf('VerifyCodeSubmitted')})
      when 'PushAnswered' then (select max(e.at) ${momentsOf('PushSent')})
      when 'Polled' then case when ${value('began', 'timestamptz(3)')} >= ${firstPrompt}
        then ${value('began', 'timestamptz(3)')} end
      else ${value('began', 'timestamptz(3)')} end as began
    from login l where l.id = ${value('login', 'uuid')} and l.ended is not null
  ) p where p.began is not null`

/**
 * The device, locked as it is now. A turn that this statement's snapshot cannot see yet is one that began after this
 * was true; its end waits for the same lock.
 */
const held = sql`
  select d.*, p.began, exists (
      select from sign_in s join account a on a.id = s.account_id
      where s.device_id = d.id and s.ended is null and a.wc_id = ${value('wc_id', 'text')} and a.presence = 'ONLINE'
    ) as standing
  from proof p join device d on d.id = p.device_id
  where d.retired is null and not exists (select from device_turn t where t.device_id = p.device_id)
  for no key update of d`

/** Later than whatever is known of this device (`h`). */
const isNewest = sql`h.last_seen_signed_in is null or h.last_seen_signed_in < h.began`

/** A sign-in on this device that is known to be later than the call stands. */
const moved = sql`
  select null::uuid as subject_id, h.id as device_id, h.tenant, h.provider, h.began,
    ${value('at', 'timestamptz(3)')} as happened
  from held h where not h.standing and (${isNewest})`

/** The same of the account, wherever it is. */
const notSeenSince = sql`a.presence_as_of < (select began from moved)`

/** Each sign-in may bring a handle of its own. */
const handleSeen = (known: SQL) => sql`
  case when ${isNewest} then coalesce(${value('instance_id', 'text')}, ${known}) else ${known} end`

/** Who is known to be signed in there is only seen once more. */
const accountSeen = sql`
  update account a set presence_as_of = greatest(a.presence_as_of, ${value('at', 'timestamptz(3)')}),
    instance_id = ${handleSeen(sql`a.instance_id`)}
  from held h where h.standing and a.tenant = h.tenant and a.provider = h.provider
    and a.wc_id = ${value('wc_id', 'text')} and a.device_id = h.id and a.presence = 'ONLINE'
  returning a.device_id`

const deviceSeen = sql`
  update device d set last_seen_signed_in = greatest(d.last_seen_signed_in, ${value('at', 'timestamptz(3)')}),
    instance_id = ${handleSeen(sql`d.instance_id`)}
  from seen s cross join held h where d.id = s.device_id and h.id = d.id`

/** Writes nothing where the observation proves nothing, or where something later is known already. */
export type WriteLate = (loginId: string, observation: Observation) => Promise<void>

export const writeLateWith = (db: Database): WriteLate => {
  const statement = prepare<{ deviceId: string }>(
    db,
    'record_late',
    { proof, held, moved, ...signInParts(notSeenSince), seen: accountSeen, device_seen: deviceSeen },
    { deviceId: sql<string>`id` },
    sql`held`,
  )
  return async (loginId, observation) => {
    const profile = signedIn(observation)
    if (profile === null || !isId(loginId)) return
    const values = {
      ...found,
      ...signInValues(profile, observation.at),
      login: loginId,
      month: monthOf(loginId),
      by: observation.kind,
      began: 'began' in observation ? iso(observation.began) : null,
      at: iso(observation.at),
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        await statement(values)
        return
      } catch (error) {
        // Another sign-in met this one, or nobody knows what became of it: sent again, it sees what stands now.
        const isOneMore = isLost(error) || isSignInMet(error)
        if (!isOneMore || attempt === attempts) throw error
      }
    }
  }
}
