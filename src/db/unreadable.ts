// Turns whose saved state cannot be read here: spoiled, or written by a newer version. Nobody here can drive them, and no
// login lives longer than fifteen minutes: after that they are ended, so that none holds its device for ever.

import { type SQL, sql } from 'drizzle-orm'
import { savedFormat } from '../login/decode.ts'
import type { LoginEvent } from '../login/event.ts'
import { defaultDeadlines } from '../login/terms.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import { startOf } from './ids.ts'
import { idList, ids, iso, prepare, value } from './statement.ts'
import type { Clock } from './store.ts'

const { whole } = defaultDeadlines

/** Turns (`t`) that a newer version may still drive: they are not taken from it. Needs the value of `overdueSince`. */
export const leftToNewer: SQL = sql`
  case when jsonb_typeof(t.state -> 'format') = 'number'
    then (t.state ->> 'format')::numeric > ${sql.raw(String(savedFormat))} and not exists (
      select from login l where l.id = t.subject_id and l.started <= ${value('overdue', 'timestamptz(3)')})
    else false end`

/** Logins that began before this have had their time. */
export const overdueSince = (now: Millis): string | null => iso(now - whole)

const moved = sql`
  delete from device_turn where subject_id = any ${ids('logins')} and kind = 'LOGIN' and owner = ${value('me', 'text')}
  returning subject_id, tenant, started_month, version + 1 as version, sequence + 1 as sequence,
    greatest(happened, ${value('at', 'timestamptz(3)')}) as happened`

/** All that is known of such an end. */
const timedOut = {
  kind: 'LoginEnded',
  state: 'EXPIRED',
  outcome: { reason: 'TIMED_OUT', upstreamCode: null, upstreamMessage: null, nextStep: 'START_AGAIN' },
  confirmedBy: null,
} as const satisfies LoginEvent

const { kind, state, ...body } = timedOut

const written = sql`
  insert into login_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
  select started_month, subject_id, sequence, tenant, ${value('type', 'text')}, ${value('state', 'text')},
    ${value('body', 'jsonb')}, happened from moved`

/** The rest stays as of the last milestone. */
const narrow = sql`
  update login set state = ${value('state', 'text')}, sequence = m.sequence, version = m.version,
    updated = m.happened, ended = m.happened, reason = ${value('reason', 'text')},
    next_step = ${value('next_step', 'text')}
  from moved m where login.id = m.subject_id`

export interface Unreadable {
  /** A row was met that cannot be read. Said once of each login. */
  met(loginId: string, error: unknown): void
  has(loginId: string): boolean
  /** Ends those met whose time is over and that are this instance's, in one statement; none: no statement. */
  endOverdue(): Promise<void>
}

export const unreadableTurns = (parts: {
  db: Database
  me: string
  clock: Clock
  said: (loginId: string, error: unknown) => void
}): Unreadable => {
  const { db, me, clock, said } = parts
  const known = new Set<string>()
  const end = prepare<{ loginId: string }>(
    db,
    'end_unreadable',
    { moved, written, narrow },
    { loginId: sql<string>`subject_id` },
    sql`moved`,
  )
  return {
    met: (loginId, error) => {
      if (known.has(loginId)) return
      known.add(loginId)
      said(loginId, error)
    },
    has: loginId => known.has(loginId),
    endOverdue: async () => {
      const now = clock.now()
      const overdue = [...known].filter(loginId => startOf(loginId) <= now - whole)
      if (overdue.length === 0) return
      await end({
        logins: idList(overdue),
        me,
        at: iso(now),
        type: kind,
        state,
        body: JSON.stringify(body),
        reason: body.outcome.reason,
        next_step: body.outcome.nextStep,
      })
      // What was not this instance's is for its owner to end.
      for (const loginId of overdue) known.delete(loginId)
    },
  }
}
