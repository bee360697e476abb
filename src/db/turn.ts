// A login's turn as it is saved, and read again: the one place where a row becomes a state.

import { type SQL, sql } from 'drizzle-orm'
import { decodeState, encodeState } from '../login/decode.ts'
import type { LoginState } from '../login/state.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import { isId } from './ids.ts'
import { millis, prepare, value } from './statement.ts'
import type { Turn } from './store.ts'

export interface TurnRow {
  readonly loginId: string
  readonly deviceId: string
  readonly tenant: string
  readonly provider: string
  readonly version: number
  readonly epoch: number
  readonly state: unknown
  readonly happened: Millis
}

/** Columns of a part or table that has them all under their own names. */
export const turnColumns: { readonly [Column in keyof TurnRow]: SQL<TurnRow[Column]> } = {
  loginId: sql<string>`subject_id`,
  deviceId: sql<string>`device_id`,
  tenant: sql<string>`tenant`,
  provider: sql<string>`provider`,
  version: sql<number>`version`,
  epoch: sql<number>`epoch`,
  state: sql<unknown>`state`,
  happened: millis(sql`happened`),
}

export const savedState = (state: LoginState): string => JSON.stringify(encodeState(state))

/** Throws StateUnreadableError where a newer version, or nobody, wrote it. */
export const turnOf = (row: TurnRow): Turn => ({
  loginId: row.loginId,
  deviceId: row.deviceId,
  tenant: row.tenant,
  provider: row.provider,
  version: row.version,
  epoch: row.epoch,
  state: decodeState(row.state),
})

export type ReadTurn = (loginId: string) => Promise<{ turn: Turn; happened: Millis } | null>

/** `unreadable` is told before it throws. */
export const readTurnFrom = (
  db: Database,
  unreadable: (loginId: string, error: unknown) => void,
): ReadTurn => {
  const statement = prepare<TurnRow>(
    db,
    'read_turn',
    {},
    turnColumns,
    sql`device_turn where subject_id = ${value('login', 'uuid')} and kind = 'LOGIN'`,
  )
  return async loginId => {
    if (!isId(loginId)) return null
    const [row] = await statement({ login: loginId })
    if (row === undefined) return null
    try {
      return { turn: turnOf(row), happened: row.happened }
    } catch (error) {
      unreadable(loginId, error)
      throw error
    }
  }
}
