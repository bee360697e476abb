// Each version of a device's settings, append-only. A version holds until the next one's `valid_from`. Numbers are the
// device's own versions, so they rise and may skip.

import { foreignKey, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { DeviceType } from '../../login/vocabulary.ts'
import { moment, tenant } from './columns.ts'
import { device } from './device.ts'

export type DeviceChangeCause =
  | 'REGISTERED'
  | 'IMPORTED'
  | 'UPDATED'
  | 'SIGNED_IN_AS_MAC'
  | 'RESET'
  | 'RETIRED'

export const deviceVersion = pgTable(
  'device_version',
  {
    deviceId: uuid('device_id').notNull(),
    number: integer('number').notNull(),
    tenant: tenant(),
    label: text('label'),
    deviceType: text('device_type').$type<DeviceType>().notNull(),
    province: text('province'),
    city: text('city'),
    proxyHost: text('proxy_host'),
    proxyPort: integer('proxy_port'),
    proxyUsername: text('proxy_username'),
    ttuid: text('ttuid'),
    cause: text('cause').$type<DeviceChangeCause>().notNull(),
    /** Name of the key, or `upstream`. */
    changedBy: text('changed_by').notNull(),
    validFrom: moment('valid_from').notNull(),
  },
  t => [
    primaryKey({ name: 'device_version_pk', columns: [t.deviceId, t.number] }),
    foreignKey({ name: 'device_version_device', columns: [t.deviceId], foreignColumns: [device.id] }),
  ],
)
