// A device as readers see it, and what an upstream must be told of it. The proxy's password is opened for a call only.

import type { DeviceRecord } from './records.ts'
import type { Sealing } from './sealing.ts'
import type { CallTarget } from './store.ts'
import type { device } from './tables/device.ts'

export type DeviceRow = typeof device.$inferSelect

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

export const callTarget = (row: DeviceRow, sealing: Sealing): CallTarget => {
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
    code: null,
  }
}
