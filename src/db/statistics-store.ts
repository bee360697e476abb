// What is asked of the database about many logins at once: how many there were, how far they got, and how long they took.

import type { Millis } from '../login/vocabulary.ts'
import type { LoginFilter } from './filters.ts'
import type { Percentiles } from './histogram.ts'

export type LoginDimension =
  | 'PROVIDER'
  | 'DIALECT'
  | 'METHOD'
  | 'FIRST_METHOD'
  | 'STRATEGY'
  | 'DEVICE_TYPE'
  | 'PROVINCE'
  | 'REASON'
  | 'FIRST_ON_DEVICE'
  | 'HOUR_OF_DAY'
  | 'DAY_OF_WEEK'

export type StatsInterval = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH'

export interface StatisticsQuestion {
  readonly where: LoginFilter
  /** In this order, by the moment that a login started. */
  readonly groupBy: readonly LoginDimension[]
  /** Null: one row for the whole time. */
  readonly interval: StatsInterval | null
  /** IANA name: what days, weeks, months and hours of the day are cut by. */
  readonly timeZone: string
  /** Whether percentiles are worth their reading. */
  readonly durations: boolean
  /** By the name of the provider; one that is not here has none. */
  readonly dialects: Readonly<Record<string, string>>
}

/** Counts are of one moment: a login is counted once, whether it is live, has just ended, or was folded long ago. */
export interface LoginCounts {
  /** Where the interval begins; null: none was asked for. */
  readonly bucket: Millis | null
  /** One per dimension asked for, in that order; null: the login has none. */
  readonly keys: readonly (string | null)[]
  readonly started: number
  readonly live: number
  readonly prompted: number
  readonly scanned: number
  readonly challenged: number
  readonly confirmed: number
  readonly alreadySignedIn: number
  readonly expired: number
  readonly rejected: number
  readonly cancelled: number
  readonly failed: number
  /** Seconds since the start; null: not asked for, or nobody got there. */
  readonly toScan: Percentiles | null
  readonly toConfirm: Percentiles | null
}

export type StatisticsAnswer =
  | { readonly kind: 'COUNTED'; readonly rows: readonly LoginCounts[] }
  /** The database knows no such zone. */
  | { readonly kind: 'UNKNOWN_TIME_ZONE' }
  /** More intervals than `statisticsLimits.buckets`. */
  | { readonly kind: 'TOO_MANY_BUCKETS' }
  /** More rows than `statisticsLimits.rows`. */
  | { readonly kind: 'TOO_MANY_ROWS' }

export interface StatisticsStore {
  /** Counts what has ended since it was last called, as upkeep does by itself; answers with how many logins that were. */
  foldLogins(): Promise<number>
  /**
   * Rows by interval, then by their keys. Rejects with DatabaseError 57014 where it takes too long. `asker`: whose questions wait
   * for one another and not all before somebody else's; by default each question is one's own.
   */
  readLoginStatistics(tenant: string, question: StatisticsQuestion, asker?: object): Promise<StatisticsAnswer>
}
