// Counting logins: one statement over cells, so that every number of an answer is of the same moment.

import { eq, type SQL, sql } from 'drizzle-orm'
import type { Millis } from '../login/vocabulary.ts'
import type { Connection, Database } from './connection/connection.ts'
import type { LoginFilter } from './filters.ts'
import { foldLogins } from './fold.ts'
import { percentilesOf } from './histogram.ts'
import { inLine } from './in-line.ts'
import { cellsOf, cubeFor } from './login-cells.ts'
import { cellColumns, countColumns, gridOrigin } from './login-facts.ts'
import { ask, millis, momentList, rowsOf } from './statement.ts'
import type {
  LoginCounts,
  LoginDimension,
  StatisticsAnswer,
  StatisticsQuestion,
  StatisticsStore,
  StatsInterval,
} from './statistics-store.ts'
import { login } from './tables/login.ts'
import type { Span } from './tables/login-rollup.ts'
import { readZone, type ZonedRange, zoneNamed } from './time-zone.ts'

export const statisticsLimits = { buckets: 10_000, rows: 10_000 } as const

const nothing: StatisticsAnswer = { kind: 'COUNTED', rows: [] }

/** As many as the pool behind `forStatistics` has connections, each statement of theirs for five seconds at most. */
const line = { places: 2, patience: 8_000 } as const

export const statisticsStore = (connection: Connection): StatisticsStore => {
  const turn = inLine(line.places, line.patience)
  return {
    foldLogins: async () => (await foldLogins(connection)).logins,
    readLoginStatistics: (tenant, asked, asker = asked) =>
      turn(tenant, asker, () =>
        answerOf(connection, tenant, { ...asked, timeZone: zoneNamed(asked.timeZone) }),
      ),
  }
}

/**
 * How many logins fit, where cells tell: as quick as a list, and read like one, so that it stands in no line behind questions that take
 * seconds. Rejects with DatabaseError.
 */
export const countFromCells =
  ({ forPages }: Pick<Connection, 'forPages'>) =>
  async (tenant: string, where: LoginFilter): Promise<number> => {
    const answer = await count(forPages, tenant, { ...everything, where }, null)
    return answer.kind === 'COUNTED' ? (answer.rows[0]?.started ?? 0) : 0
  }

/** One row for all logins, without percentiles: what other questions are made from. */
export const everything: StatisticsQuestion = {
  where: {},
  groupBy: [],
  interval: null,
  timeZone: 'UTC',
  durations: false,
  dialects: {},
}

const answerOf = async (
  connection: Connection,
  tenant: string,
  question: StatisticsQuestion,
): Promise<StatisticsAnswer> => {
  if (!needsZone(question)) return await count(connection.forStatistics, tenant, question, null)
  const held = await heldRange(connection, tenant)
  const { startedFrom: from = held?.from, startedTo: to = held?.to } = question.where
  if (tooMany(question.interval, from, to)) return { kind: 'TOO_MANY_BUCKETS' }
  const range = { from: Math.max(from ?? 0, held?.from ?? 0), to: Math.min(to ?? 0, held?.to ?? 0) }
  // Where there is nothing, any moment tells whether the zone is known.
  const zone = await readZone(connection, question, { ...range, to: Math.max(range.from, range.to) })
  if (zone === null) return { kind: 'UNKNOWN_TIME_ZONE' }
  if (held === null || range.from >= range.to) return nothing
  return await count(
    connection.forStatistics,
    tenant,
    { ...question, where: within(question.where, zone) },
    zone,
  )
}

/** What comes while this is asked belongs to an interval that is on the list, or is not counted. */
const within = (where: LoginFilter, { beginnings }: ZonedRange): LoginFilter => {
  const [first] = beginnings
  const last = beginnings.at(-1)
  if (first === undefined || last === undefined) return where
  return {
    ...where,
    startedFrom: Math.max(where.startedFrom ?? first, first),
    startedTo: Math.min(where.startedTo ?? last, last),
  }
}

const needsZone = ({ interval, groupBy }: StatisticsQuestion): boolean =>
  interval !== null || groupBy.includes('HOUR_OF_DAY') || groupBy.includes('DAY_OF_WEEK')

/** From the first login of the tenant to behind the last. Null: there is none. */
const heldRange = async (
  { forStatistics }: Pick<Connection, 'forStatistics'>,
  tenant: string,
): Promise<{ readonly from: Millis; readonly to: Millis } | null> => {
  const [found] = await ask(() =>
    forStatistics
      .select({ first: millis(sql`min(${login.started})`), last: millis(sql`max(${login.started})`) })
      .from(login)
      .where(eq(login.tenant, tenant)),
  )
  return found?.first == null ? null : { from: found.first, to: found.last + 1 }
}

const shortest: Readonly<Record<StatsInterval, Millis>> = {
  HOUR: 3_600_000,
  DAY: 86_400_000,
  WEEK: 7 * 86_400_000,
  MONTH: 28 * 86_400_000,
}

const tooMany = (interval: StatsInterval | null, from: Millis | undefined, to: Millis | undefined): boolean =>
  interval !== null &&
  from !== undefined &&
  to !== undefined &&
  (to - from) / shortest[interval] > statisticsLimits.buckets

