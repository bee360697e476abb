// Reading devices and changing their settings.

import { isDeepStrictEqual } from 'node:util'
import { and, eq, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import type { FollowedClock } from './clock.ts'
import type { Connection } from './connection/connection.ts'
import { callTarget, type DeviceRow, deviceRecord } from './device-records.ts'
import type { DeviceFilter } from './filters.ts'
import { isId, newId } from './ids.ts'
import { keyset } from './keyset.ts'
import { sealedPassword } from './register.ts'
import type { Sealing } from './sealing.ts'
import { ask, idList, ids, sent } from './statement.ts'
import type { DeviceSettings, DeviceStore } from './store.ts'
import { device } from './tables/device.ts'
import { deviceTurn } from './tables/device-turn.ts'
import { deviceVersion } from './tables/device-version.ts'

export const deviceReaders = (
  connection: Connection,
): Pick<DeviceStore, 'readDevices' | 'readActiveLogins' | 'pageDevices' | 'countDevices'> => {
  const { db } = connection
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
        db
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
        db.select({ count: sql<number>`count(*)::int` }).from(device).where(deviceConditions(tenant, where)),
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

/**
 * The device's turn is taken for the time of a transaction, so that no login begins with half of it: whoever wants it
 * meanwhile waits, and whoever has it makes this BUSY.
 */
export const updateDeviceWith = (parts: {
  connection: Connection
  sealing: Sealing
  clock: FollowedClock
}): DeviceStore['updateDevice'] => {
  const { connection, sealing, clock } = parts
  return async ({ tenant, deviceId, change, changedBy }) => {
    if (!isId(deviceId)) return null
    const at = clock.now()
    return await sent(
      connection.transaction(async db => {
        const [known] = await db
          .select()
          .from(device)
          .where(and(eq(device.tenant, tenant), eq(device.id, deviceId), isNull(device.retired)))
        if (known === undefined) return null
        const operation = {
          kind: 'OPERATION',
          subjectId: newId(at),
          epoch: 1,
          version: 1,
          sequence: 0,
        } as const
        const taken = await db
          .insert(deviceTurn)
          .values({ deviceId, tenant, provider: known.provider, ...operation, happened: at, updated: at })
          .onConflictDoNothing({ target: deviceTurn.deviceId })
          .returning({ deviceId: deviceTurn.deviceId })
        if (taken.length === 0) return 'BUSY'
        const { proxy, ...rest } = change
        const [changed] = await db
          .update(device)
          .set({
            ...rest,
            ...(proxy === undefined
              ? {}
              : {
                  proxyHost: proxy?.host ?? null,
                  proxyPort: proxy?.port ?? null,
                  proxyUsername: proxy?.username ?? null,
                  proxyPassword: sealedPassword(deviceId, proxy, sealing),
                }),
            ...(changesExit(known, change, sealing) ? { exitChanged: at } : {}),
            version: sql`${device.version} + 1`,
            settingsVersion: sql`${device.version} + 1`,
          })
          .where(eq(device.id, deviceId))
          .returning()
        if (changed === undefined) return null
        await db.insert(deviceVersion).values({
          deviceId,
          number: changed.version,
          tenant,
          label: changed.label,
          deviceType: changed.deviceType,
          province: changed.province,
          city: changed.city,
          proxyHost: changed.proxyHost,
          proxyPort: changed.proxyPort,
          proxyUsername: changed.proxyUsername,
          ttuid: changed.ttuid,
          cause: 'UPDATED',
          changedBy,
          validFrom: at,
        })
        await db.delete(deviceTurn).where(eq(deviceTurn.deviceId, deviceId))
        return deviceRecord(changed)
      }),
    )
  }
}

type Change = Parameters<DeviceStore['updateDevice']>[0]['change']

/** Whether the upstream will see the account come from elsewhere: the same said again changes nothing. */
const changesExit = (known: DeviceRow, { province, proxy, ttuid }: Change, sealing: Sealing): boolean =>
  (province !== undefined && province !== known.province) ||
  (ttuid !== undefined && ttuid !== known.ttuid) ||
  (proxy !== undefined && !isSameProxy(known, proxy, sealing))

const isSameProxy = (known: DeviceRow, proxy: DeviceSettings['proxy'], sealing: Sealing): boolean => {
  const { proxy: before } = deviceRecord(known)
  if (proxy === null || before === null) return proxy === before
  const { password, ...rest } = proxy
  return isDeepStrictEqual(rest, before) && password === callTarget(known, [], sealing).proxy?.password
}
