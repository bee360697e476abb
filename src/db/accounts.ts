// Reading accounts, and the pictures that their profiles point at.

import { and, eq, ilike, inArray, like, or, type SQL, sql } from 'drizzle-orm'
import { presenceRules } from '../login/presence.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { Connection, Database } from './connection/connection.ts'
import type { AccountFilter, MomentCursor, Page } from './filters.ts'
import { isId } from './ids.ts'
import { keyset } from './keyset.ts'
import { gramsOf, hasGrams } from './name-grams.ts'
import type { AccountRecord } from './records.ts'
import { ask, idList, ids, iso, prepare, value } from './statement.ts'
import type { Clock, DeviceStore, LoginStore } from './store.ts'
import { account } from './tables/account.ts'

/** `pages`: where lists are read, see `Connection`. */
export const accountReaders = (
  { db, forPages: pages }: Pick<Connection, 'db' | 'forPages'>,
  clock: Clock,
): Pick<DeviceStore, 'readAccounts' | 'pageAccounts' | 'countAccounts'> => {
  const many = db
    .select()
    .from(account)
    .where(and(eq(account.tenant, sql.placeholder('tenant')), sql`${account.id} = any ${ids('accounts')}`))
    .prepare('read_accounts')
  return {
    readAccounts: async (tenant, accountIds) => {
      const known = accountIds.filter(isId)
      if (known.length === 0) return new Map()
      const now = clock.now()
      const rows = await ask(() => many.execute({ tenant, accounts: idList(known) }))
      return new Map(rows.map(row => [row.id, accountRecord(row, now)]))
    },
    pageAccounts: async (tenant, where, page) => {
      const now = clock.now()
      const rows = await ask(() => accountPage(pages, tenant, where, page, now))
      return keysOf(page)
        .shown(rows)
        .map(row => accountRecord(row, now))
    },
    countAccounts: async (tenant, where) => {
      const [row] = await ask(() =>
        pages
          .select({ count: sql<number>`count(*)::int` })
          .from(account)
          .where(accountConditions(tenant, where, clock.now())),
      )
      return row?.count ?? 0
    },
  }
}

const keysOf = (page: Page<MomentCursor>) => keyset(account.created, account.id, 'DESC', page)

/** Rows as read, see `Keyset.shown`. */
export const accountPage = (
  db: Database,
  tenant: string,
  where: AccountFilter,
  page: Page<MomentCursor>,
  now: Millis,
) => {
  const keys = keysOf(page)
  return db
    .select()
    .from(account)
    .where(and(accountConditions(tenant, where, now), keys.where))
    .orderBy(...keys.orderBy)
    .limit(page.limit)
}

const accountConditions = (tenant: string, where: AccountFilter, now: Millis): SQL | undefined =>
  and(
    eq(account.tenant, tenant),
    where.wcId === undefined ? undefined : eq(account.wcId, where.wcId),
    where.presence && inArray(presenceAt(now), [...where.presence]),
    where.search === undefined ? undefined : named(where.search),
  )

const presenceAt = (now: Millis): SQL => sql`
  case when ${account.presenceAsOf} > ${iso(now - presenceRules.holds)}::timestamptz(3)
    then ${account.presence} else 'UNKNOWN' end`

/** Anywhere in the wcId, the visible number or the nick name; what the caller typed is text, not a pattern. */
const named = (search: string): SQL | undefined => {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
  // Several times faster, where no letter has a case.
  const fits = search.toLowerCase() === search.toUpperCase() ? like : ilike
  const grams = gramsOf(search)
  return and(
    // Trigrams are of three characters, and Chinese names of two.
    grams.length === 0 ? undefined : hasGrams(grams),
    or(...[account.wcId, account.wAccount, account.nickName].map(column => fits(column, pattern))),
  )
}

export const accountRecord = (row: typeof account.$inferSelect, now: Millis): AccountRecord => ({
  id: row.id,
  tenant: row.tenant,
  provider: row.provider,
  wcId: row.wcId,
  instanceId: row.instanceId,
  deviceId: row.deviceId,
  profile:
    row.profileNumber === 0
      ? null
      : {
          wAccount: row.wAccount,
          nickName: row.nickName,
          country: row.country,
          city: row.city,
          signature: row.signature,
          sex: row.sex,
          mobilePhone: row.mobilePhone,
          pictureId: row.pictureId,
        },
  profileAsOf: row.profileAsOf,
  presence: {
    state: row.presenceAsOf > now - presenceRules.holds ? row.presence : 'UNKNOWN',
    since: row.presenceSince,
    asOf: row.presenceAsOf,
    reason: row.presenceReason,
    upstreamReason: row.presenceUpstreamReason,
    probationUntil: row.probationUntil,
    dropTags: row.presenceDropTags,
  },
  created: row.created,
})

/** The account's row lock keeps its picture and its newest profile's the same. */
export const accountPictureWriter = (db: Database): LoginStore['attachAccountPicture'] => {
  const statement = prepare<{ id: string }>(
    db,
    'attach_account_picture',
    {
      acct: sql`update account set picture_id = ${value('picture', 'text')}
        where tenant = ${value('tenant', 'text')} and provider = ${value('provider', 'text')}
          and wc_id = ${value('wc_id', 'text')} returning id, profile_number`,
      profile: sql`update account_profile p set picture_id = ${value('picture', 'text')} from acct
        where p.account_id = acct.id and p.number = acct.profile_number`,
    },
    { id: sql<string>`id` },
    sql`acct`,
  )
  return async (tenant, provider, wcId, pictureId) => {
    await statement({ tenant, provider, wc_id: wcId, picture: pictureId })
  }
}