/** How wide cells may be: as an hour where hours are told apart, and else as any that no border runs through. */
const widestFor = ({ interval, groupBy }: StatisticsQuestion, zone: ZonedRange | null): Span => {
  const byHour = interval === 'HOUR' || groupBy.includes('HOUR_OF_DAY')
  return !byHour || zone === null ? 'DAY' : zone.wholeHours ? 'HOUR' : 'QUARTER'
}

const count = async (
  on: Database,
  tenant: string,
  question: StatisticsQuestion,
  zone: ZonedRange | null,
): Promise<StatisticsAnswer> => {
  const { where, groupBy, durations } = question
  const cube = cubeFor(where, groupBy)
  const cells = cellsOf(
    tenant,
    where,
    cube && {
      cube,
      borders: zone?.borders ?? [],
      widest: widestFor(question, zone),
    },
  )
  const bucket = bucketOf(question, zone)
  const keys = groupBy.map(dimension => keyOf(dimension, question))
  const groups = [...(bucket === null ? [] : [bucket]), ...keys]
  const places = sql.raw(groups.map((_, place) => place + 1).join(', '))
  const columns = [
    ...groups.map((group, place) => sql`${group} as ${sql.raw(groupNamed(place))}`),
    ...sums,
    ...(durations ? histograms : []),
  ]
  const ofGroups =
    groups.length === 0
      ? sql``
      : sql`group by ${places} order by ${places} limit ${statisticsLimits.rows + 1}`
  // By column name: the query builder takes half as long again to map thousands of rows as the database to count them.
  const rows = await rowsOf<Row>(
    on,
    sql`select ${sql.join(columns, sql`, `)} from (${cells}) as cell (${cellColumns}) ${ofGroups}`,
  )
  if (rows.length > statisticsLimits.rows) return { kind: 'TOO_MANY_ROWS' }
  const first = bucket === null ? 0 : 1
  const told: LoginCounts[] = []
  for (const row of rows) {
    // Percentiles of thousands of rows would keep the polls of live logins waiting.
    if (durations && told.length % 200 === 199) await new Promise(resolve => setImmediate(resolve))
    told.push({
      ...countsOf(row),
      bucket: bucket === null ? null : beginningOf(row[groupNamed(0)], zone),
      keys: groupBy.map((_, place) => textOf(row[groupNamed(place + first)])),
    })
  }
  return { kind: 'COUNTED', rows: told }
}

const groupNamed = (place: number): string => `group_${place}`

const counted = [...countColumns, 'live'] as const

const sums = counted.map(name => sql.raw(`coalesce(sum(${name}), 0)::int as ${name}`))

/** Base64: the drivers would hand bytes over as hex digits. */
const histograms = ['to_scan', 'to_confirm'].map(name =>
  sql.raw(`encode(string_agg(${name}, ''::bytea), 'base64') as ${name}`),
)

type Row = Readonly<Record<(typeof counted)[number], number>> & {
  readonly to_scan?: string | null
  readonly to_confirm?: string | null
} & Readonly<Record<string, unknown>>

/** Of whole hours the moment at which one began; of all else the number among the beginnings. */
const bucketOf = ({ interval }: StatisticsQuestion, zone: ZonedRange | null): SQL | null => {
  if (interval === null || zone === null) return null
  if (interval === 'HOUR' && zone.wholeHours)
    return sql`extract(epoch from date_bin(interval '1 hour', bucket, ${gridOrigin}))::float8`
  // As a row of its own it is read once, and not for each cell.
  return sql`width_bucket(bucket, (select ${momentList(zone.beginnings)}))`
}

const beginningOf = (group: unknown, zone: ZonedRange | null): Millis => {
  const number = Number(group)
  const beginning = zone?.beginnings[number - 1]
  return beginning ?? number * 1_000
}

const keyOf = (dimension: LoginDimension, { timeZone, dialects }: StatisticsQuestion): SQL => {
  if (dimension === 'DIALECT') return sql`${JSON.stringify(dialects)}::text::jsonb ->> provider`
  if (dimension === 'HOUR_OF_DAY') return sql`extract(hour from bucket at time zone ${timeZone}::text)::int`
  if (dimension === 'DAY_OF_WEEK') return sql`extract(isodow from bucket at time zone ${timeZone}::text)::int`
  return sql.raw(dimension.toLowerCase())
}

const textOf = (group: unknown): string | null =>
  group === null || group === undefined || group === '' ? null : String(group)

const countsOf = (row: Row): Omit<LoginCounts, 'bucket' | 'keys'> => ({
  started: row.started,
  live: row.live,
  prompted: row.prompted,
  scanned: row.scanned,
  challenged: row.challenged,
  confirmed: row.confirmed,
  alreadySignedIn: row.already_signed_in,
  expired: row.expired,
  rejected: row.rejected,
  cancelled: row.cancelled,
  failed: row.failed,
  toScan: durationsOf(row.to_scan),
  toConfirm: durationsOf(row.to_confirm),
})

const durationsOf = (histogram: string | null | undefined) =>
  histogram == null ? null : percentilesOf(Buffer.from(histogram, 'base64'))
