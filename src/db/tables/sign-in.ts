// The time that an account stayed signed in on a device. An account and a device have at most one open row each.

import { sql } from 'drizzle-orm'
import { boolean, foreignKey, index, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { DropTag } from '../../login/presence.ts'
import type { DeviceType } from '../../login/vocabulary.ts'
import { account } from './account.ts'
import { moment, tenant } from './columns.ts'
import { device } from './device.ts'

/** A look after the end of a login, a login that ended WRONG_ACCOUNT, an import, or the upstream's list of who is signed in. */
export type FoundBy = 'AFTER_END' | 'WRONG_ACCOUNT' | 'IMPORT' | 'LIST'

export const signIn = pgTable(
  'sign_in',
  {
    id: uuid('id').primaryKey(),
    tenant: tenant(),
    accountId: uuid('account_id').notNull(),
    deviceId: uuid('device_id').notNull(),
    /** The login that began it; null where it was found, not made. */
    loginId: uuid('login_id'),
    began: moment('began').notNull(),
    ended: moment('ended'),
    endReason: text('end_reason'),
    dropTags: jsonb('drop_tags').$type<readonly DropTag[]>().notNull().default([]),
    /** What led to it where no login made it; null: a login did, or it was found before a login began. */
    foundBy: text('found_by').$type<FoundBy>(),
    /** The device as it was; null: written by an older version. */
    deviceType: text('device_type').$type<DeviceType>(),
    firstOnDevice: boolean('first_on_device'),
  },
  t => [
    uniqueIndex('sign_in_open_of_device').on(t.deviceId).where(sql`${t.ended} is null`),
    uniqueIndex('sign_in_open_of_account').on(t.accountId).where(sql`${t.ended} is null`),
    index('sign_in_by_beginning').on(t.tenant, t.began, t.id),
    index('sign_in_by_device').on(t.deviceId, t.began),
    index('sign_in_by_account').on(t.accountId, t.began),
    // For a login that goes: what points at it is told.
    index('sign_in_by_login').on(t.loginId).where(sql`${t.loginId} is not null`),
    foreignKey({ name: 'sign_in_account', columns: [t.accountId], foreignColumns: [account.id] }),
    foreignKey({ name: 'sign_in_device', columns: [t.deviceId], foreignColumns: [device.id] }),
  ],
)
