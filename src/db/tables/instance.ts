// The processes that share this database, each with its heartbeat. Not a tenant's: it drives the turns of all.

import { pgTable, text, timestamp } from 'drizzle-orm/pg-core'

export const instance = pgTable('instance', {
  id: text('id').primaryKey(),
  /** To the microsecond: a lease is compared, never shown. */
  beat: timestamp('beat', { withTimezone: true, mode: 'string' }).notNull(),
})
