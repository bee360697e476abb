// Logins counted: by when they started and by what they have in common.

import type { Percentiles as PercentilesView } from '../db/histogram.ts'
import type { LoginDimension } from '../db/statistics-store.ts'
import { type LoginStatsView, loginStats } from '../resolvers/login-stats.ts'
import { builder } from './builder.ts'
import { LoginDimensionEnum, StatsIntervalEnum } from './enums.ts'
import { LoginWhere } from './login-where.ts'
import { isSelected } from './selected.ts'

const Percentiles = builder.objectRef<PercentilesView>('Percentiles').implement({
  description: 'Seconds that so many per cent of the logins took at most: the nearest rank, within 1 %.',
  fields: t => ({
    p50: t.exposeFloat('p50', { description: 'Half of them.' }),
    p90: t.exposeFloat('p90', { description: 'Nine in ten.' }),
    p95: t.exposeFloat('p95', { description: 'Nineteen in twenty.' }),
    p99: t.exposeFloat('p99', { description: 'Ninety-nine in a hundred.' }),
  }),
})

const StatsKey = builder
  .objectRef<{ readonly dimension: LoginDimension; readonly value: string | null }>('StatsKey')
  .implement({
    description: 'What the logins of a row have in common.',
    fields: t => ({
      dimension: t.expose('dimension', { type: LoginDimensionEnum, description: 'In which respect.' }),
      value: t.exposeString('value', {
        nullable: true,
        description:
          'Its value: the name of an upstream or a province, an enum value as it is spelled, `true` or `false`, 0 to 23 for an hour, 1 (Monday) to 7 for a day of the week; null: they have none.',
      }),
    }),
  })

const LoginStats = builder.objectRef<LoginStatsView>('LoginStats').implement({
  description: 'Logins counted. They belong to the moment at which they started.',
  fields: t => ({
    bucketStart: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the interval begins by the clock of the time zone asked for, written in UTC: 1 November in Shanghai is `2026-10-31T16:00:00.000Z`. Null: no interval was asked for.',
      resolve: ({ bucket }) => bucket,
    }),
    keys: t.field({
      type: [StatsKey],
      description: 'One per dimension asked for, in that order.',
      resolve: ({ dimensions, keys }) =>
        dimensions.map((dimension, place) => ({ dimension, value: keys[place] ?? null })),
    }),
    started: t.exposeInt('started', { description: 'All of them.' }),
    live: t.exposeInt('live', { description: 'Under way.' }),
    confirmed: t.exposeInt('confirmed', { description: "Signed in by a person's act." }),
    alreadySignedIn: t.exposeInt('alreadySignedIn', {
      description: 'Found the account signed in on the device already.',
    }),
    expired: t.exposeInt('expired', { description: 'Nobody acted in time.' }),
    rejected: t.exposeInt('rejected', { description: 'The person said no, or the upstream declined.' }),
    cancelled: t.exposeInt('cancelled', {
      description: 'Ended by the caller, or by a later login that took their place.',
    }),
    failed: t.exposeInt('failed', { description: 'Could not go on.' }),
    successRate: t.float({
      nullable: true,
      description:
        'Those confirmed among those that ended and did not find the account signed in already, 0 to 1; null: there are none.',
      resolve: ({ started, live, alreadySignedIn, confirmed }) => {
        const decided = started - live - alreadySignedIn
        return decided === 0 ? null : confirmed / decided
      },
    }),
    secondsToScan: t.field({
      type: Percentiles,
      nullable: true,
      description: 'From the start to the scan, where the upstream tells of it; null: of none of them.',
      resolve: ({ toScan }) => toScan,
    }),
    secondsToConfirm: t.field({
      type: Percentiles,
      nullable: true,
      description: 'From the start to the confirmation; null: none was confirmed.',
      resolve: ({ toConfirm }) => toConfirm,
    }),
  }),
})

builder.queryField('loginStats', t =>
  t.field({
    type: [LoginStats],
    args: {
      where: t.arg({ type: LoginWhere, description: 'Which logins.' }),
      groupBy: t.arg({
        type: [LoginDimensionEnum],
        defaultValue: [],
        description: 'What to keep apart; by default nothing.',
      }),
      interval: t.arg({
        type: StatsIntervalEnum,
        description: 'One row per interval, by when logins started; by default one for the whole time.',
      }),
      timeZone: t.arg.string({
        defaultValue: 'UTC',
        description: 'IANA name: what intervals, hours of the day and days of the week are cut by.',
      }),
    },
    description:
      'Logins counted, by interval and then by key. Only what at least one login fits has a row, but for the one row of a ' +
      'question without interval and groups; 10000 intervals and 10000 rows at most. Scope HISTORY_READ.',
    resolve: (_, args, context, info) =>
      loginStats(context, args, isSelected(info, ['secondsToScan', 'secondsToConfirm'])),
  }),
)
