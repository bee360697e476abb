// Reading what happened in a login. Every statement names the month that the login's id tells, so that one partition
// is read.

import { and, asc, desc, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import type { EventBody } from '../login/event.ts'
import type { LoginStateName } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import type { Page } from './filters.ts'
import { isId, monthOf } from './ids.ts'
import { loginRecord, selectLogins } from './login-records.ts'
import type { RecordedEvent } from './records.ts'
import { ask, idList, millis } from './statement.ts'
import type { LoginStore } from './store.ts'
import { login } from './tables/login.ts'
import { loginEvent } from './tables/login-event.ts'

export interface SavedEvent {
  readonly sequence: number
  readonly at: number
  readonly state: LoginStateName
  readonly type: EventBody['kind']
  readonly body: Record<string, unknown>
}

/** Written by `record` from an event of that very type: only what it left out is put back. */
export const recorded = ({ sequence, at, state, type, body }: SavedEvent): RecordedEvent => ({
  sequence,
  at,
  state,
  body: { ...body, kind: type } as EventBody,
})

/** The events come as one value of the login's row, so that one snapshot answers for both. */
const eventsAbove: SQL<readonly SavedEvent[]> = sql`(
  select coalesce(jsonb_agg(jsonb_build_object('sequence', e.sequence, 'at', ${millis(sql`e.at`)}, 'state', e.state,
    'type', e.type, 'body', e.body) order by e.sequence), '[]')
  from (
    select * from login_event where login_started_month = ${sql.placeholder('month')}::date
      and login_id = ${login.id} and tenant = ${login.tenant}
      and sequence > ${sql.placeholder('after')}::int
    order by sequence limit ${sql.placeholder('limit')}::int
  ) e)`

/** One page of the log of each, as read: backward ones from their ends. */
export const eventPagesOf = (
  db: Database,
  tenant: string,
  loginIds: readonly string[],
  page: Page<number>,
) => {
  const reads = page.backward ? desc : asc
  const one = db
    .select()
    .from(loginEvent)
    .where(
      and(
        sql`${loginEvent.loginStartedMonth} = of.month`,
        sql`${loginEvent.loginId} = of.id`,
        eq(loginEvent.tenant, tenant),
        page.after === null ? undefined : gt(loginEvent.sequence, page.after),
        page.before === null ? undefined : lt(loginEvent.sequence, page.before),
      ),
    )
    .orderBy(reads(loginEvent.sequence))
    .limit(page.limit)
    .as('one')
  const months = loginIds.map(monthOf)
  return db
    .select(one._.selectedFields)
    .from(sql`unnest(${idList(loginIds)}::text::uuid[], ${idList(months)}::text::date[]) as of(id, month)`)
    .crossJoinLateral(one)
    .orderBy(one.loginId, reads(one.sequence))
}

export const eventReaders = (
  db: Database,
  unreadable: (loginId: string, error: unknown) => void,
): Pick<LoginStore, 'readProgress' | 'readEventsOf'> => {
  const progress = selectLogins(db, { events: eventsAbove })
    .where(and(eq(login.tenant, sql.placeholder('tenant')), eq(login.id, sql.placeholder('login'))))
    .prepare('read_progress')
  return {
    readProgress: async (tenant, loginId, after, limit) => {
      if (!isId(loginId)) return null
      const values = { tenant, login: loginId, month: monthOf(loginId), after, limit }
      const [row] = await ask(() => progress.execute(values))
      return row === undefined
        ? null
        : { login: loginRecord(row, unreadable), events: row.events.map(recorded) }
    },
    readEventsOf: async (tenant, loginIds, page) => {
      const known = loginIds.filter(isId)
      if (known.length === 0) return new Map()
      const rows = await ask(() => eventPagesOf(db, tenant, known, page))
      const groups = Map.groupBy(rows, row => row.loginId)
      return new Map(
        [...groups].map(([id, group]) => [id, (page.backward ? group.toReversed() : group).map(recorded)]),
      )
    },
  }
}
