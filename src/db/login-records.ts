// A login as readers see it: its narrow row, its turn where it still has one, who scanned, and what carried on from it.

import { eq, type SQL, sql } from 'drizzle-orm'
import { decodeState } from '../login/decode.ts'
import type { LoginState, Outcome } from '../login/state.ts'
import type { Database } from './connection/connection.ts'
import type { LoginRecord } from './records.ts'
import { deviceTurn } from './tables/device-turn.ts'
import { login } from './tables/login.ts'
import { scanner } from './tables/scanner.ts'

export interface LoginRow {
  readonly login: typeof login.$inferSelect
  readonly turn: { version: number; state: unknown; updated: number } | null
  readonly scanner: { nickName: string | null; pictureId: string | null } | null
  readonly continuedBy: string | null
}

export const loginColumns = {
  login,
  turn: { version: deviceTurn.version, state: deviceTurn.state, updated: deviceTurn.updated },
  // The id tells a scanner without a name from none.
  scanner: { loginId: scanner.loginId, nickName: scanner.nickName, pictureId: scanner.pictureId },
  continuedBy: sql<string | null>`(
    select c.id from ${login} c where c.continues = ${login.id} and c.tenant = ${login.tenant}
    order by c.started limit 1)`,
}

/** `more` are columns that come with it in the same statement. */
export const selectLogins = <More extends Record<string, SQL>>(db: Database, more: More) =>
  db
    .select({ ...loginColumns, ...more })
    .from(login)
    .leftJoin(deviceTurn, eq(deviceTurn.subjectId, login.id))
    .leftJoin(scanner, eq(scanner.loginId, login.id))

/** A turn that cannot be read shows as a live login without a state; `unreadable` is told. */
export const loginRecord = (
  row: LoginRow,
  unreadable: (loginId: string, error: unknown) => void,
): LoginRecord => {
  const { login: narrow, turn } = row
  const state = turn === null || narrow.ended !== null ? null : readable(narrow.id, turn.state, unreadable)
  return {
    id: narrow.id,
    tenant: narrow.tenant,
    provider: narrow.provider,
    deviceId: narrow.deviceId,
    accountId: narrow.accountId,
    expectedWcId: narrow.expectedWcId,
    strategy: narrow.strategy,
    method: state?.method ?? narrow.method,
    firstMethod: state === null ? narrow.firstMethod : state.firstMethod,
    confirmedBy: narrow.confirmedBy,
    deviceType: state?.deviceType ?? narrow.deviceType,
    province: narrow.province,
    proxied: narrow.proxied,
    firstOnDevice: narrow.firstOnDevice,
    startedBy: narrow.startedBy,
    reference: narrow.reference,
    continues: narrow.continues,
    continuedBy: row.continuedBy,
    stateName: state?.kind ?? narrow.state,
    sequence: state?.sequence ?? narrow.sequence,
    version: state === null || turn === null ? narrow.version : turn.version,
    state,
    outcome: outcome(narrow),
    advisories: narrow.advisories,
    scanner:
      row.scanner === null ? null : { nickName: row.scanner.nickName, pictureId: row.scanner.pictureId },
    started: narrow.started,
    updated: state === null || turn === null ? narrow.updated : Math.max(turn.updated, narrow.updated),
    ended: narrow.ended,
    qrCodeIssued: narrow.qrCodeIssued,
    scanned: narrow.scanned,
    confirmed: narrow.confirmed,
  }
}

const readable = (
  loginId: string,
  saved: unknown,
  unreadable: (loginId: string, error: unknown) => void,
): LoginState | null => {
  try {
    return decodeState(saved)
  } catch (error) {
    unreadable(loginId, error)
    return null
  }
}

const outcome = (narrow: typeof login.$inferSelect): Outcome | null =>
  narrow.reason === null || narrow.nextStep === null
    ? null
    : {
        reason: narrow.reason,
        upstreamCode: narrow.upstreamCode,
        upstreamMessage: narrow.upstreamMessage,
        nextStep: narrow.nextStep,
      }
