// A messenger account as it is now: its newest profile, where it is signed in, and what is believed of its presence.
// How that came to be stands in `account_profile`, `sign_in` and `presence_change`.

import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import type { DropTag, PresenceState } from '../../login/presence.ts'
import { moment, tenant } from './columns.ts'

export const account = pgTable(
  'account',
  {
    id: uuid('id').primaryKey(),
    tenant: tenant(),
    provider: text('provider').notNull(),
    wcId: text('wc_id').notNull(),
    instanceId: text('instance_id'),
    deviceId: uuid('device_id'),
    wAccount: text('w_account'),
    nickName: text('nick_name'),
    country: text('country'),
    city: text('city'),
    signature: text('signature'),
    sex: integer('sex'),
    mobilePhone: text('mobile_phone'),
    pictureId: text('picture_id'),
    /** Number of its newest row in `account_profile`; 0: none learnt yet. */
    profileNumber: integer('profile_number').notNull(),
    profileAsOf: moment('profile_as_of'),
    presence: text('presence').$type<PresenceState>().notNull(),
    /** What it was before, for the row in `presence_change`. */
    presenceBefore: text('presence_before').$type<PresenceState>().notNull(),
    presenceNumber: integer('presence_number').notNull(),
    presenceSince: moment('presence_since').notNull(),
    presenceAsOf: moment('presence_as_of').notNull(),
    presenceReason: text('presence_reason'),
    presenceUpstreamReason: text('presence_upstream_reason'),
    presenceDropTags: jsonb('presence_drop_tags').$type<readonly DropTag[]>().notNull().default([]),
    probationUntil: moment('probation_until'),
    created: moment('created').notNull(),
  },
  t => [
    unique('account_wc_id').on(t.tenant, t.wcId, t.provider),
    index('account_by_presence').on(t.provider, t.id),
    index('account_by_creation').on(t.tenant, t.created, t.id),
    // The operator class comes from the extension pg_trgm.
    index('account_names').using(
      'gin',
      t.wcId.op('gin_trgm_ops'),
      t.wAccount.op('gin_trgm_ops'),
      t.nickName.op('gin_trgm_ops'),
    ),
    check('account_presence', sql`${t.presence} in ('UNKNOWN', 'ONLINE', 'OFFLINE')`),
  ],
)
