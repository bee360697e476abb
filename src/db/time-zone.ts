// What a time zone makes of a range: where its days, weeks or months begin, and how wide the cells may be that count it.
// The zones are the database's own.

import { type SQL, sql } from 'drizzle-orm'
import type { Millis } from '../login/vocabulary.ts'
import type { Connection } from './connection/connection.ts'
import { DatabaseError, databaseError } from './errors.ts'
import { spans } from './rollup.ts'
import { ask, iso, millis } from './statement.ts'
import type { StatisticsQuestion, StatsInterval } from './statistics-store.ts'
import type { Span } from './tables/login-rollup.ts'

export interface ZonedRange {
  /** Beginnings in rising order, from at or before the range to behind it; none for hours, which need no list. */
  readonly beginnings: readonly Millis[]
  /** The widest span that its distance from UTC is a multiple of, all through the range. */
  readonly widest: Span
}

/** Null: the database knows no such zone. */
export const readZone = async (
  { forStatistics }: Pick<Connection, 'forStatistics'>,
  { timeZone, interval }: Pick<StatisticsQuestion, 'timeZone' | 'interval'>,
  range: { readonly from: Millis; readonly to: Millis },
): Promise<ZonedRange | null> => {
  try {
    const [found] = await ask(() =>
      forStatistics
        .select({
          beginnings:
            interval === null || interval === 'HOUR'
              ? sql<null>`null::jsonb`
              : beginnings(timeZone, range, interval),
          // Null: no day was looked at.
          away: sql<
            number | null
          >`max(case when away = 0 then 1 when away % 28800 = 0 then 2 when away % 3600 = 0 then 3 else 4 end)`,
        })
        .from(sql`(
          select extract(epoch from (day at time zone ${timeZone}::text) - (day at time zone 'UTC'))::int as away
          from generate_series(${iso(range.from)}::timestamptz - interval '1 day',
            ${iso(range.to)}::timestamptz + interval '1 day', interval '1 day') as day
        ) as days`),
    )
    return {
      beginnings: found?.beginnings ?? [],
      widest: spans[(found?.away ?? spans.length) - 1]?.name ?? 'QUARTER',
    }
  } catch (error) {
    const failure = databaseError(error)
    if (failure instanceof DatabaseError && failure.code === '22023') return null
    throw failure
  }
}

const beginnings = (
  timeZone: string,
  { from, to }: { readonly from: Millis; readonly to: Millis },
  interval: Exclude<StatsInterval, 'HOUR'>,
): SQL<readonly number[] | null> => {
  const unit = sql.raw(`'${interval.toLowerCase()}'`)
  const step = sql.raw(`interval '1 ${interval.toLowerCase()}'`)
  return sql<readonly number[] | null>`(
    select jsonb_agg(${millis(firstAt(timeZone))} order by local) from (
      select local from generate_series(date_trunc(${unit}, ${iso(from)}::timestamptz at time zone ${timeZone}::text),
        (${iso(to)}::timestamptz at time zone ${timeZone}::text) + ${step}, ${step}) as local
    ) as locals)`
}

/** Where a clock goes back over midnight that comes twice: the day begins with the first. Where it is leapt over: with what follows. */
const firstAt = (timeZone: string): SQL => sql`coalesce((
  select min(moment) from (select local at time zone ${timeZone}::text as late) as known
    cross join lateral unnest(array[late, late - interval '30 minutes', late - interval '1 hour', late - interval '2 hours']) as moment
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
