// What a time zone makes of a range: where its days, weeks or months begin, and which cells may count it.
// The zones are the database's own.

import { type SQL, sql } from 'drizzle-orm'
import type { Millis } from '../login/vocabulary.ts'
import type { Connection } from './connection/connection.ts'
import { DatabaseError, databaseError } from './errors.ts'
import { gridOrigin } from './login-facts.ts'
import { ask, iso, millis } from './statement.ts'
import type { StatisticsQuestion, StatsInterval } from './statistics-store.ts'

export interface ZonedRange {
  /** Of the intervals in rising order, from at or before the range to behind it; none for whole hours, which need no list. */
  readonly beginnings: readonly Millis[]
  /** What no cell may reach over: beginnings of intervals, and of days where their weekdays are told apart. */
  readonly borders: readonly Millis[]
  /** All through the range its clock is whole hours away from UTC's. */
  readonly wholeHours: boolean
}

/** Null: the database knows no such zone. */
export const readZone = async (
  { forStatistics }: Pick<Connection, 'forStatistics'>,
  { timeZone, interval, groupBy }: Pick<StatisticsQuestion, 'timeZone' | 'interval' | 'groupBy'>,
  range: { readonly from: Millis; readonly to: Millis },
): Promise<ZonedRange | null> => {
  const byDay = groupBy.includes('DAY_OF_WEEK') && interval !== 'HOUR' && interval !== 'DAY'
  try {
    const [found] = await ask(() =>
      forStatistics
        .select({
          beginnings:
            interval === null
              ? none
              : interval === 'HOUR'
                ? sql<List>`case when not ${wholeHours} then ${hours(timeZone, range)} end`
                : beginnings(timeZone, range, interval),
          days: byDay ? beginnings(timeZone, range, 'DAY') : none,
          wholeHours,
        })
        .from(sql`(
          select extract(epoch from (day at time zone ${timeZone}::text) - (day at time zone 'UTC'))::int as away
          from generate_series(${iso(range.from)}::timestamptz - interval '1 day',
            ${iso(range.to)}::timestamptz + interval '1 day', interval '1 day') as day
        ) as days`),
    )
    const { beginnings: own, days, wholeHours: whole } = found ?? {}
    const borders = interval === 'HOUR' ? null : (days ?? own)
    return { beginnings: own ?? [], borders: borders ?? [], wholeHours: whole ?? false }
  } catch (error) {
    const failure = databaseError(error)
    if (failure instanceof DatabaseError && failure.code === '22023') return null
    throw failure
  }
}

type List = readonly Millis[] | null
type Ends = { readonly from: Millis; readonly to: Millis }

const none = sql<null>`null::jsonb`

/** Null: no day was looked at. */
const wholeHours = sql<boolean | null>`bool_and(away % 3600 = 0)`

const beginnings = (
  timeZone: string,
  { from, to }: Ends,
  interval: Exclude<StatsInterval, 'HOUR'>,
): SQL<List> => {
  const unit = sql.raw(`'${interval.toLowerCase()}'`)
  const step = sql.raw(`interval '1 ${interval.toLowerCase()}'`)
  return sql<List>`(
    select jsonb_agg(${millis(firstAt(timeZone))} order by local) from (
      select local from generate_series(date_trunc(${unit}, ${iso(from)}::timestamptz at time zone ${timeZone}::text),
        (${iso(to)}::timestamptz at time zone ${timeZone}::text) + ${step}, ${step}) as local
    ) as locals)`
}

/** By a clock that is half an hour or so away, now or at times: where it is another hour than a quarter of an hour before, or leapt. */
const hours = (timeZone: string, { from, to }: Ends): SQL<List> => sql<List>`(
  select jsonb_agg(${millis(sql`quarter`)} order by quarter) from (
    select quarter, date_trunc('hour', local) as hour, local - quarter at time zone 'UTC' as away,
      lag(date_trunc('hour', local)) over earlier as hour_before, lag(local - quarter at time zone 'UTC') over earlier as away_before
    from (
      select quarter, quarter at time zone ${timeZone}::text as local
      from generate_series(date_bin(interval '15 minutes', ${iso(from)}::timestamptz, ${gridOrigin}) - interval '75 minutes',
        ${iso(to)}::timestamptz + interval '75 minutes', interval '15 minutes') as quarter
    ) as locals window earlier as (order by quarter)
  ) as quarters where hour <> hour_before or away <> away_before)`

/** Where a clock goes back over midnight that comes twice: the day begins with the first. Where it is leapt over: with what follows. */
const firstAt = (timeZone: string): SQL => sql`coalesce((
  select min(moment) from (select local at time zone ${timeZone}::text as late) as known
    cross join lateral unnest(array[late, late - interval '30 minutes', late - interval '1 hour', late - interval '2 hours',
      late - interval '3 hours']) as moment
  where moment at time zone ${timeZone}::text = local), local at time zone ${timeZone}::text)`

/** IANA's own links for those names that Postgres takes for abbreviations, without their summer time. */
const links: Readonly<Record<string, string>> = {
  CET: 'Europe/Brussels',
  EET: 'Europe/Athens',
  MET: 'Europe/Brussels',
  WET: 'Europe/Lisbon',
  EST: 'America/Panama',
  MST: 'America/Phoenix',
  HST: 'Pacific/Honolulu',
}

/** The same zone by a name that means the same to the database. */
export const zoneNamed = (timeZone: string): string => links[timeZone.toUpperCase()] ?? timeZone
