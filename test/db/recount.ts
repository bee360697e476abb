// What a question about many logins must be answered with: counted from the rows of `login` by plain SQL that knows
// nothing of cells, spans and histograms.

import { type SQL, sql } from 'drizzle-orm'
import type { LoginDimension, StatisticsQuestion } from '../../src/db/statistics-store.ts'
import type { TestDatabase } from '../support/database.ts'

export interface Recounted {
  readonly bucket: number | null
  readonly keys: readonly (string | null)[]
  readonly counts: readonly number[]
  /** p50, p90, p95 and p99, each the nearest rank; null: nobody got there. */
  readonly toScan: readonly number[] | null
  readonly toConfirm: readonly number[] | null
}

const scannedOut = sql.raw(
  `(qr_code_issued is not null or reason is not distinct from 'SIGNED_IN' or (first_method is not distinct from 'PUSH'
    and (reason is null or reason not in ('DEVICE_UNKNOWN', 'DEVICE_RESET_REQUIRED'))))`,
)
const implied =
  sql.raw(`(scanned is not null or was_challenged or (reason is not null and reason in ('SIGNED_IN',
  'DECLINED_ON_PHONE', 'WRONG_ACCOUNT', 'CODE_EXPIRED', 'CODE_REJECTED', 'SLIDER_EXPIRED', 'NEW_DEVICE_VERIFICATION')))`)

/** In the order of `Recounted.counts`. */
export const countNames = [
  'started',
  'live',
  'prompted',
  'scanned',
  'challenged',
  'confirmed',
  'alreadySignedIn',
  'expired',
  'rejected',
  'cancelled',
  'failed',
] as const

export const recount = async (
  database: TestDatabase,
  tenant: string,
  { where, groupBy, interval, timeZone, dialects }: StatisticsQuestion,
): Promise<readonly Recounted[]> => {
  const conditions: SQL[] = [sql`tenant = ${tenant}`]
  const among = (column: string, values: readonly string[] | undefined) => {
    if (values !== undefined)
      conditions.push(
        sql`${sql.raw(column)} = any (${JSON.stringify(values).replace('[', '{').replace(']', '}')}::text::text[])`,
      )
  }
  among('state', where.state)
  among('reason', where.reason)
  among('method', where.method)
  among('first_method', where.firstMethod)
  among('strategy', where.strategy)
  among('provider', where.provider)
  among('device_type', where.deviceType)
  among('province', where.province)
  among('started_by', where.startedBy)
  if (where.firstOnDevice !== undefined) conditions.push(sql`first_on_device = ${where.firstOnDevice}`)
  if (where.live !== undefined) conditions.push(where.live ? sql`ended is null` : sql`ended is not null`)
  for (const [column, sign, at] of [
    ['started', '>=', where.startedFrom],
    ['started', '<', where.startedTo],
    ['ended', '>=', where.endedFrom],
    ['ended', '<', where.endedTo],
  ] as const)
    if (at !== undefined)
      conditions.push(sql`${sql.raw(`${column} ${sign}`)} ${new Date(at).toISOString()}::timestamptz`)

  const local = sql`(started at time zone ${timeZone}::text)`
  const bucket =
    interval === null
      ? sql`null::float8`
      : interval === 'HOUR'
        ? sql`extract(epoch from date_bin(interval '1 hour', started, timestamp '2001-01-01 00:00' at time zone ${timeZone}::text))::float8 * 1000`
        : sql`extract(epoch from date_trunc(${interval.toLowerCase()}::text, ${local}) at time zone ${timeZone}::text)::float8 * 1000`
  const keys = groupBy.map((dimension): SQL => {
    if (dimension === 'HOUR_OF_DAY') return sql`extract(hour from ${local})::int::text`
    if (dimension === 'DAY_OF_WEEK') return sql`extract(isodow from ${local})::int::text`
    if (dimension === 'DIALECT') return sql`${JSON.stringify(dialects)}::text::jsonb ->> provider`
    return sql`${sql.raw(columnOf[dimension])}::text`
  })
  const groups = sql`group by ${sql.join(
    [bucket, ...keys].map((_, at) => sql.raw(String(at + 1))),
    sql`, `,
  )}`
  const rows = await database.rows<Record<string, unknown>>(sql`
    select ${sql.join(
      [bucket, ...keys].map((group, at) => sql`${group} as ${sql.raw(`g${at}`)}`),
      sql`, `,
    )},
      count(*)::int as c0, count(*) filter (where ended is null)::int as c1, count(*) filter (where ${scannedOut})::int as c2,
      count(*) filter (where ${scannedOut} and ${implied})::int as c3, count(*) filter (where was_challenged)::int as c4,
      count(*) filter (where reason = 'SIGNED_IN')::int as c5, count(*) filter (where reason = 'ALREADY_SIGNED_IN')::int as c6,
      count(*) filter (where state = 'EXPIRED')::int as c7, count(*) filter (where state = 'REJECTED')::int as c8,
      count(*) filter (where state = 'CANCELLED')::int as c9, count(*) filter (where state = 'FAILED')::int as c10,
      array_to_json(percentile_disc(array[0.5, 0.9, 0.95, 0.99]) within group (order by extract(epoch from scanned - started)::float8))::text as scan,
      array_to_json(percentile_disc(array[0.5, 0.9, 0.95, 0.99]) within group (order by extract(epoch from confirmed - started)::float8))::text as confirm
    from login where ${sql.join(conditions, sql` and `)} ${interval === null && groupBy.length === 0 ? sql`` : groups}`)
  return rows.map(row => ({
    bucket: row.g0 === null ? null : Number(row.g0),
    keys: groupBy.map((_, at) => (row[`g${at + 1}`] as string | null) ?? null),
    counts: countNames.map((_, at) => Number(row[`c${at}`])),
    toScan: percentiles(row.scan),
    toConfirm: percentiles(row.confirm),
  }))
}

const percentiles = (text: unknown): readonly number[] | null => {
  if (typeof text !== 'string') return null
  const found = JSON.parse(text) as readonly (number | null)[]
  return found.includes(null) ? null : (found as readonly number[])
}

const columnOf: Readonly<Record<Exclude<LoginDimension, 'HOUR_OF_DAY' | 'DAY_OF_WEEK' | 'DIALECT'>, string>> =
  {
    PROVIDER: 'provider',
    METHOD: 'method',
    FIRST_METHOD: 'first_method',
    STRATEGY: 'strategy',
    DEVICE_TYPE: 'device_type',
    PROVINCE: 'province',
    REASON: 'reason',
    FIRST_ON_DEVICE: 'first_on_device',
  }
