// Reading devices, and who has their turns.

import { and, eq, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import type { Connection } from './connection/connection.ts'
import { deviceRecord } from './device-records.ts'
import type { DeviceFilter } from './filters.ts'
import { isId } from './ids.ts'
import { keyset } from './keyset.ts'
import { ask, idList, ids } from './statement.ts'
import type { DeviceStore } from './store.ts'
import { device } from './tables/device.ts'
import { deviceTurn } from './tables/device-turn.ts'

export const deviceReaders = (
  connection: Connection,
): Pick<DeviceStore, 'readDevices' | 'readActiveLogins' | 'pageDevices' | 'countDevices'> => {
  const { db, forPages: pages } = connection
  const many = db
    .select()
    .from(device)
    .where(and(eq(device.tenant, sql.placeholder('tenant')), sql`${device.id} = any ${ids('devices')}`))
    .prepare('read_devices')
  const active = db
    .select({ deviceId: deviceTurn.deviceId, loginId: deviceTurn.subjectId })
    .from(deviceTurn)
    .where(
      and(
        eq(deviceTurn.tenant, sql.placeholder('tenant')),
        eq(deviceTurn.kind, 'LOGIN'),
        sql`${deviceTurn.deviceId} = any ${ids('devices')}`,
      ),
    )
    .prepare('read_active_logins')
  return {
    readDevices: async (tenant, deviceIds) => {
      const known = deviceIds.filter(isId)
      if (known.length === 0) return new Map()
      const rows = await ask(() => many.execute({ tenant, devices: idList(known) }))
      return new Map(rows.map(row => [row.id, deviceRecord(row)]))
    },
    readActiveLogins: async (tenant, deviceIds) => {
      const known = deviceIds.filter(isId)
      if (known.length === 0) return new Map()
      const rows = await ask(() => active.execute({ tenant, devices: idList(known) }))
      return new Map(rows.map(row => [row.deviceId, row.loginId]))
    },
    pageDevices: async (tenant, where, page) => {
      const keys = keyset(device.created, device.id, 'DESC', page)
      const rows = await ask(() =>
        pages
          .select()
          .from(device)
          .where(and(deviceConditions(tenant, where), keys.where))
          .orderBy(...keys.orderBy)
          .limit(page.limit),
      )
      return keys.shown(rows).map(deviceRecord)
    },
    countDevices: async (tenant, where) => {
      const [row] = await ask(() =>
        pages
          .select({ count: sql<number>`count(*)::int` })
          .from(device)
          .where(deviceConditions(tenant, where)),
      )
      return row?.count ?? 0
    },
  }
}

const deviceConditions = (tenant: string, where: DeviceFilter): SQL | undefined =>
  and(
    eq(device.tenant, tenant),
    where.provider && inArray(device.provider, [...where.provider]),
    where.deviceKey === undefined ? undefined : eq(device.deviceKey, where.deviceKey),
    where.resetRequired === undefined ? undefined : eq(device.resetRequired, where.resetRequired),
    where.retired === undefined
      ? undefined
      : where.retired
        ? isNotNull(device.retired)
        : isNull(device.retired),
  )
