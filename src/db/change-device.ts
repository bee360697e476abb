// Changing what is kept of a device: its settings, and whether it is in use. The device's turn is taken for the time of a
// transaction, so that no login begins with half of it: whoever wants it meanwhile waits, and whoever has it makes this BUSY.

import { isDeepStrictEqual } from 'node:util'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { FollowedClock } from './clock.ts'
import type { Connection, Database } from './connection/connection.ts'
import { callTarget, type DeviceRow, deviceRecord } from './device-records.ts'
import { isId, newId } from './ids.ts'
import { operationRecord } from './operations.ts'
import { sealedPassword } from './register.ts'
import type { Sealing } from './sealing.ts'
import { newestVersion } from './sign-in.ts'
import { iso, sent } from './statement.ts'
import type { DeviceSettings, DeviceStore } from './store.ts'
import { device } from './tables/device.ts'
import { deviceOperation } from './tables/device-operation.ts'
import { deviceTurn } from './tables/device-turn.ts'
import { type DeviceChangeCause, deviceVersion } from './tables/device-version.ts'
import { signIn } from './tables/sign-in.ts'

type Change = Parameters<DeviceStore['updateDevice']>[0]['change']

export const changeDeviceWith = (parts: {
  connection: Connection
  sealing: Sealing
  clock: FollowedClock
}): Pick<DeviceStore, 'updateDevice' | 'retireDevice'> => {
  const { connection, sealing, clock } = parts
  return {
    updateDevice: async ({ tenant, deviceId, change, changedBy }) => {
      if (!isId(deviceId)) return null
      const at = clock.now()
      return await sent(
        connection.transaction(async db => {
          const taken = await take(db, tenant, deviceId, at)
          if (typeof taken === 'string' || taken === null) return taken
          const { known, operation } = taken
          const { proxy, ...rest } = change
          const changed = await settle(db, deviceId, 'UPDATED', changedBy, at, {
            ...rest,
            ...(proxy === undefined ? {} : proxyColumns(deviceId, proxy, sealing)),
            ...(changesExit(known, change, sealing) ? { exitChanged: at } : {}),
          })
          // Where somebody is signed in the upstream is told at once, by whoever drives operations; it has no way to take one away.
          const moves =
            proxy != null && !isSameProxy(known, proxy, sealing) && (await isSignedIn(db, deviceId))
          if (!moves) {
            await db.delete(deviceTurn).where(eq(deviceTurn.deviceId, deviceId))
            return { device: deviceRecord(changed), operation: null }
          }
          const [asked] = await db
            .insert(deviceOperation)
            .values({
              id: operation,
              tenant,
              deviceId,
              kind: 'CHANGE_PROXY',
              state: 'PENDING',
              requestedBy: changedBy,
              requested: at,
              accountId: known.accountId,
            })
            .returning()
          return {
            device: deviceRecord(changed),
            operation: asked === undefined ? null : operationRecord(asked),
          }
        }),
      )
    },
    retireDevice: async ({ tenant, deviceId, changedBy }) => {
      if (!isId(deviceId)) return null
      const at = clock.now()
      return await sent(
        connection.transaction(async db => {
          const taken = await take(db, tenant, deviceId, at)
          if (typeof taken === 'string' || taken === null) return taken
          const isOn = await isSignedIn(db, deviceId)
          const retired = isOn ? null : await settle(db, deviceId, 'RETIRED', changedBy, at, { retired: at })
          await db.delete(deviceTurn).where(eq(deviceTurn.deviceId, deviceId))
          return retired === null ? 'SIGNED_IN' : deviceRecord(retired)
        }),
      )
    },
  }
}

const take = async (db: Database, tenant: string, deviceId: string, at: number) => {
  const [known] = await db
    .select()
    .from(device)
    .where(and(eq(device.tenant, tenant), eq(device.id, deviceId), isNull(device.retired)))
  if (known === undefined) return null
  const operation = newId(at)
  const taken = await db
    .insert(deviceTurn)
    .values({
      deviceId,
      tenant,
      provider: known.provider,
      kind: 'OPERATION',
      subjectId: operation,
      epoch: 1,
      version: 1,
      sequence: 0,
      happened: at,
      updated: at,
    })
    .onConflictDoNothing({ target: deviceTurn.deviceId })
    .returning({ deviceId: deviceTurn.deviceId })
  if (taken.length === 0) return 'BUSY' as const
  // As it is now that nobody else has it; whoever was found there meanwhile is seen after this lock.
  const [now = known] = await db.select().from(device).where(eq(device.id, deviceId)).for('no key update')
  return { known: now, operation }
}

const settle = async (
  db: Database,
  deviceId: string,
  cause: DeviceChangeCause,
  changedBy: string,
  at: number,
  change: Partial<DeviceRow>,
): Promise<DeviceRow> => {
  const [changed] = await db
    .update(device)
    .set({ ...change, version: sql`${device.version} + 1`, settingsVersion: sql`${device.version} + 1` })
    .where(eq(device.id, deviceId))
    .returning()
  if (changed === undefined) throw new Error('A device whose turn was taken is not there')
  await db.insert(deviceVersion).values({
    deviceId,
    number: changed.version,
    tenant: changed.tenant,
    label: changed.label,
    deviceType: changed.deviceType,
    province: changed.province,
    city: changed.city,
    proxyHost: changed.proxyHost,
    proxyPort: changed.proxyPort,
    proxyUsername: changed.proxyUsername,
    ttuid: changed.ttuid,
    cause,
    changedBy,
    // Another instance's clock may be ahead: no version begins before the one that it ends.
    validFrom: sql`greatest(${iso(at)}::timestamptz(3), ${newestVersion(sql`${deviceId}::uuid`)})`,
  })
  return changed
}

const isSignedIn = async (db: Database, deviceId: string): Promise<boolean> => {
  const [open] = await db
    .select({ id: signIn.id })
    .from(signIn)
    .where(and(eq(signIn.deviceId, deviceId), isNull(signIn.ended)))
  return open !== undefined
}

const proxyColumns = (deviceId: string, proxy: DeviceSettings['proxy'], sealing: Sealing) => ({
  proxyHost: proxy?.host ?? null,
  proxyPort: proxy?.port ?? null,
  proxyUsername: proxy?.username ?? null,
  proxyPassword: sealedPassword(deviceId, proxy, sealing),
})

/** Whether the upstream will see the account come from elsewhere: the same said again changes nothing. */
const changesExit = (known: DeviceRow, { province, proxy, ttuid }: Change, sealing: Sealing): boolean =>
  // One that was never told is not known to have been another, as of a device that was taken over.
  !(known.province === null && known.proxyHost === null && known.ttuid === null) &&
  ((province !== undefined && province !== known.province) ||
    (ttuid !== undefined && ttuid !== known.ttuid) ||
    (proxy !== undefined && !isSameProxy(known, proxy, sealing)))

const isSameProxy = (known: DeviceRow, proxy: DeviceSettings['proxy'], sealing: Sealing): boolean => {
  const { proxy: before } = deviceRecord(known)
  if (proxy === null || before === null) return proxy === before
  const { password, ...rest } = proxy
  return isDeepStrictEqual(rest, before) && password === callTarget(known, [], sealing).proxy?.password
}
