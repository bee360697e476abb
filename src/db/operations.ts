// Operations of devices: risky calls that are no login, driven by the poller through the device's turn.

import { and, desc, eq, sql } from 'drizzle-orm'
import { isFree } from './claim.ts'
import type { FollowedClock } from './clock.ts'
import type { Connection } from './connection/connection.ts'
import { callTarget, knownHandles } from './device-records.ts'
import { isId } from './ids.ts'
import type { OperationRecord } from './records.ts'
import type { Sealing } from './sealing.ts'
import { ask, idList, ids, iso, prepare, value } from './statement.ts'
import type { DeviceStore } from './store.ts'
import { device } from './tables/device.ts'
import { deviceOperation } from './tables/device-operation.ts'
import { deviceTurn } from './tables/device-turn.ts'

const operationRecord = (row: typeof deviceOperation.$inferSelect): OperationRecord => ({
  id: row.id,
  tenant: row.tenant,
  deviceId: row.deviceId,
  kind: row.kind,
  state: row.state,
  requested: row.requested,
  ended: row.ended,
  upstreamCode: row.upstreamCode,
  upstreamMessage: row.upstreamMessage,
})

/** The parts that put an operation on a device (`live`: the turn that was just taken for it). */
export const operationRequested = sql`
  insert into device_operation (id, tenant, device_id, kind, state, requested_by, requested)
  select subject_id, tenant, device_id, ${value('operation_kind', 'text')}, 'PENDING', ${value('changed_by', 'text')},
    ${value('at', 'timestamptz(3)')} from live`

export const operationStore = (parts: {
  connection: Connection
  me: string
  sealing: Sealing
  clock: FollowedClock
}): Pick<DeviceStore, 'claimOperations' | 'endOperation' | 'readOperation' | 'readNewestOperations'> => {
  const { connection, me, sealing, clock } = parts
  const { db } = connection
  const claim = prepare<{ id: string }>(
    db,
    'claim_operations',
    {
      free: sql`select device_id from device_turn t where t.kind = 'OPERATION' and ${isFree(connection.engine)}
        for update of t skip locked`,
      taken: sql`update device_turn t set owner = ${value('me', 'text')}, epoch = t.epoch + 1 from free
        where t.device_id = free.device_id returning t.subject_id`,
    },
    { id: sql<string>`subject_id` },
    sql`taken`,
  )
  const owned = db
    .select({ operation: deviceOperation, device, knownHandles })
    .from(deviceTurn)
    .innerJoin(deviceOperation, eq(deviceOperation.id, deviceTurn.subjectId))
    .innerJoin(device, eq(device.id, deviceTurn.deviceId))
    .where(and(eq(deviceTurn.kind, 'OPERATION'), eq(deviceTurn.owner, sql.placeholder('me'))))
    .prepare('owned_operations')
  const end = prepare<{ id: string }>(
    db,
    'end_operation',
    {
      moved: sql`delete from device_turn where subject_id = ${value('operation', 'uuid')} and kind = 'OPERATION'
        returning subject_id`,
      done: sql`update device_operation o set state = ${value('state', 'text')}, ended = ${value('at', 'timestamptz(3)')},
        upstream_code = ${value('upstream_code', 'text')}, upstream_message = ${value('upstream_message', 'text')}
        from moved where o.id = moved.subject_id`,
    },
    { id: sql<string>`subject_id` },
    sql`moved`,
  )
  const one = db
    .select()
    .from(deviceOperation)
    .where(
      and(
        eq(deviceOperation.tenant, sql.placeholder('tenant')),
        eq(deviceOperation.id, sql.placeholder('operation')),
      ),
    )
    .prepare('read_operation')
  const newest = db
    .selectDistinctOn([deviceOperation.deviceId])
    .from(deviceOperation)
    .where(
      and(
        eq(deviceOperation.tenant, sql.placeholder('tenant')),
        sql`${deviceOperation.deviceId} = any ${ids('devices')}`,
      ),
    )
    .orderBy(deviceOperation.deviceId, desc(deviceOperation.requested), desc(deviceOperation.id))
    .prepare('read_newest_operations')
  return {
    claimOperations: async () => {
      await claim({ me })
      const rows = await ask(() => owned.execute({ me }))
      return rows.map(row => ({
        ...operationRecord(row.operation),
        provider: row.device.provider,
        target: callTarget(row.device, row.knownHandles, sealing),
      }))
    },
    endOperation: async (operationId, { state, upstreamCode, upstreamMessage }) => {
      await end({
        operation: operationId,
        state,
        at: iso(clock.now()),
        upstream_code: upstreamCode,
        upstream_message: upstreamMessage,
      })
    },
    readOperation: async (tenant, operationId) => {
      if (!isId(operationId)) return null
      const [row] = await ask(() => one.execute({ tenant, operation: operationId }))
      return row === undefined ? null : operationRecord(row)
    },
    readNewestOperations: async (tenant, deviceIds) => {
      const known = deviceIds.filter(isId)
      if (known.length === 0) return new Map()
      const rows = await ask(() => newest.execute({ tenant, devices: idList(known) }))
      return new Map(rows.map(row => [row.deviceId, operationRecord(row)]))
    },
  }
}
