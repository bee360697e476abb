// How many logins there were, how they ended and how long they took: by when they started, and by what they have in common.

import type {
  LoginCounts,
  LoginDimension,
  StatisticsQuestion,
  StatsInterval,
} from '../db/statistics-store.ts'
import { RequestError } from '../errors.ts'
import type { Context } from './context.ts'
import { filterOf, type LoginWhere } from './login-filter.ts'
import { timeZoneOf, unknownTimeZone } from './time-zone.ts'
import { demand } from './viewer.ts'

export type LoginStatsView = LoginCounts & { readonly dimensions: readonly LoginDimension[] }

/** `durations`: whether percentiles were asked for. Throws RequestError BAD_USER_INPUT or TOO_EXPENSIVE. */
export const loginStats = async (
  context: Context,
  args: {
    readonly where?: LoginWhere | null | undefined
    readonly groupBy?: readonly LoginDimension[] | null | undefined
    readonly interval?: StatsInterval | null | undefined
    readonly timeZone?: string | null | undefined
  },
  durations: boolean,
): Promise<readonly LoginStatsView[]> => {
  const groupBy = args.groupBy ?? []
  const rows = await countLogins(context, args.where ?? {}, {
    groupBy,
    interval: args.interval ?? null,
    timeZone: args.timeZone ?? 'UTC',
    durations,
  })
  return rows.map(row => ({ ...row, dimensions: groupBy }))
}

/** Nothing of the question is looked at for who may not ask it. Throws RequestError. */
export const countLogins = async (
  context: Context,
  where: LoginWhere,
  how: Pick<StatisticsQuestion, 'groupBy' | 'interval' | 'timeZone' | 'durations'>,
): Promise<readonly LoginCounts[]> => {
  const { viewer, services } = context
  demand(viewer, 'HISTORY_READ')
  if (new Set(how.groupBy).size < how.groupBy.length)
    throw new RequestError('BAD_USER_INPUT', '`groupBy` names a dimension twice.')
  const timeZone = timeZoneOf(how.timeZone)
  const filter = filterOf(where)
  const dialects = Object.fromEntries([...services.providers].map(([name, { dialect }]) => [name, dialect]))
  const question: StatisticsQuestion = { ...how, timeZone, where: filter, dialects }
  // The context is of one operation, whose questions take turns with those of others.
  const answer = await services.store.readLoginStatistics(viewer.tenant, question, context)
  if (answer.kind === 'COUNTED') return answer.rows
  throw refusalOf(answer.kind, timeZone)
}

const refusalOf = (
  kind: 'UNKNOWN_TIME_ZONE' | 'TOO_MANY_BUCKETS' | 'TOO_MANY_ROWS',
  timeZone: string,
): RequestError => {
  if (kind === 'UNKNOWN_TIME_ZONE') return unknownTimeZone(timeZone)
  if (kind === 'TOO_MANY_BUCKETS')
    return new RequestError(
      'BAD_USER_INPUT',
      'That is more than 10000 intervals: bring `startedFrom` and `startedTo` closer together, or take a longer `interval`.',
    )
  return new RequestError(
    'TOO_EXPENSIVE',
    'That is more than 10000 rows: narrow the range, take a longer `interval`, or group by less.',
  )
}
