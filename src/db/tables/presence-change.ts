// Each change of what was believed of an account's presence, numbered within the account.

import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { DropTag, PresenceState } from '../../login/presence.ts'
import { account } from './account.ts'
import { moment, tenant } from './columns.ts'

export const presenceChange = pgTable(
  'presence_change',
  {
    accountId: uuid('account_id').notNull(),
    number: integer('number').notNull(),
    tenant: tenant(),
    before: text('before').$type<PresenceState>().notNull(),
    after: text('after').$type<PresenceState>().notNull(),
    reason: text('reason'),
    upstreamReason: text('upstream_reason'),
    dropTags: jsonb('drop_tags').$type<readonly DropTag[]>().notNull().default([]),
    at: moment('at').notNull(),
  },
  t => [
    primaryKey({ name: 'presence_change_pk', columns: [t.accountId, t.number] }),
    index('presence_change_by_moment').on(t.tenant, t.at, t.accountId, t.number),
    foreignKey({ name: 'presence_change_account', columns: [t.accountId], foreignColumns: [account.id] }),
  ],
)
