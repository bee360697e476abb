// Who scanned a login's QR code. Apart from its events, so that erasing a person is one delete.

import { foreignKey, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { tenant } from './columns.ts'
import { login } from './login.ts'

export const scanner = pgTable(
  'scanner',
  {
    loginId: uuid('login_id').primaryKey(),
    tenant: tenant(),
    nickName: text('nick_name'),
    pictureId: text('picture_id'),
  },
  t => [foreignKey({ name: 'scanner_login', columns: [t.loginId], foreignColumns: [login.id] })],
)
