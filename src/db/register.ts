// A device's beginning, in one statement: the device, its first version, and where it must be made upstream the
// operation with its turn. A key that is known answers with its device.

import { sql } from 'drizzle-orm'
import type { FollowedClock } from './clock.ts'
import type { Database } from './connection/connection.ts'
import { proxyPlace } from './device-records.ts'
import { isUniqueViolation, UpstreamIdTakenError } from './errors.ts'
import { newId } from './ids.ts'
import { operationRequested, turnOfOperation } from './operations.ts'
import type { Sealing } from './sealing.ts'
import { iso, prepare, type Values, value } from './statement.ts'
import type { DeviceStore } from './store.ts'

type Input = Parameters<DeviceStore['registerDevice']>[0]

interface Answer {
  readonly deviceId: string
  readonly created: boolean
  readonly sameInput: boolean
}

const settings = sql`${value('label', 'text')}, ${value('device_type', 'text')}, ${value('province', 'text')},
  ${value('city', 'text')}, ${value('proxy_host', 'text')}, ${value('proxy_port', 'int')},
  ${value('proxy_username', 'text')}`

/** Touching a known key's row takes its lock, so that the answer is the row as it is now. */
const dev = sql`
  insert into device (label, device_type, province, city, proxy_host, proxy_port, proxy_username, proxy_password, ttuid,
    id, tenant, provider, device_key, upstream_id, input_hash, created, version, settings_version)
  values (${settings}, ${value('proxy_password', 'bytea')}, ${value('ttuid', 'text')}, ${value('device', 'uuid')},
    ${value('tenant', 'text')}, ${value('provider', 'text')}, ${value('device_key', 'text')},
    ${value('upstream_id', 'text')}, ${value('input_hash', 'text')}, ${value('at', 'timestamptz(3)')}, 1, 1)
  on conflict (tenant, provider, device_key) where retired is null do update set device_key = excluded.device_key
  returning id, tenant, provider, input_hash, id = ${value('device', 'uuid')} as created`

const firstVersion = sql`
  insert into device_version (label, device_type, province, city, proxy_host, proxy_port, proxy_username, ttuid,
    device_id, number, tenant, cause, changed_by, valid_from)
  select ${settings}, ${value('ttuid', 'text')}, id, 1, tenant, 'REGISTERED', ${value('changed_by', 'text')},
    ${value('at', 'timestamptz(3)')} from dev where created`

const newestFailed = sql`device d where d.id = ${value('device', 'uuid')} and d.retired is null and (
  select o.kind = 'REGISTER' and o.state in ('FAILED', 'UNCLEAR') from device_operation o
  where o.device_id = d.id order by o.requested desc, o.id desc limit 1)`

export const registerDeviceWith = (parts: {
  db: Database
  owner: string
  sealing: Sealing
  clock: FollowedClock
  readDevices: DeviceStore['readDevices']
  readNewestOperations: DeviceStore['readNewestOperations']
}): DeviceStore['registerDevice'] => {
  const { db, owner, sealing, clock } = parts
  const register = prepare<Answer>(
    db,
    'register_device',
    {
      dev,
      version: firstVersion,
      live: turnOfOperation(sql`dev where created and ${value('create', 'boolean')}`),
      operation: operationRequested,
    },
    {
      deviceId: sql<string>`id`,
      created: sql<boolean>`created`,
      sameInput: sql<boolean>`input_hash = ${value('input_hash', 'text')}`,
    },
    sql`dev`,
  )
  const again = prepare<{ id: string }>(
    db,
    'register_device_again',
    { live: turnOfOperation(newestFailed), operation: operationRequested },
    { id: sql<string>`subject_id` },
    sql`live`,
  )

  return async input => {
    const at = clock.now()
    const common = {
      operation: newId(at),
      operation_kind: 'REGISTER',
      operation_account: null,
      owner,
      changed_by: input.changedBy,
      at: iso(at),
    }
    const answer = await refused(register({ ...common, ...deviceValues(input, newId(at), sealing) }))
    const { deviceId, created, sameInput } = answer
    // A device that the upstream did not take is tried once more by the same call; one that exists there is created.
    if (!created && sameInput && input.create) await again({ ...common, device: deviceId })
    const [devices, operations] = await Promise.all([
      parts.readDevices(input.tenant, [deviceId]),
      parts.readNewestOperations(input.tenant, [deviceId]),
    ])
    const device = devices.get(deviceId)
    if (device === undefined) throw new Error('A device that was just registered is not there')
    return { device, created, sameInput, operation: operations.get(deviceId) ?? null }
  }
}

const refused = async (statement: Promise<readonly Answer[]>): Promise<Answer> => {
  try {
    const [answer] = await statement
    if (answer === undefined) throw new Error('Registering a device answered nothing')
    return answer
  } catch (error) {
    if (isUniqueViolation(error) && error.constraint === 'device_upstream_id') {
      throw new UpstreamIdTakenError('This upstream id belongs to a device already')
    }
    throw error
  }
}

const deviceValues = (input: Input, deviceId: string, sealing: Sealing): Values => {
  const { label, deviceType, province, city, proxy, ttuid } = input.settings
  return {
    device: deviceId,
    tenant: input.tenant,
    provider: input.provider,
    device_key: input.deviceKey,
    upstream_id: input.upstreamId,
    input_hash: input.inputHash,
    create: input.create,
    label,
    device_type: deviceType,
    province,
    city,
    proxy_host: proxy?.host ?? null,
    proxy_port: proxy?.port ?? null,
    proxy_username: proxy?.username ?? null,
    proxy_password: sealedPassword(deviceId, proxy, sealing),
    ttuid,
  }
}

export const sealedPassword = (
  deviceId: string,
  proxy: { readonly password: string | null } | null,
  sealing: Sealing,
): Uint8Array | null => {
  const password = proxy?.password ?? null
  return password === null ? null : sealing.seal(proxyPlace(deviceId), password)
}
