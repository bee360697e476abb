// The statement that records who is signed in on a device though the login that led there has ended (what must always
// hold, 4): the truth about the device and the account, and nothing of the login, which never moves again.

import { sql } from 'drizzle-orm'
import type { Observation } from '../login/observation.ts'
import { signedIn } from '../login/signed-in.ts'
import type { Database } from './connection/connection.ts'
import { isLost } from './errors.ts'
import { isId, monthOf } from './ids.ts'
import { foundBy, isSignInMet, signInValues } from './sign-in.ts'
import { foundParts } from './sign-in-found.ts'
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

/** Writes nothing where the observation proves nothing, or where something later is known already. */
export type WriteLate = (loginId: string, observation: Observation) => Promise<void>

export const writeLateWith = (db: Database): WriteLate => {
  const statement = prepare<{ deviceId: string }>(
    db,
    'record_late',
    foundParts(proof),
    { deviceId: sql<string>`id` },
    sql`held`,
  )
  return async (loginId, observation) => {
    const profile = signedIn(observation)
    if (profile === null || !isId(loginId)) return
    const values = {
      ...foundBy('AFTER_END'),
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
