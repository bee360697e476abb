// Takes a device out of use: its history stays, its key is free. Nothing is asked of the upstream.

import { RefusedByRuleError } from '../errors.ts'
import type { Context } from './context.ts'
import { deviceBusy } from './device-busy.ts'
import { found } from './find.ts'
import { idOf } from './global-id.ts'
import type { DevicePayload } from './update-device.ts'
import { demand } from './viewer.ts'

/** Throws NotFoundError, DeviceBusyError, RefusedByRuleError. One that is retired already answers as it is. */
export const retireDevice = async (context: Context, id: string): Promise<DevicePayload> => {
  const { viewer, services, loaders } = context
  demand(viewer, 'LOGIN_WRITE')
  const deviceId = found(idOf('Device', id), 'device')
  const retired = await services.store.retireDevice({
    tenant: viewer.tenant,
    deviceId,
    changedBy: viewer.name,
  })
  if (retired === 'BUSY') throw await deviceBusy(context, deviceId)
  if (retired === 'SIGNED_IN') throw new RefusedByRuleError({ code: 'SIGNED_IN_DEVICE', until: null })
  return { device: retired ?? found(await loaders.device(deviceId), 'device'), operation: null }
}
