// Operations of devices: risky calls that are no login, driven by the poller through the device's turn.

import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import { isFree } from './claim.ts'
import type { FollowedClock } from './clock.ts'
import type { Connection } from './connection/connection.ts'
import { callTarget, knownHandles } from './device-records.ts'
import { isId } from './ids.ts'
import { operationEnds } from './operation-end.ts'
import type { OperationRecord } from './records.ts'
import type { Sealing } from './sealing.ts'
import { ask, idList, ids, iso, prepare, value } from './statement.ts'
import type { DeviceStore } from './store.ts'
import { account } from './tables/account.ts'
import { device } from './tables/device.ts'
import { deviceOperation } from './tables/device-operation.ts'
import { deviceTurn } from './tables/device-turn.ts'

export const operationRecord = (row: typeof deviceOperation.$inferSelect): OperationRecord => ({
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
  insert into device_operation (id, tenant, device_id, kind, state, requested_by, requested, account_id)
  select subject_id, tenant, device_id, ${value('operation_kind', 'text')}, 'PENDING', ${value('changed_by', 'text')},
    ${value('at', 'timestamptz(3)')}, ${value('operation_account', 'uuid')} from live`

/** A device (`d` of `from`) that nobody has. */
export const turnOfOperation = (from: SQL): SQL => sql`
  insert into device_turn (device_id, tenant, provider, kind, subject_id, owner, epoch, version, sequence, happened,
    updated)
  select id, tenant, provider, 'OPERATION', ${value('operation', 'uuid')}, ${value('owner', 'text')}, 1, 1, 0,
    ${value('at', 'timestamptz(3)')}, ${value('at', 'timestamptz(3)')} from ${from}
  on conflict (device_id) do nothing
  returning device_id, tenant, subject_id, true as created`

export const operationStore = (parts: {
  connection: Connection
  me: string
  sealing: Sealing
  clock: FollowedClock
}): Pick<
  DeviceStore,
  | 'claimOperations'
  | 'operationSent'
  | 'operationNotSent'
  | 'operationTaken'
  | 'endOperation'
  | 'readOperation'
  | 'readNewestOperations'
> => {
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
    .select({
      operation: deviceOperation,
      device,
      knownHandles,
      account: {
        id: account.id,
        wcId: account.wcId,
        // Once it is signed in elsewhere its handle is of there.
        handle: sql<string | null>`case when ${account.deviceId} = ${device.id} then ${account.instanceId}
          else ${device.instanceId} end`,
      },
    })
    .from(deviceTurn)
    .innerJoin(deviceOperation, eq(deviceOperation.id, deviceTurn.subjectId))
    .innerJoin(device, eq(device.id, deviceTurn.deviceId))
    .leftJoin(account, eq(account.id, deviceOperation.accountId))
    .where(and(eq(deviceTurn.kind, 'OPERATION'), eq(deviceTurn.owner, sql.placeholder('me'))))
    .prepare('owned_operations')
  const mark = (name: string, change: SQL) =>
    prepare<{ id: string }>(
      db,
      name,
      {
        marked: sql`update device_operation o set ${change} from device_turn t
          where o.id = ${value('operation', 'uuid')} and t.subject_id = o.id and t.owner = ${value('me', 'text')}
            and o.state = 'PENDING' returning o.id`,
      },
      { id: sql<string>`id` },
      sql`marked`,
    )
  // Its own row lock and its own column: whoever comes second finds it sent.
  const sent = prepare<{ id: string }>(
    db,
    'operation_sent',
    {
      marked: sql`update device_operation o set sent = ${value('at', 'timestamptz(3)')} from device_turn t
        where o.id = ${value('operation', 'uuid')} and t.subject_id = o.id and t.owner = ${value('me', 'text')}
          and o.state = 'PENDING' and o.sent is null returning o.id`,
    },
    { id: sql<string>`id` },
    sql`marked`,
  )
  const notSent = mark('operation_not_sent', sql`sent = null`)
  const taken = mark('operation_taken', sql`taken = ${value('at', 'timestamptz(3)')}`)
  const end = operationEnds(db)
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
        sent: row.operation.sent,
        taken: row.operation.taken,
        account: row.account,
      }))
    },
    operationSent: async operationId =>
      (await sent({ operation: operationId, me, at: iso(clock.now()) })).length > 0,
    operationNotSent: async operationId => {
      await notSent({ operation: operationId, me })
    },
    operationTaken: async operationId => {
      await taken({ operation: operationId, me, at: iso(clock.now()) })
    },
    endOperation: (operationId, told) => end(operationId, told, clock.now()),
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
