// Takes a device's turn for a call that is sent once: a log-out or a reset.

import { and, eq, isNull, sql } from 'drizzle-orm'
import type { FollowedClock } from './clock.ts'
import type { Database } from './connection/connection.ts'
import { isId, newId } from './ids.ts'
import { operationRequested, turnOfOperation } from './operations.ts'
import { looksSettled } from './start.ts'
import { ask, iso, prepare, value } from './statement.ts'
import type { DeviceStore } from './store.ts'
import { device } from './tables/device.ts'
import { signIn } from './tables/sign-in.ts'

/** Who is logged out must be who the device has: by its name the upstream would sign out whoever is there. A reset is of a device that nobody is signed in on; the upstream would sign that account out for good. */
const free = sql`device d where d.id = ${value('device', 'uuid')} and d.tenant = ${value('tenant', 'text')}
  and d.retired is null
  and (${value('operation_account', 'uuid')} is null or d.account_id = ${value('operation_account', 'uuid')})
  and (${value('operation_kind', 'text')} <> 'RESET'
    or not exists (select from sign_in s where s.device_id = d.id and s.ended is null))`

export const requestOperationWith = (parts: {
  db: Database
  owner: string
  clock: FollowedClock
  readOperation: DeviceStore['readOperation']
}): DeviceStore['requestOperation'] => {
  const { db, owner, clock, readOperation } = parts
  const request = prepare<{ id: string }>(
    db,
    'request_operation',
    { live: turnOfOperation(free), operation: operationRequested, looks: looksSettled },
    { id: sql<string>`subject_id` },
    sql`live`,
  )
  const refused = db
    .select({ id: device.id, accountId: device.accountId, signIn: signIn.id })
    .from(device)
    .leftJoin(signIn, and(eq(signIn.deviceId, device.id), isNull(signIn.ended)))
    .where(
      and(
        eq(device.tenant, sql.placeholder('tenant')),
        eq(device.id, sql.placeholder('device')),
        isNull(device.retired),
      ),
    )
    .prepare('read_refused_operation')
  return async ({ tenant, deviceId, kind, accountId, requestedBy }) => {
    if (!isId(deviceId)) return null
    const at = clock.now()
    const operation = newId(at)
    const [row] = await request({
      tenant,
      device: deviceId,
      operation,
      operation_kind: kind,
      operation_account: accountId,
      changed_by: requestedBy,
      owner,
      at: iso(at),
    })
    if (row !== undefined) return await readOperation(tenant, row.id)
    const [why] = await ask(() => refused.execute({ tenant, device: deviceId }))
    if (why === undefined) return null
    if (accountId !== null && why.accountId !== accountId) return 'NOT_HERE'
    return kind === 'RESET' && why.signIn !== null ? 'SIGNED_IN' : 'BUSY'
  }
}
