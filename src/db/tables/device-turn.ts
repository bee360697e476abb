// Whose turn it is on a device: a login's or an operation's. The primary key is what makes it one thing at a time
// (what must always hold, 5). The row is deleted when the turn is over.

import { sql } from 'drizzle-orm'
import {
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, moment, tenant } from './columns.ts'
import { device } from './device.ts'

export const deviceTurn = pgTable(
  'device_turn',
  {
    deviceId: uuid('device_id').primaryKey(),
    tenant: tenant(),
    provider: text('provider').notNull(),
    kind: text('kind').$type<'LOGIN' | 'OPERATION'>().notNull(),
    /** The login or the operation. */
    subjectId: uuid('subject_id').notNull(),
    /** Month of the login's events; null for an operation. */
    startedMonth: date('started_month', { mode: 'string' }),
    owner: text('owner'),
    epoch: integer('epoch').notNull(),
    version: integer('version').notNull(),
    sequence: integer('sequence').notNull(),
    /** Read by a total decoder; null for an operation. */
    state: jsonb('state').$type<unknown>(),
    /** Sealed; erased with the row at the latest. */
    qrCode: bytes('qr_code'),
    code: bytes('code'),
    slider: bytes('slider'),
    /** Moment of the newest event. */
    happened: moment('happened').notNull(),
    updated: moment('updated').notNull(),
  },
  t => [
    unique('device_turn_subject').on(t.subjectId),
    foreignKey({ name: 'device_turn_device', columns: [t.deviceId], foreignColumns: [device.id] }),
    index('device_turn_by_owner').on(t.owner),
    check('device_turn_kind', sql`${t.kind} in ('LOGIN', 'OPERATION')`),
    check(
      'device_turn_of_login_has_state',
      sql`(${t.kind} = 'LOGIN') = (${t.state} is not null and ${t.startedMonth} is not null)`,
    ),
  ],
)
