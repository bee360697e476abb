// Every login that a filter fits, as rows of a file: flat, in the API's words and ids, each with the cursor behind which a
// cut export goes on. Knows no format and no transport.

import type { LoginFilter } from '../db/filters.ts'
import type { StreamedLogin } from '../db/stream-logins.ts'
import { InvalidInputError } from '../errors.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { Context } from './context.ts'
import { type ExportPlan, exportCursors, parseExportCursor } from './export-cursor.ts'
import { globalId } from './global-id.ts'
import type { LoginOrder } from './list-logins.ts'
import { filterOf, type LoginWhere } from './login-filter.ts'
import { secondsTo } from './timings.ts'
import { demand } from './viewer.ts'

export interface ExportArgs {
  readonly where: LoginWhere
  readonly orderBy: LoginOrder
  /** Null: from the first. */
  readonly after: string | null
}

export interface LoginExport {
  /** It holds what started before then: its end does not run away from it while logins start. */
  readonly until: Millis
  /** None of them empty. */
  readonly batches: AsyncIterable<readonly ExportedLogin[]>
}

/** A row. Moments are ISO 8601 in UTC, times are seconds; null: there is none, or it never got there. */
export type ExportedLogin = ReturnType<typeof rowOf>

/** In the order of a file's columns. */
export const exportColumns = [
  ...(['cursor', 'id', 'state', 'reason', 'upstreamCode', 'upstreamMessage', 'strategy'] as const),
  ...(['method', 'firstMethod', 'confirmedBy', 'provider', 'deviceType', 'province', 'proxied'] as const),
  ...(['firstOnDevice', 'startedBy', 'reference', 'deviceId', 'accountId'] as const),
  ...(['startedAt', 'endedAt', 'qrCodeIssuedAt', 'scannedAt', 'confirmedAt'] as const),
  ...(['toQrCodeSeconds', 'toScanSeconds', 'toConfirmSeconds', 'totalSeconds'] as const),
] satisfies readonly (keyof ExportedLogin)[]

/**
 * Throws RequestError FORBIDDEN, and InvalidInputError with `after` as its path. Asks the database for nothing yet, and for
 * nothing more once `signal` says that nobody reads it.
 */
export const exportLogins = (
  { viewer, services: { store } }: Pick<Context, 'viewer' | 'services'>,
  { where, orderBy, after }: ExportArgs,
  signal: AbortSignal,
): LoginExport => {
  demand(viewer, 'LOGIN_READ')
  const filter = filterOf(where)
  const plan: ExportPlan = { tenant: viewer.tenant, order: orderBy, where: { ...filter } }
  const place = after === null ? null : parseExportCursor(plan, after)
  if (place === 'MALFORMED')
    throw refused('This is no cursor of an export: give the `cursor` of the last row that arrived whole.')
  if (place === 'OTHER')
    throw refused(
      'This cursor belongs to an export with other filters or another order: repeat the parameters that it began with.',
    )
  // What starts in this very millisecond belongs to it as well.
  const until = store.clock.now() + 1
  const cursor = exportCursors(plan)
  const logins = store.streamLogins(viewer.tenant, startedBefore(filter, until), orderBy, place, signal)
  return { until, batches: rowsOf(logins, cursor) }
}

const refused = (message: string) => new InvalidInputError([{ path: ['after'], message }])

const startedBefore = (filter: LoginFilter, until: Millis): LoginFilter => ({
  ...filter,
  startedTo: Math.min(filter.startedTo ?? until, until),
})

async function* rowsOf(
  batches: AsyncIterable<readonly StreamedLogin[]>,
  cursor: ReturnType<typeof exportCursors>,
): AsyncGenerator<readonly ExportedLogin[]> {
  for await (const logins of batches)
    yield logins.map(login => rowOf(login, cursor({ at: login.started, id: login.id })))
}

const rowOf = (login: StreamedLogin, cursor: string) => ({
  cursor,
  id: globalId('Login', login.id),
  state: login.state,
  reason: login.reason,
  upstreamCode: login.upstreamCode,
  upstreamMessage: login.upstreamMessage,
  strategy: login.strategy,
  method: login.method,
  firstMethod: login.firstMethod,
  confirmedBy: login.confirmedBy,
  provider: login.provider,
  deviceType: login.deviceType,
  province: login.province,
  proxied: login.proxied,
  firstOnDevice: login.firstOnDevice,
  startedBy: login.startedBy,
  reference: login.reference,
  deviceId: globalId('Device', login.deviceId),
  accountId: login.accountId === null ? null : globalId('Account', login.accountId),
  startedAt: iso(login.started),
  endedAt: iso(login.ended),
  qrCodeIssuedAt: iso(login.qrCodeIssued),
  scannedAt: iso(login.scanned),
  confirmedAt: iso(login.confirmed),
  toQrCodeSeconds: secondsTo(login.started, login.qrCodeIssued),
  toScanSeconds: secondsTo(login.started, login.scanned),
  toConfirmSeconds: secondsTo(login.started, login.confirmed),
  totalSeconds: secondsTo(login.started, login.ended),
})

const day = 86_400_000
let today = Number.NaN
let date = ''

/** As `toISOString` writes it: rows come by their starts, so that nearly all moments are of the day of the one before. */
const iso = (at: Millis | null): string | null => {
  if (at === null) return null
  const number = Math.floor(at / day)
  if (number !== today) {
    date = new Date(number * day).toISOString().slice(0, 11)
    today = number
  }
  const [ms, s] = [at - number * day, Math.floor((at - number * day) / 1_000)]
  const [hours, minutes, seconds] = [Math.floor(s / 3_600), Math.floor(s / 60) % 60, s % 60]
  return `${date}${two(hours)}:${two(minutes)}:${two(seconds)}.${String(ms % 1_000).padStart(3, '0')}Z`
}

const two = (number: number): string => (number < 10 ? `0${number}` : String(number))
