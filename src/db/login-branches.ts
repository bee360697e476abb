// Which logins a filter asks for, as parts that do not overlap: each is read from the end of an index, however rare what
// it asks for, and all of them together are what was asked. Knows the indexes of `login`, and no page.

import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import { endOf, reasonsOf } from '../login/ending.ts'
import type { LoginMethod, Millis, OutcomeReason } from '../login/vocabulary.ts'
import type { LoginFilter } from './filters.ts'
import { fitting, loginConditions } from './login-filter.ts'
import { textList } from './statement.ts'
import { account } from './tables/account.ts'
import { login } from './tables/login.ts'

/** A stretch of the order of starts. Undefined: without an end. */
export interface Stretch {
  /** From then on. */
  readonly from: Millis | undefined
  /** Before then. */
  readonly to: Millis | undefined
}

export interface Branch extends Stretch {
  /** What its logins are, but for when they started. */
  readonly where: SQL | undefined
  /** The same in `pieces`, more or less: one stretch of an index for each row of `of`. Null: it is one. */
  readonly each: { readonly of: SQL; readonly where: SQL | undefined; readonly pieces: number } | null
}

/** A login lives for minutes, unless nobody was there to end it: those few have an index of their own, `login_long`. */
const long: Millis = 3_600_000

/** None: nothing can fit. */
export const branchesOf = (tenant: string, where: LoginFilter): readonly Branch[] => {
  if (Object.values(where).some(value => Array.isArray(value) && value.length === 0)) return []
  // Of these there are few logins. Their tenant is asked for with the rows: asked for here, it would offer the walk
  // over all logins in place of the few.
  if (where.device !== undefined || where.account !== undefined)
    return [plain(where, it => fitting(tenant, it))]
  if (where.reference !== undefined) return [plain(where, it => loginConditions(tenant, it))]
  if (where.wcId !== undefined) return ofWcId(tenant, where.wcId, where)
  const live = livePart(tenant, where)
  const ended = endedParts(tenant, where)
  const isWalk = live !== null && ended.length === 1 && !isNarrowed(where)
  if (isWalk) return [plain(where, it => loginConditions(tenant, it))]
  return live === null ? ended : [live, ...ended]
}

type Conditions = (where: LoginFilter) => SQL | undefined

const plain = (
  { startedFrom: from, startedTo: to, ...others }: LoginFilter,
  conditions: Conditions,
): Branch => ({
  from,
  to,
  where: conditions(others),
  each: null,
})

/** By more than when it started, by which the walk over all is ordered. */
const isNarrowed = (where: LoginFilter): boolean =>
  (where.state ?? where.reason ?? where.upstreamCode) !== undefined || isFaceted(where)

/** As `login-filter.ts` says it in one condition: logins that signed this account in, and those that expected it and did not get there. */
const ofWcId = (tenant: string, wcId: string, { wcId: _, ...others }: LoginFilter): readonly Branch[] => {
  const accounts = sql`(select ${account.id} from ${account}
    where ${account.tenant} = ${tenant} and ${account.wcId} = ${wcId})`
  const made = plain(others, it => and(sql`${login.accountId} in ${accounts}`, loginConditions(tenant, it)))
  const read = plain(others, it => and(sql`${login.accountId} = signed_in.id`, fitting(tenant, it)))
  return [
    { ...made, each: { of: sql`${accounts} as signed_in`, where: read.where, pieces: 1 } },
    plain(others, it =>
      and(isNull(login.accountId), eq(login.expectedWcId, wcId), loginConditions(tenant, it)),
    ),
  ]
}

const livePart = (tenant: string, where: LoginFilter): Branch | null => {
  const { live, state, reason, upstreamCode, endedFrom, endedTo } = where
  if (live === false || (reason ?? upstreamCode ?? endedFrom ?? endedTo) !== undefined) return null
  if (state?.every(name => endings.has(name))) return null
  return plain({ ...where, live: true }, it => loginConditions(tenant, it))
}

const endings: ReadonlySet<string> = new Set(Object.values(endOf))

