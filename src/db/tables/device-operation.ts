// Calls to the upstream about a device that are not a login, with what became of each.

import { sql } from 'drizzle-orm'
import { check, foreignKey, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { OperationRecord } from '../records.ts'
import { moment, tenant } from './columns.ts'
import { device } from './device.ts'

export const deviceOperation = pgTable(
  'device_operation',
  {
    id: uuid('id').primaryKey(),
    tenant: tenant(),
    deviceId: uuid('device_id').notNull(),
    kind: text('kind').$type<OperationRecord['kind']>().notNull(),
    state: text('state').$type<OperationRecord['state']>().notNull(),
    requestedBy: text('requested_by').notNull(),
    requested: moment('requested').notNull(),
    /** When its call was about to be sent: it is never sent again. */
    sent: moment('sent'),
    /** When the upstream took it, though it may not show yet; null: it did not, or did not say. */
    taken: moment('taken'),
    /** Whom it logs out; null: it is about nobody. */
    accountId: uuid('account_id'),
    ended: moment('ended'),
    upstreamCode: text('upstream_code'),
    upstreamMessage: text('upstream_message'),
  },
  t => [
    index('device_operation_by_device').on(t.deviceId, t.requested),
    foreignKey({ name: 'device_operation_device', columns: [t.deviceId], foreignColumns: [device.id] }),
    check('device_operation_ends', sql`(${t.state} = 'PENDING') = (${t.ended} is null)`),
  ],
)
