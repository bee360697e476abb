// The statements behind lists of logins: a page, the same page of many devices or accounts, and how many there are. Made
// here and sent by `logins.ts`, so that a test may ask for the plan of what is sent.

import { and, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import type { Database } from './connection/connection.ts'
import type { LoginFilter, MomentCursor, Page } from './filters.ts'
import { thingId, things } from './history-pages.ts'
import { type Keyset, keyset } from './keyset.ts'
import { type Branch, branchesOf, type Stretch } from './login-branches.ts'
import { fitting } from './login-filter.ts'
import { selectLogins } from './login-records.ts'
import { login } from './tables/login.ts'

export type LoginOrder = 'STARTED_AT_DESC' | 'STARTED_AT_ASC'

export const loginKeys = (order: LoginOrder, page: Page<MomentCursor>): Keyset =>
  keyset(login.started, login.id, order === 'STARTED_AT_ASC' ? 'ASC' : 'DESC', page)

/** Rows as read, see `Keyset.shown`. Null: no login can fit, nothing is to be asked. */
export const loginPage = (
  db: Database,
  tenant: string,
  where: LoginFilter,
  order: LoginOrder,
  page: Page<MomentCursor>,
) => {
  const on = isOnPage(tenant, where, order, page)
  return on === null
    ? null
    : selectLogins(db, {})
        .where(on)
        .orderBy(...loginKeys(order, page).orderBy)
}

/** Whether a login is on that page, as a condition. Null: no login can fit. */
export const isOnPage = (
  tenant: string,
  where: LoginFilter,
  order: LoginOrder,
  page: Page<MomentCursor>,
): SQL | undefined | null => {
  const branches = branchesOf(tenant, where)
  if (branches.length === 0) return null
  // No branch gives more than a page, so that few are sorted; their rows are looked up by id.
  const all = sql.join(
    branches.map(branch => sql`(${pieceOf(branch, page, order)})`),
    sql` union all `,
  )
  const found = isFrequentMaybe(branches, where) ? glanced(all, tenant, where, order, page) : all
  // As a list, which is planned by itself; as a condition on rows it would be one more table to join.
  return and(
    eq(login.tenant, tenant),
    sql`${login.id} = any(array(
      select found.id from (${found}) found order by ${loginKeys(order, page).orderOf('found')} limit ${page.limit}))`,
  )
}

/** Fewer stretches of an index are found as fast as any glance tells. */
const fewStretches = 6

/** Logins that a glance looks at for each of a page, and in all: a page of what every twentieth is lies among them. */
const glance = { each: 20, most: 2_000 } as const

/** What ended within a range is not found at either end of the starts. */
const isFrequentMaybe = (branches: readonly Branch[], { endedFrom, endedTo }: LoginFilter): boolean =>
  (endedFrom ?? endedTo) === undefined &&
  branches.reduce((sum, { each }) => sum + (each?.pieces ?? 1), 0) > fewStretches

/** A page of what is frequent lies at the end of all logins, so those are looked at first; where it does not, `all` is asked. */
const glanced = (
  all: SQL,
  tenant: string,
  { startedFrom: from, startedTo: to, ...others }: LoginFilter,
  order: LoginOrder,
  page: Page<MomentCursor>,
): SQL => {
  const keys = loginKeys(order, page)
  const inOrder = sql.join([...keys.orderBy], sql`, `)
  const most = Math.min(page.limit * glance.each, glance.most)
  // As a number that the planner cannot see: without statistics it believes that fewer logins fit at all, and sorts them.
  return sql`
    with glance as materialized (
      select ${login.id}, ${login.started} from (
        select * from ${login} where ${conditionsOf([eq(login.tenant, tenant)], { from, to }, order, page)}
        order by ${inOrder} limit (select ${most}::int)
      ) as ${login} where ${fitting(tenant, others)} order by ${inOrder} limit ${page.limit}
    )
    select id, started from glance where (select count(*) from glance) = ${page.limit}
    union all select id, started from (${all}) slow where (select count(*) from glance) < ${page.limit}`
}

/**
 * The same where it is one stretch of one index, to be read in its order up to the limit without looking rows up again, as
 * whoever walks over all of them does. Null: it is more than that.
 */
export const isOnWalk = (
  tenant: string,
  where: LoginFilter,
  order: LoginOrder,
  page: Page<MomentCursor>,
): SQL | undefined | null => {
  const [branch, ...others] = branchesOf(tenant, where)
  const isOne = branch !== undefined && others.length === 0 && branch.each === null
  if (!isOne || where.device !== undefined || where.account !== undefined) return null
  return conditionsOf([eq(login.tenant, tenant), branch.where], branch, order, page)
}

/** One page of each of these things, in one statement; each thing's rows as read. */
export const loginPagesOf = (
  db: Database,
  tenant: string,
  whose: 'device' | 'account',
  ids: readonly string[],
  where: LoginFilter,
  order: LoginOrder,
  page: Page<MomentCursor>,
) => {
  const keys = loginKeys(order, page)
  const { startedFrom: from, startedTo: to, ...others } = where
  const one = stretch(
    [eq(whose === 'device' ? login.deviceId : login.accountId, thingId), fitting(tenant, others)],
    { from, to },
    order,
    page,
  )
  return selectLogins(db, {})
    .where(
      and(
        // A thing is of one tenant. Asked within, it would offer the walk over all for a thing that has few.
        eq(login.tenant, tenant),
        sql`${login.id} in (select one.id from ${things(ids)} cross join lateral (${one}) one)`,
      ),
    )
    .orderBy(...keys.orderBy)
}

/** Null: no login can fit. */
export const loginCount = (tenant: string, where: LoginFilter): SQL | null => {
  const branches = branchesOf(tenant, where)
  if (branches.length === 0) return null
  const counts = branches.map(
    branch => sql`(select count(*) from ${login}
      where ${and(eq(login.tenant, tenant), branch.where, ...startedWithin(branch))})`,
  )
  return sql`select (${sql.join(counts, sql` + `)})::int as count`
}

/** How many logins each of these things has; one without any has no row. */
export const loginCountsOf = (
  tenant: string,
  whose: 'device' | 'account',
  ids: readonly string[],
  where: LoginFilter,
): SQL => sql`
  select thing.id, one.count::int as count from ${things(ids)} cross join lateral (
    select count(*) as count from ${login} where ${and(
      eq(whose === 'device' ? login.deviceId : login.accountId, thingId),
      eq(login.tenant, tenant),
      fitting(tenant, where),
    )}) one`

const pieceOf = (branch: Branch, page: Page<MomentCursor>, order: LoginOrder): SQL => {
  const { each } = branch
  if (each === null) return stretch([branch.where], branch, order, page)
  return sql`select one.* from ${each.of} cross join lateral (${stretch([each.where], branch, order, page)}) one`
}

const stretch = (
  where: readonly (SQL | undefined)[],
  within: Stretch,
  order: LoginOrder,
  page: Page<MomentCursor>,
): SQL => sql`select ${login.id}, ${login.started} from ${login}
    where ${conditionsOf(where, within, order, page)}
    order by ${sql.join([...loginKeys(order, page).orderBy], sql`, `)} limit ${page.limit}`

const conditionsOf = (
  where: readonly (SQL | undefined)[],
  within: Stretch,
  order: LoginOrder,
  page: Page<MomentCursor>,
): SQL | undefined => {
  const { bounds, cursors } = tightest(within, order, page)
  return and(...where, ...startedWithin(bounds), loginKeys(order, { ...page, ...cursors }).where)
}

const startedWithin = ({ from, to }: Stretch): readonly SQL[] => [
  ...(from === undefined ? [] : [gte(login.started, from)]),
  ...(to === undefined ? [] : [lt(login.started, to)]),
]

/**
 * Of a bound and a cursor on the same side only the tighter one: given both, an index may be read from the wider one on,
 * over everything that was shown before. A cursor's moment is a bound too, since the planner reckons with pairs of those only.
 */
const tightest = (within: Stretch, order: LoginOrder, { after, before }: Page<MomentCursor>) => {
  const rises = order === 'STARTED_AT_ASC'
  const [above, below] = rises ? [after, before] : [before, after]
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = within
  const low = above !== null && above.at >= from ? above : null
  const high = below !== null && below.at < to ? below : null
  return {
    bounds: {
      from: low === null ? within.from : low.at,
      to: high === null ? within.to : high.at + 1,
    },
    cursors: rises ? { after: low, before: high } : { after: high, before: low },
  }
}
