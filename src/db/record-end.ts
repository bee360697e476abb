// The statement that records the end of a login: its turn goes, with every secret in it; where somebody is signed in,
// account, profile, presence, sign-in and device follow in the same statement.

import { sql } from 'drizzle-orm'
import { handleOut, owesLooks } from '../login/after-end.ts'
import { presenceRules } from '../login/presence.ts'
import { type Ended, ended } from '../login/state.ts'
import type { Step } from '../login/step.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import { isChallenge, promptUntil, pushFailed, qrCodesAsked } from './milestone.ts'
import { guard, stepValues, type Written, writtenColumns, writtenEvents } from './record-step.ts'
import { deviceHeld, type SignInKind, signInParts, signInValues } from './sign-in.ts'
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
    was_challenged = was_challenged or ${value('challenged', 'boolean')},
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

/** Somebody may have confirmed what nobody was looking at any more. */
const looksOwed = sql`
  insert into device_check (device_id, kind, due, tenant, device_version, handle)
  select d.id, 'AFTER_END', m.happened + make_interval(secs => looks.at), d.tenant, d.version, ${value('handle', 'text')}
  from moved m join device d on d.id = m.device_id
    cross join (values ${sql.raw(presenceRules.looksAfterEnd.map(at => `(${at / 1_000})`).join(', '))}) as looks(at)
  where ${value('looks', 'boolean')}
  on conflict (device_id, kind, due) do nothing`

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
    { moved, written: writtenEvents, narrow, reset: resetRequired, looks: looksOwed },
    writtenColumns,
    sql`moved`,
  )
  const signedIn = prepare<Written>(
    db,
    'record_sign_in',
    { moved, written: writtenEvents, held: deviceHeld, ...signInParts(), narrow: narrowSignedIn },
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

export const endValues = (turn: Turn, step: Step, end: Ended): Values & SignInKind => {
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
    found_by: end.outcome.reason === 'WRONG_ACCOUNT' ? 'WRONG_ACCOUNT' : null,
    looks: owesLooks(turn.state, end),
    handle: handleOut(turn.state),
    challenged: isChallenge(step),
    push_failed: pushFailed(turn.state, step),
    prompt_until: iso(promptUntil(turn.state, end)),
    reset_required: end.outcome.reason === 'DEVICE_RESET_REQUIRED',
  }
}
