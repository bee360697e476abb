// Reading how things came to be: sign-ins and changes of presence here, versions in `history-versions.ts`.

import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import type { Connection, Database } from './connection/connection.ts'
import type { MomentCursor } from './filters.ts'
import { presenceChangeConditions, signInConditions } from './history-filter.ts'
import { byThing, thingId, things } from './history-pages.ts'
import type { Ahead, ChangeCursor, HistoryStore } from './history-store.ts'
import { versionReaders } from './history-versions.ts'
import { isId } from './ids.ts'
import { keyset } from './keyset.ts'
import type { PresenceChangeRecord, SignInRecord } from './records.ts'
import { ask, iso } from './statement.ts'
import { account } from './tables/account.ts'
import { device } from './tables/device.ts'
import { presenceChange } from './tables/presence-change.ts'
import { signIn } from './tables/sign-in.ts'

export const historyStore = ({ forPages: db }: Pick<Connection, 'forPages'>): HistoryStore => ({
  ...versionReaders(db),
  readSignInsOfDevices: signInsOf(db, 'deviceId'),
  readSignInsOfAccounts: signInsOf(db, 'accountId'),
  pageSignIns: async (tenant, where, page) => {
    const keys = newestFirst(page)
    const rows = await ask(() =>
      db
        .select({ row: signIn })
        .from(signIn)
        .innerJoin(device, eq(device.id, signIn.deviceId))
        .where(and(signInConditions(tenant, where), keys.where))
        .orderBy(...keys.orderBy)
        .limit(page.limit),
    )
    return rows.map(({ row }) => signInRecord(row))
  },
  ...changeReaders(db),
})

// ---------------------------------------------------------------- sign-ins

const signInsOf =
  (db: Database, whose: 'deviceId' | 'accountId'): HistoryStore['readSignInsOfDevices'] =>
  (tenant, ids, page) =>
    byThing(
      ids,
      known => {
        const keys = newestFirst(page)
        const one = db
          .select()
          .from(signIn)
          .where(and(eq(signIn[whose], thingId), keys.where))
          .orderBy(...keys.orderBy)
          .limit(page.limit)
          .as('one')
        return (
          db
            .select(one._.selectedFields)
            .from(things(known))
            .crossJoinLateral(one)
            // A thing is of one tenant. Asked within, it would let the list of all be walked for a thing that has few.
            .where(eq(one.tenant, tenant))
            .orderBy(one[whose], desc(one.began), desc(one.id))
        )
      },
      { thing: row => row[whose], record: signInRecord },
    )

const newestFirst = (page: Ahead<MomentCursor>) =>
  keyset(signIn.began, signIn.id, 'DESC', { ...page, before: null, backward: false })

const signInRecord = (row: typeof signIn.$inferSelect): SignInRecord => ({
  id: row.id,
  tenant: row.tenant,
  accountId: row.accountId,
  deviceId: row.deviceId,
  loginId: row.loginId,
  began: row.began,
  ended: row.ended,
  endReason: row.endReason,
  dropTags: row.dropTags,
})

// ---------------------------------------------------------------- changes of presence

const changeReaders = (
  db: Database,
): Pick<HistoryStore, 'readPresenceChangesOf' | 'pagePresenceChanges'> => ({
  readPresenceChangesOf: (tenant, accounts, { limit, after }) =>
    byThing(
      accounts,
      known => {
        const one = db
          .select()
          .from(presenceChange)
          .where(
            and(
              eq(presenceChange.accountId, thingId),
              eq(presenceChange.tenant, tenant),
              after === null ? undefined : lt(presenceChange.number, after),
            ),
          )
          .orderBy(desc(presenceChange.number))
          .limit(limit)
          .as('one')
        return db
          .select(one._.selectedFields)
          .from(things(known))
          .crossJoinLateral(one)
          .orderBy(one.accountId, desc(one.number))
      },
      { thing: row => row.accountId, record: presenceChangeRecord },
    ),
  pagePresenceChanges: async (tenant, where, { limit, after }) => {
    const rows = await ask(() =>
      db
        .select({ row: presenceChange })
        .from(presenceChange)
        .innerJoin(account, eq(account.id, presenceChange.accountId))
        .where(and(presenceChangeConditions(tenant, where), after === null ? undefined : beyond(after)))
        .orderBy(desc(presenceChange.at), desc(presenceChange.accountId), desc(presenceChange.number))
        .limit(limit),
    )
    return rows.map(({ row }) => presenceChangeRecord(row))
  },
})

const beyond = ({ at, accountId, number }: ChangeCursor): SQL =>
  isId(accountId)
    ? sql`(${presenceChange.at}, ${presenceChange.accountId}, ${presenceChange.number})
        < (${iso(at)}::timestamptz(3), ${accountId}::uuid, ${number}::int)`
    : sql`false`

const presenceChangeRecord = (row: typeof presenceChange.$inferSelect): PresenceChangeRecord => ({
  accountId: row.accountId,
  number: row.number,
  before: row.before,
  after: row.after,
  reason: row.reason,
  upstreamReason: row.upstreamReason,
  dropTags: row.dropTags,
  at: row.at,
})
