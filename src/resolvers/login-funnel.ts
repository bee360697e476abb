// How far logins got.

import type { LoginCounts } from '../db/statistics-store.ts'
import type { OutcomeReason } from '../login/vocabulary.ts'
import type { Context } from './context.ts'
import type { LoginWhere } from './login-filter.ts'
import { countLogins } from './login-stats.ts'

export interface LoginFunnelView
  extends Pick<LoginCounts, 'started' | 'prompted' | 'scanned' | 'challenged' | 'confirmed' | 'live'> {
  readonly reasons: readonly { readonly reason: OutcomeReason; readonly count: number }[]
}

/** Throws RequestError. */
export const loginFunnel = async (
  context: Context,
  where: LoginWhere | null | undefined,
): Promise<LoginFunnelView> => {
  const rows = await countLogins(context, where ?? {}, {
    groupBy: ['REASON'],
    interval: null,
    timeZone: 'UTC',
    durations: false,
  })
  const sum = (name: 'started' | 'prompted' | 'scanned' | 'challenged' | 'confirmed' | 'live'): number =>
    rows.reduce((total, row) => total + row[name], 0)
  return {
    started: sum('started'),
    prompted: sum('prompted'),
    scanned: sum('scanned'),
    challenged: sum('challenged'),
    confirmed: sum('confirmed'),
    live: sum('live'),
    reasons: rows
      .flatMap(({ keys: [reason], started, live, confirmed }) => {
        const count = started - live - confirmed
        return reason == null || count === 0 ? [] : [{ reason: reason as OutcomeReason, count }]
      })
      .sort((one, other) => other.count - one.count || one.reason.localeCompare(other.reason)),
  }
}
