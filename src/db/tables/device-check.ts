// What is owed to a device whose turn nobody has: the looks after an end, and presence probes.

import { foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { moment, tenant } from './columns.ts'
import { device } from './device.ts'

export const deviceCheck = pgTable(
  'device_check',
  {
    deviceId: uuid('device_id').notNull(),
    kind: text('kind').$type<'AFTER_END' | 'PRESENCE'>().notNull(),
    due: moment('due').notNull(),
    tenant: tenant(),
    /** `device.version` when it was asked for; an answer is dropped once that has moved. */
    deviceVersion: integer('device_version').notNull(),
    /** The upstream's name of the login that ended, by which it is found; null: the device's is enough. */
    handle: text('handle'),
  },
  t => [
    primaryKey({ name: 'device_check_pk', columns: [t.deviceId, t.kind, t.due] }),
    index('device_check_by_due').on(t.due),
    foreignKey({ name: 'device_check_device', columns: [t.deviceId], foreignColumns: [device.id] }),
  ],
)
