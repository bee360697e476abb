// Each version of an account's profile, append-only: it holds until the next one's `valid_from`.

import { foreignKey, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { account } from './account.ts'
import { moment, tenant } from './columns.ts'

export const accountProfile = pgTable(
  'account_profile',
  {
    accountId: uuid('account_id').notNull(),
    number: integer('number').notNull(),
    tenant: tenant(),
    wAccount: text('w_account'),
    nickName: text('nick_name'),
    country: text('country'),
    city: text('city'),
    signature: text('signature'),
    sex: integer('sex'),
    mobilePhone: text('mobile_phone'),
    pictureId: text('picture_id'),
    validFrom: moment('valid_from').notNull(),
  },
  t => [
    primaryKey({ name: 'account_profile_pk', columns: [t.accountId, t.number] }),
    foreignKey({ name: 'account_profile_account', columns: [t.accountId], foreignColumns: [account.id] }),
  ],
)
