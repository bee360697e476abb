// What a call about a login must be told: its device as it is now, and the verify code that waits to be sent.

import { and, eq, sql } from 'drizzle-orm'
import { decodeState } from '../login/decode.ts'
import type { Database } from './connection/connection.ts'
import { callTarget, knownHandles } from './device-records.ts'
import { isId } from './ids.ts'
import type { Sealing } from './sealing.ts'
import { ask } from './statement.ts'
import type { LoginStore } from './store.ts'
import { device } from './tables/device.ts'
import { deviceTurn } from './tables/device-turn.ts'

export const targetReader = (db: Database, sealing: Sealing): LoginStore['readTarget'] => {
  const statement = db
    .select({ device, knownHandles, state: deviceTurn.state, code: deviceTurn.code })
    .from(deviceTurn)
    .innerJoin(device, eq(device.id, deviceTurn.deviceId))
    .where(and(eq(deviceTurn.subjectId, sql.placeholder('login')), eq(deviceTurn.kind, 'LOGIN')))
    .prepare('read_target')
  return async loginId => {
    if (!isId(loginId)) return null
    const [row] = await ask(() => statement.execute({ login: loginId }))
    if (row === undefined) return null
    return {
      ...callTarget(row.device, row.knownHandles, sealing),
      // The login's own: it may have gone over to MAC.
      deviceType: decodeState(row.state).deviceType,
      code:
        row.code === null
          ? null
          : sealing.open({ table: 'device_turn', id: loginId, field: 'code' }, row.code),
    }
  }
}
