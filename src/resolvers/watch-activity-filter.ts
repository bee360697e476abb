// Which logins a wall shows: what `src/db/login-filter.ts` asks of the database, asked of a login in memory. Pure; a test
// holds the two against each other.

import type { LoginFilter } from '../db/filters.ts'
import type { AccountRecord, LoginRecord } from '../db/records.ts'
import type { EndName } from '../login/vocabulary.ts'

const ends: readonly string[] = [
  'CONFIRMED',
  'EXPIRED',
  'REJECTED',
  'CANCELLED',
  'FAILED',
] satisfies EndName[]

/** `account`: who signed in; null where nobody did. */
export const fits = (where: LoginFilter, login: LoginRecord, account: AccountRecord | null): boolean =>
  isAmong(where.state, login.stateName) &&
  (where.live === undefined || where.live === (login.ended === null)) &&
  isAmong(where.reason, login.outcome?.reason ?? null) &&
  isAmong(where.upstreamCode, login.outcome?.upstreamCode ?? null) &&
  isAmong(where.method, login.method) &&
  isAmong(where.firstMethod, login.firstMethod) &&
  isAmong(where.strategy, login.strategy) &&
  isAmong(where.provider, login.provider) &&
  isAmong(where.deviceType, login.deviceType) &&
  isAmong(where.province, login.province) &&
  is(where.firstOnDevice, login.firstOnDevice) &&
  isAmong(where.startedBy, login.startedBy) &&
  is(where.reference, login.reference) &&
  is(where.device, login.deviceId) &&
  is(where.account, login.accountId) &&
  is(where.wcId, login.accountId === null ? login.expectedWcId : (account?.wcId ?? null)) &&
  isWithin(where.startedFrom, where.startedTo, login.started) &&
  isWithin(where.endedFrom, where.endedTo, login.ended)

/** What of it never changes in the life of a login: one that does not fit this never did. */
export const lasting = (where: LoginFilter): LoginFilter => {
  const { state, live, reason, upstreamCode, method, firstMethod, deviceType, ...others } = where
  const { account, wcId, endedFrom, endedTo, ...kept } = others
  return kept
}

/** Only what has ended fits, so that nothing that fits ever ceases to. */
export const asksForEnded = (where: LoginFilter): boolean =>
  where.live === false ||
  where.reason !== undefined ||
  where.upstreamCode !== undefined ||
  where.account !== undefined ||
  where.endedFrom !== undefined ||
  where.endedTo !== undefined ||
  where.state?.every(state => ends.includes(state)) === true

const isAmong = <One>(wanted: readonly One[] | undefined, value: One | null): boolean =>
  wanted === undefined || (value !== null && wanted.includes(value))

const is = <One>(wanted: One | undefined, value: One | null): boolean =>
  wanted === undefined || wanted === value

const isWithin = (from: number | undefined, to: number | undefined, moment: number | null): boolean =>
  (from === undefined || (moment !== null && moment >= from)) &&
  (to === undefined || (moment !== null && moment < to))
