// Logins that have ended and are not counted in `login_rollup` yet. A trigger on `login` puts them here, so that no
// writer can forget one; the fold takes them out in the statement that counts them.

import { pgTable, text, uuid } from 'drizzle-orm/pg-core'

export const loginUnfolded = pgTable('login_unfolded', {
  loginId: uuid('login_id').primaryKey(),
  tenant: text('tenant').notNull(),
})