const endedParts = (tenant: string, where: LoginFilter): readonly Branch[] => {
  const { state: _, startedFrom, startedTo, ...others } = where
  const reasons = reasonsAsked(where)
  if (where.live === true || reasons?.length === 0) return []
  const asked: LoginFilter = { ...others, live: false, ...(reasons === undefined ? {} : { reason: reasons }) }
  const { endedFrom, endedTo } = where
  // What ended before then has started before then, and mostly within the hour.
  const to = earlier(startedTo, endedTo)
  const edge = endedFrom === undefined ? 0 : endedFrom - long
  if (endedFrom === undefined || (startedFrom ?? 0) >= edge)
    return [{ from: startedFrom, to, ...endedPart(tenant, asked) }]
  return [
    { from: edge, to, ...endedPart(tenant, asked) },
    {
      from: startedFrom,
      to: earlier(to, edge),
      where: and(loginConditions(tenant, asked), sql`${login.ended} - ${login.started} > interval '1 hour'`),
      each: null,
    },
  ]
}

const earlier = (one: Millis | undefined, other: Millis | undefined): Millis | undefined =>
  one === undefined ? other : other === undefined ? one : Math.min(one, other)

const everyReason = Object.keys(endOf) as OutcomeReason[]

/** Each reason is of one state, and no reason is of a live one. Undefined: any. */
const reasonsAsked = ({ state, reason }: LoginFilter): readonly OutcomeReason[] | undefined => {
  if (state === undefined) return reason
  const ofStates = reasonsOf(state)
  return reason === undefined ? ofStates : ofStates.filter(one => reason.includes(one))
}

/** Its indexes are by one facet and the reason, so that what was asked for by both is found as fast as by one. */
const endedPart = (tenant: string, where: LoginFilter): Pick<Branch, 'where' | 'each'> => {
  const whole = endedConditions(tenant, where)
  const merged = mergedOf(where)
  if (merged.length === 0) return { where: whole, each: null }
  const kept: { -readonly [Name in keyof LoginFilter]: LoginFilter[Name] } = { ...where }
  for (const [name] of merged) delete kept[name]
  const same = merged.map(([name]) => sql`${columns[name]} = ${sql.identifier(name)}.value`)
  const lists = merged.map(
    ([name, values]) => sql`unnest(${textList(values)}) as ${sql.identifier(name)}(value)`,
  )
  return {
    where: whole,
    each: {
      of: sql.join(lists, sql` cross join `),
      where: and(endedConditions(tenant, kept), ...same),
      pieces: merged.reduce((product, [, values]) => product * values.length, 1),
    },
  }
}

/** The first method stands apart for its index, see the table. */
const endedConditions = (tenant: string, { firstMethod, ...where }: LoginFilter): SQL | undefined =>
  and(
    loginConditions(tenant, where),
    firstMethod === undefined ? undefined : inArray(login.firstMethodAtEnd, [...firstMethod]),
  )

/**
 * The lists of which each value is read by itself, together one index: at most one facet, and the reasons beside it. A value
 * that was given twice is read once: its logins would fill the page twice.
 */
const mergedOf = (where: LoginFilter): readonly (readonly [Column, readonly string[]])[] => {
  const given = (name: Column, otherwise: readonly string[] = []): readonly [Column, readonly string[]] => [
    name,
    [...new Set(where[name] ?? otherwise)],
  ]
  if (where.upstreamCode !== undefined) return [given('upstreamCode')].filter(several)
  const asked = facets.filter(name => where[name] !== undefined)
  const reasons = given('reason', isFaceted(where) ? everyReason : [])
  // The methods stand in that index too, so that how one does on the other is found as fast as either.
  const ofDeviceType = asked[0] === 'deviceType' && asked.every(name => name !== 'firstMethod')
  if (ofDeviceType) return [given('deviceType'), given('method', everyMethod), reasons].filter(several)
  const facet = asked.map(name => given(name)).find(several)
  return [...(facet === undefined ? [] : [facet]), reasons].filter(several)
}

const everyMethod: readonly LoginMethod[] = ['QR_CODE', 'PUSH']

const several = ([, values]: readonly [Column, readonly string[]]): boolean => values.length > 1

/** How what a list may be given of is found of an ended login. */
const columns = {
  startedBy: login.startedBy,
  province: login.province,
  provider: login.provider,
  strategy: login.strategy,
  deviceType: login.deviceType,
  firstMethod: login.firstMethodAtEnd,
  method: login.method,
  upstreamCode: login.upstreamCode,
  reason: login.reason,
} as const

type Column = keyof typeof columns

/** What an index begins with, before the reason; the one of most values first. */
const facets = [
  'startedBy',
  'province',
  'provider',
  'strategy',
  'deviceType',
  'firstMethod',
  'method',
] as const

const isFaceted = (where: LoginFilter): boolean =>
  where.firstOnDevice !== undefined || facets.some(name => where[name] !== undefined)
