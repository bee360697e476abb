// What one login counts as: a cell of its own, of the quarter of an hour in which it started. The only place that says how far
// a login got, for what is folded and for what is read as it is.

import { type SQL, sql } from 'drizzle-orm'
import { login } from './tables/login.ts'

/** Where all spans of cells begin. */
export const gridOrigin: SQL = sql.raw("timestamptz '2000-01-01 00:00:00+00'")

/** The names of `loginFacts`, as columns of a cell. */
export const cellColumns: SQL =
  sql.raw(`bucket, provider, province, strategy, method, first_method, device_type,
  first_on_device, reason, started, live, prompted, scanned, challenged, confirmed, already_signed_in, expired, rejected,
  cancelled, failed, to_scan, to_confirm`)

/** Those of them that are summed up, but for `live`: what is folded has ended. */
export const countColumns = [
  'started',
  'prompted',
  'scanned',
  'challenged',
  'confirmed',
  'already_signed_in',
  'expired',
  'rejected',
  'cancelled',
  'failed',
] as const

const prompted = sql`login_was_prompted(${login.qrCodeIssued}, ${login.firstMethod}, ${login.reason})`

const bin = (reached: SQL): SQL =>
  sql`coalesce(int2send(duration_bin(${login.started}, ${reached})), ''::bytea)`

/** A login has no province, first method or reason: empty. Sums of these columns are those of a cell of many. */
export const loginFacts: SQL = sql`
  date_bin(interval '15 minutes', ${login.started}, ${gridOrigin}) as bucket, ${login.provider},
    coalesce(${login.province}, ''), ${login.strategy}, ${login.method}, coalesce(${login.firstMethod}, ''),
    ${login.deviceType}, ${login.firstOnDevice}::text, coalesce(${login.reason}, ''), 1, (${login.ended} is null)::int,
    ${prompted}::int,
    login_was_scanned(${prompted}, ${login.scanned}, ${login.wasChallenged}, ${login.reason})::int,
    ${login.wasChallenged}::int, (${login.state} = 'CONFIRMED' and ${login.reason} = 'SIGNED_IN')::int,
    (${login.state} = 'CONFIRMED' and ${login.reason} = 'ALREADY_SIGNED_IN')::int, (${login.state} = 'EXPIRED')::int,
    (${login.state} = 'REJECTED')::int, (${login.state} = 'CANCELLED')::int, (${login.state} = 'FAILED')::int,
    ${bin(sql`${login.scanned}`)}, ${bin(sql`${login.confirmed}`)}`
