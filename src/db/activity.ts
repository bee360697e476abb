// Reading what many logins and accounts did, a bounded number of statements for any number of them.

import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { PresenceState } from '../login/presence.ts'
import type { Millis } from '../login/vocabulary.ts'
import { accountRecord } from './accounts.ts'
import type { ActivityStore, Standing } from './activity-store.ts'
import type { Database } from './connection/connection.ts'
import { recorded, type SavedEvent } from './events.ts'
import { isId, monthOf } from './ids.ts'
import type { PresenceChangeRecord } from './records.ts'
import { ask, idList, ids, iso, millis, prepare, value } from './statement.ts'
import { account } from './tables/account.ts'

export const activityStore = (db: Database): ActivityStore => ({ ...ofLogins(db), ...ofAccounts(db) })

// ---------------------------------------------------------------- logins

type OfLogins = Pick<ActivityStore, 'readNewestEvents' | 'readChangedLogins' | 'readOldestLive'>

const ofLogins = (db: Database): OfLogins => {
  // The months are told, so that only their partitions are read.
  const newest = prepare<SavedEvent & { loginId: string }>(
    db,
    'read_newest_events',
    {},
    {
      loginId: sql<string>`e.login_id`,
      sequence: sql<number>`e.sequence`,
      at: millis(sql`e.at`),
      state: sql<SavedEvent['state']>`e.state`,
      type: sql<SavedEvent['type']>`e.type`,
      body: sql<SavedEvent['body']>`e.body`,
    },
    sql`jsonb_to_recordset(${value('logins', 'jsonb')}) as wanted(id uuid, month date, sequence int)
      join login_event e on e.login_started_month = wanted.month and e.login_id = wanted.id
        and e.sequence = wanted.sequence and e.tenant = ${value('tenant', 'text')}`,
  )
  const changed = prepare<{ id: string; version: number }>(
    db,
    'read_changed_logins',
    {},
    { id: sql<string>`id`, version: sql<number>`version` },
    sql`(
      select subject_id as id, version from device_turn
      where tenant = ${value('tenant', 'text')} and kind = 'LOGIN' and updated >= ${value('since', 'timestamptz(3)')}
      union all
      select id, version from login
      where tenant = ${value('tenant', 'text')} and started >= ${value('started_from', 'timestamptz(3)')}
        and ended >= ${value('since', 'timestamptz(3)')}
    ) changed`,
  )
  const oldest = prepare<{ started: Millis | null }>(
    db,
    'read_oldest_live',
    {},
    { started: millis(sql`started`) as SQL<Millis | null> },
    sql`(select min(started) as started from login
      where tenant = ${value('tenant', 'text')} and ended is null) oldest`,
  )
  return {
    readNewestEvents: async (tenant, logins) => {
      const wanted = logins
        .filter(({ id }) => isId(id))
        .map(({ id, sequence }) => ({ id, month: monthOf(id), sequence }))
      if (wanted.length === 0) return new Map()
      const rows = await newest({ tenant, logins: JSON.stringify(wanted) })
      return new Map(rows.map(({ loginId, ...event }) => [loginId, recorded(event)]))
    },
    readChangedLogins: async (tenant, { since, startedFrom }) => {
      const rows = await changed({ tenant, since: iso(since), started_from: iso(startedFrom) })
      return new Map(rows.map(({ id, version }) => [id, version]))
    },
    readOldestLive: async tenant => (await oldest({ tenant }))[0]?.started ?? null,
  }
}

// ---------------------------------------------------------------- accounts

type OfAccounts = Omit<ActivityStore, keyof OfLogins>

interface MarkRow {
  readonly id: string
  readonly number: number
  readonly state: PresenceState
  readonly asOf: Millis
  readonly rest: string
}

const marked: { readonly [Column in keyof MarkRow]: SQL<MarkRow[Column]> } = {
  id: sql<string>`a.id`,
  number: sql<number>`a.presence_number`,
  state: sql<PresenceState>`a.presence`,
  asOf: millis(sql`a.presence_as_of`),
  rest: sql<string>`concat_ws('|', a.profile_number, a.picture_id, a.device_id, a.instance_id, a.presence_since,
    a.presence_reason, a.probation_until)`,
}

const ofAccounts = (db: Database): OfAccounts => {
  const some = db
    .select()
    .from(account)
    .where(and(eq(account.tenant, sql.placeholder('tenant')), sql`${account.id} = any ${ids('accounts')}`))
    .prepare('read_standings')
  const marksOfAll = prepare<MarkRow>(
    db,
    'read_presence_marks',
    {},
    marked,
    sql`account a where a.tenant = ${value('tenant', 'text')}`,
  )
  const marksOfSome = prepare<MarkRow>(
    db,
    'read_presence_marks_of',
    {},
    marked,
    sql`account a where a.tenant = ${value('tenant', 'text')} and a.id = any ${ids('accounts')}`,
  )
  const above = prepare<PresenceChangeRecord>(
    db,
    'read_presence_changes_above',
    {},
    {
      accountId: sql<string>`c.account_id`,
      number: sql<number>`c.number`,
      before: sql<PresenceState>`c.before`,
      after: sql<PresenceState>`c.after`,
      reason: sql<string | null>`c.reason`,
      upstreamReason: sql<string | null>`c.upstream_reason`,
      dropTags: sql<PresenceChangeRecord['dropTags']>`c.drop_tags`,
      at: millis(sql`c.at`),
    },
    sql`(
      select change.* from jsonb_to_recordset(${value('numbers', 'jsonb')}) as known(id uuid, number int)
      join presence_change change on change.account_id = known.id and change.number > known.number
        and change.tenant = ${value('tenant', 'text')}
      order by change.number
    ) c`,
  )
  return {
    pageStandings: async (tenant, after, limit) => {
      const rows = await ask(() =>
        db
          .select()
          .from(account)
          .where(and(eq(account.tenant, tenant), after === null ? undefined : gt(account.id, after)))
          .orderBy(asc(account.id))
          .limit(limit),
      )
      return rows.map(standing)
    },
    readStandings: async (tenant, accountIds) => {
      const known = accountIds.filter(isId)
      if (known.length === 0) return []
      const rows = await ask(() => some.execute({ tenant, accounts: idList(known) }))
      return rows.map(standing)
    },
    readPresenceMarks: async (tenant, accountIds) => {
      const known = accountIds?.filter(isId)
      if (known?.length === 0) return new Map()
      const rows =
        known === undefined
          ? await marksOfAll({ tenant })
          : await marksOfSome({ tenant, accounts: idList(known) })
      return new Map(rows.map(({ id, ...mark }) => [id, mark]))
    },
    readPresenceChangesAbove: async (tenant, numbers) => {
      const known = [...numbers].filter(([id]) => isId(id)).map(([id, number]) => ({ id, number }))
      if (known.length === 0) return []
      return await above({ tenant, numbers: JSON.stringify(known) })
    },
  }
}

/** How old it is, is judged where it is shown. */
const standing = (row: typeof account.$inferSelect): Standing => ({
  account: accountRecord(row, 0),
  number: row.presenceNumber,
})
