// The logins that a question is about, as cells: from `login_rollup` where that keeps apart what is asked, and else from
// the logins themselves, each a cell of its own. Live ones and those not folded yet are always read themselves.

import { and, gte, inArray, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { reasonsOf } from '../login/ending.ts'
import type { LoginFilter } from './filters.ts'
import { loginFacts } from './login-facts.ts'
import { loginConditions } from './login-filter.ts'
import { type Cut, cutRange, type Range } from './rollup.ts'
import { iso } from './statement.ts'
import type { LoginDimension } from './statistics-store.ts'
import { login } from './tables/login.ts'
import { type Cube, loginRollup, type Span } from './tables/login-rollup.ts'

/** What may be asked of cells of each cube, besides when. */
const kept: Readonly<Record<Cube, ReadonlySet<keyof LoginFilter | LoginDimension>>> = {
  PLACE: new Set(['provider', 'province', 'PROVIDER', 'DIALECT', 'PROVINCE']),
  WAY: new Set([
    'provider',
    'strategy',
    'method',
    'firstMethod',
    'deviceType',
    'firstOnDevice',
    'reason',
    'state',
    'PROVIDER',
    'DIALECT',
    'STRATEGY',
    'METHOD',
    'FIRST_METHOD',
    'DEVICE_TYPE',
    'FIRST_ON_DEVICE',
    'REASON',
  ]),
}

/** Asked of the moment of the start, or of the live ones that are read apart: any cube can tell. */
const ofAnyCube: ReadonlySet<keyof LoginFilter | LoginDimension> = new Set([
  'startedFrom',
  'startedTo',
  'live',
  'HOUR_OF_DAY',
  'DAY_OF_WEEK',
])

/** Null: no cube tells these apart. The one with fewer cells comes first. */
export const cubeFor = (where: LoginFilter, groupBy: readonly LoginDimension[]): Cube | null => {
  const asked = [...(Object.keys(where) as (keyof LoginFilter)[]), ...groupBy].filter(
    one => !ofAnyCube.has(one),
  )
  return (['PLACE', 'WAY'] as const).find(cube => asked.every(one => kept[cube].has(one))) ?? null
}

/** `widest`: null where only the logins themselves may be read. */
export const cellsOf = (
  tenant: string,
  where: LoginFilter,
  cells: { readonly cube: Cube; readonly widest: Span } | null,
): SQL => {
  const range: Range = { from: where.startedFrom ?? null, to: where.startedTo ?? null }
  const parts: SQL[] = []
  const own = (from: SQL, within: Range, more: SQL | undefined) =>
    parts.push(
      sql`select ${loginFacts} from ${from} where ${and(loginConditions(tenant, where), during(within), more)}`,
    )
  if (where.live !== false) own(sql`${login}`, range, isNull(login.ended))
  if (where.live !== true) {
    const cut: Cut =
      cells === null ? { cells: [], covered: null, rest: [range] } : cutRange(range, cells.widest)
    for (const rest of cut.rest) own(sql`${login}`, rest, isNotNull(login.ended))
    if (cells !== null && cut.covered !== null) {
      own(
        sql`login_unfolded join ${login} on ${login.id} = login_unfolded.login_id`,
        cut.covered,
        isNotNull(login.ended),
      )
      for (const piece of cut.cells) parts.push(foldedCells(tenant, where, cells.cube, piece))
    }
  }
  return sql.join(parts, sql` union all `)
}

const during = ({ from, to }: Range): SQL | undefined =>
  and(from === null ? undefined : gte(login.started, from), to === null ? undefined : lt(login.started, to))

const foldedCells = (
  tenant: string,
  where: LoginFilter,
  cube: Cube,
  { span, from, to }: Range & { readonly span: Span },
): SQL => sql`
  select bucket, provider, province, strategy, method, first_method, device_type, first_on_device::text as first_on_device,
    reason, started, 0 as live, prompted, scanned, challenged, confirmed, already_signed_in, expired, rejected, cancelled,
    failed, to_scan, to_confirm
  from login_rollup where ${and(
    sql`tenant = ${tenant}`,
    sql`cube = ${cube}`,
    sql`span = ${span}`,
    from === null ? undefined : sql`bucket >= ${iso(from)}::timestamptz(3)`,
    to === null ? undefined : sql`bucket < ${iso(to)}::timestamptz(3)`,
    where.provider && inArray(loginRollup.provider, [...where.provider]),
    // Empty stands for none here, and for nothing there.
    where.province &&
      inArray(
        loginRollup.province,
        where.province.filter(name => name !== ''),
      ),
    where.strategy && inArray(loginRollup.strategy, [...where.strategy]),
    where.method && inArray(loginRollup.method, [...where.method]),
    where.firstMethod && inArray(loginRollup.firstMethod, [...where.firstMethod]),
    where.deviceType && inArray(loginRollup.deviceType, [...where.deviceType]),
    where.firstOnDevice === undefined ? undefined : sql`first_on_device = ${where.firstOnDevice}`,
    where.reason && inArray(loginRollup.reason, [...where.reason]),
    where.state && inArray(loginRollup.reason, [...reasonsOf(where.state)]),
  )}`
