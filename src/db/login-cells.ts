// The logins that a question is about, as cells: from `login_rollup` where that keeps apart what is asked, and else from
// the logins themselves, each a cell of its own. Live ones and those not folded yet are always read themselves.

import { and, gte, inArray, isNotNull, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import { reasonsOf } from '../login/ending.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { LoginFilter } from './filters.ts'
import { loginFacts } from './login-facts.ts'
import { loginConditions } from './login-filter.ts'
import { type Cut, cutRange, type Piece, type Range } from './rollup.ts'
import { momentList, textList } from './statement.ts'
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

/** How cells may be used: of which cube, cut where, and how wide. */
export interface CellUse {
  readonly cube: Cube
  /** In rising order: no cell that a border runs through is read. */
  readonly borders: readonly Millis[]
  readonly widest: Span
}

/** `use`: null where only the logins themselves may be read. */
export const cellsOf = (tenant: string, where: LoginFilter, use: CellUse | null): SQL => {
  const range: Range = { from: where.startedFrom ?? null, to: where.startedTo ?? null }
  const parts: SQL[] = []
  const own = (from: SQL, more: SQL | undefined) =>
    parts.push(sql`select ${loginFacts} from ${from} where ${and(loginConditions(tenant, where), more)}`)
  if (where.live !== false) own(sql`${login}`, isNull(login.ended))
  if (where.live !== true) {
    const { pieces, covered, rest }: Cut =
      use === null ? { pieces: [], covered: [], rest: [range] } : cutRange(range, use.borders, use.widest)
    for (const left of rest) own(sql`${login}`, and(isNotNull(login.ended), during(left)))
    if (use !== null && covered.length > 0) {
      own(
        sql`login_unfolded join ${login} on ${login.id} = login_unfolded.login_id`,
        and(isNotNull(login.ended), or(...covered.map(during))),
      )
      parts.push(foldedCells(tenant, where, use.cube, pieces))
    }
  }
  return sql.join(parts, sql` union all `)
}

const during = ({ from, to }: Range): SQL | undefined =>
  and(from === null ? undefined : gte(login.started, from), to === null ? undefined : lt(login.started, to))

/** One stretch of the index for each piece. Without the `offset` the planner joins, and reads the cells of all times. */
const foldedCells = (tenant: string, where: LoginFilter, cube: Cube, pieces: readonly Piece[]): SQL => sql`
  select counted.* from ${listed(pieces)} as piece(of_span, first, beyond) cross join lateral (
    select bucket, provider, province, strategy, method, first_method, device_type, first_on_device::text, reason, started,
      0 as live, prompted, scanned, challenged, confirmed, already_signed_in, expired, rejected, cancelled, failed, to_scan,
      to_confirm
    from login_rollup where ${and(
      sql`tenant = ${tenant}`,
      sql`cube = ${cube}`,
      sql`span = of_span`,
      sql`bucket >= first`,
      sql`bucket < beyond`,
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
    )} offset 0) as counted`

/** As rows, in three values: a year of a zone's days may be hundreds. */
const listed = (pieces: readonly Piece[]): SQL => sql`unnest(${textList(pieces.map(({ span }) => span))},
  ${momentList(pieces.map(({ from }) => from ?? '-infinity'))}, ${momentList(pieces.map(({ to }) => to ?? 'infinity'))})`
