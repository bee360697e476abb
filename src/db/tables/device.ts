// A device as it is now: one upstream slot that accounts sign in on. How it came to be stands in `device_version`.

import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { DeviceType } from '../../login/vocabulary.ts'
import { account } from './account.ts'
import { bytes, moment, tenant } from './columns.ts'

export const device = pgTable(
  'device',
  {
    id: uuid('id').primaryKey(),
    tenant: tenant(),
    provider: text('provider').notNull(),
    deviceKey: text('device_key').notNull(),
    upstreamId: text('upstream_id').notNull(),
    label: text('label'),
    deviceType: text('device_type').$type<DeviceType>().notNull(),
    province: text('province'),
    city: text('city'),
    proxyHost: text('proxy_host'),
    proxyPort: integer('proxy_port'),
    proxyUsername: text('proxy_username'),
    /** Sealed. */
    proxyPassword: bytes('proxy_password'),
    ttuid: text('ttuid'),
    /** Who is signed in, or was last. */
    accountId: uuid('account_id'),
    /** The account of the last confirmed login: what the next one expects, and the only one named to the upstream. */
    knownWcId: text('known_wc_id'),
    /** The upstream's handle of the last sign-in here, where each brings its own; null: none did. */
    instanceId: text('instance_id'),
    resetRequired: boolean('reset_required').notNull().default(false),
    /** Of the call that registered it, so that the same call again is known. */
    inputHash: text('input_hash').notNull(),
    created: moment('created').notNull(),
    /** When province, proxy or ttuid last changed. */
    exitChanged: moment('exit_changed'),
    lastLogin: moment('last_login'),
    lastSeenSignedIn: moment('last_seen_signed_in'),
    retired: moment('retired'),
    /** When it was last made new: what was before says nothing of it any more. */
    reset: moment('reset'),
    /** Raised by every change of settings and by every sign-in. */
    version: integer('version').notNull(),
    /** Number of its newest row in `device_version`. */
    settingsVersion: integer('settings_version').notNull(),
  },
  t => [
    uniqueIndex('device_key').on(t.tenant, t.provider, t.deviceKey).where(sql`${t.retired} is null`),
    uniqueIndex('device_upstream_id').on(t.provider, t.upstreamId).where(sql`${t.retired} is null`),
    index('device_by_creation').on(t.tenant, t.created, t.id),
    foreignKey({ name: 'device_account', columns: [t.accountId], foreignColumns: [account.id] }),
    check('device_proxy_whole', sql`(${t.proxyHost} is null) = (${t.proxyPort} is null)`),
  ],
)
