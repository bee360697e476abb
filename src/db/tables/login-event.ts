// What happened in a login, numbered and never edited. Partitioned by the month in which the login started, which
// its id tells. No personal data stands here.

import { date, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { EventBody } from '../../login/event.ts'
import type { LoginStateName } from '../../login/vocabulary.ts'
import { moment, tenant } from './columns.ts'

export const loginEvent = pgTable(
  'login_event',
  {
    loginStartedMonth: date('login_started_month', { mode: 'string' }).notNull(),
    loginId: uuid('login_id').notNull(),
    sequence: integer('sequence').notNull(),
    tenant: tenant(),
    type: text('type').$type<EventBody['kind']>().notNull(),
    state: text('state').$type<LoginStateName>().notNull(),
    /** The rest of the event, without its type and state. */
    body: jsonb('body').$type<Record<string, unknown>>().notNull(),
    at: moment('at').notNull(),
  },
  t => [primaryKey({ name: 'login_event_pk', columns: [t.loginStartedMonth, t.loginId, t.sequence] })],
)
