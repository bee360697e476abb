// A device as readers see it, and what an upstream must be told of it. The proxy's password is opened for a call only.

import { sql } from 'drizzle-orm'
import type { DeviceRecord } from './records.ts'
import type { Sealing } from './sealing.ts'
import type { CallTarget } from './store.ts'
import { account } from './tables/account.ts'
import { device } from './tables/device.ts'

export type DeviceRow = typeof device.$inferSelect

/** A column of what is read from `device`: see CallTarget. The account that was last confirmed may not be who was here last. */
export const knownHandles = sql<readonly string[]>`(
  select coalesce(jsonb_agg(handle order by handle), '[]') from (
    select ${device.instanceId} as handle
    union select a.instance_id from ${account} a where a.id = ${device.accountId}
    union select a.instance_id from ${account} a where a.tenant = ${device.tenant}
      and a.provider = ${device.provider} and a.wc_id = ${device.knownWcId}
  ) handles where handle is not null)`

export const deviceRecord = (row: DeviceRow): DeviceRecord => ({
  id: row.id,
  tenant: row.tenant,
  provider: row.provider,
  deviceKey: row.deviceKey,
  upstreamId: row.upstreamId,
  label: row.label,
  deviceType: row.deviceType,
  province: row.province,
  city: row.city,
  proxy:
    row.proxyHost === null || row.proxyPort === null
      ? null
      : { host: row.proxyHost, port: row.proxyPort, username: row.proxyUsername },
  ttuid: row.ttuid,
  accountId: row.accountId,
  resetRequired: row.resetRequired,
  created: row.created,
  lastLogin: row.lastLogin,
  lastSeenSignedIn: row.lastSeenSignedIn,
  retired: row.retired,
  version: row.version,
})

export const proxyPlace = (deviceId: string) => ({ table: 'device', id: deviceId, field: 'proxy_password' })

export const callTarget = (row: DeviceRow, handles: readonly string[], sealing: Sealing): CallTarget => {
  const { proxy } = deviceRecord(row)
  const password = row.proxyPassword === null ? null : sealing.open(proxyPlace(row.id), row.proxyPassword)
  return {
    upstreamId: row.upstreamId,
    deviceType: row.deviceType,
    province: row.province,
    city: row.city,
    proxy: proxy === null ? null : { ...proxy, password },
    ttuid: row.ttuid,
    wcId: row.knownWcId,
    knownHandles: handles,
    code: null,
  }
}
