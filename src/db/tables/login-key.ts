// What a caller's idempotency key was answered with. Expired rows are overwritten by the next use of the key.

import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { moment, tenant } from './columns.ts'

export const loginKey = pgTable(
  'login_key',
  {
    tenant: tenant(),
    key: text('key').notNull(),
    loginId: uuid('login_id').notNull(),
    inputHash: text('input_hash').notNull(),
    expires: moment('expires').notNull(),
  },
  t => [primaryKey({ name: 'login_key_pk', columns: [t.tenant, t.key] })],
)
