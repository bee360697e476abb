// Every login that a filter fits, in the order of their starts, in batches of one short statement each: between two of them
// nothing is held, no snapshot, no lock and no connection, however slowly they are read. Knows no format.

import { eq, sql } from 'drizzle-orm'
import { decodeState } from '../login/decode.ts'
import type {
  DeviceType,
  LoginMethod,
  LoginStateName,
  LoginStrategy,
  Millis,
  OutcomeReason,
} from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import type { LoginFilter, MomentCursor } from './filters.ts'
import { isOnPage, isOnWalk, type LoginOrder, loginKeys } from './login-pages.ts'
import { ask } from './statement.ts'
import { type StreamPlace, streamed } from './stream-windows.ts'
import { deviceTurn } from './tables/device-turn.ts'
import { login } from './tables/login.ts'

/** A login as a file shows it; a live one as it stood when its batch was read. */
export interface StreamedLogin {
  readonly id: string
  readonly state: LoginStateName
  readonly reason: OutcomeReason | null
  readonly upstreamCode: string | null
  readonly upstreamMessage: string | null
  readonly strategy: LoginStrategy
  readonly method: LoginMethod
  readonly firstMethod: LoginMethod | null
  readonly confirmedBy: LoginMethod | null
  readonly provider: string
  readonly deviceType: DeviceType
  readonly province: string | null
  readonly proxied: boolean
  readonly firstOnDevice: boolean
  readonly startedBy: string
  readonly reference: string | null
  readonly deviceId: string
  readonly accountId: string | null
  readonly started: Millis
  readonly ended: Millis | null
  readonly qrCodeIssued: Millis | null
  readonly scanned: Millis | null
  readonly confirmed: Millis | null
}

/**
 * Batches of logins, none of them empty. `after`: only what comes after it in that order; null: from the first. Where the next
 * batch is not asked for, no further statement is sent; and none once `signal` is aborted, which ends them without an error.
 */
export type StreamLogins = (
  tenant: string,
  where: LoginFilter,
  order: LoginOrder,
  after: MomentCursor | null,
  signal?: AbortSignal,
) => AsyncIterable<readonly StreamedLogin[]>

/** Few enough that writing them keeps nobody waiting, many enough that asking costs little beside. */
export const batchSize = 1_000

/** `db` ends a statement that takes too long: see `streamed`. */
export const loginStreamer = (
  db: Database,
  unreadable: (loginId: string, error: unknown) => void,
  limit = batchSize,
): { readonly streamLogins: StreamLogins } => {
  const read = async (tenant: string, order: LoginOrder, { where, after }: StreamPlace) => {
    const page = { limit, after, before: null, backward: false }
    const on = isOnWalk(tenant, where, order, page) ?? isOnPage(tenant, where, order, page)
    if (on === null) return []
    const rows = await ask(() =>
      db
        .select(columns)
        .from(login)
        .where(on)
        .orderBy(...loginKeys(order, page).orderBy)
        .limit(limit),
    )
    return rows.map(({ turn, ...row }) => (turn === null ? row : asItStands(row, turn, unreadable)))
  }
  const first = async (tenant: string) => {
    const [row] = await ask(() =>
      db
        .select({ at: sql<Millis | null>`min(${login.started})`.mapWith(login.started) })
        .from(login)
        .where(eq(login.tenant, tenant)),
    )
    return row?.at ?? null
  }
  return {
    streamLogins: (tenant, where, order, after, signal) =>
      streamed<StreamedLogin>({
        direction: order === 'STARTED_AT_ASC' ? 'ASC' : 'DESC',
        place: { where, after },
        limit,
        signal,
        read: place => read(tenant, order, place),
        first: () => first(tenant),
      }),
  }
}

const columns = {
  id: login.id,
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
  deviceId: login.deviceId,
  accountId: login.accountId,
  started: login.started,
  ended: login.ended,
  qrCodeIssued: login.qrCodeIssued,
  scanned: login.scanned,
  confirmed: login.confirmed,
  // Looked for in the few that are live, not joined to all.
  turn: sql<unknown>`case when ${login.ended} is null then (
    select ${deviceTurn.state} from ${deviceTurn} where ${deviceTurn.subjectId} = ${login.id}) end`.mapWith(
    deviceTurn.state,
  ),
}

/** What moves with every answer stands in the turn, as in `loginRecord`; one that cannot be read leaves what the row says. */
const asItStands = (
  row: StreamedLogin,
  turn: unknown,
  unreadable: (loginId: string, error: unknown) => void,
): StreamedLogin => {
  try {
    const { kind, method, firstMethod, deviceType } = decodeState(turn)
    return { ...row, state: kind, method, firstMethod, deviceType }
  } catch (error) {
    unreadable(row.id, error)
    return row
  }
}
