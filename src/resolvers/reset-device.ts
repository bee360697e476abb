// Makes a device new for every account, upstream where that has devices and here in any case. Not while somebody is signed in.

import { RefusedByRuleError } from '../errors.ts'
import type { Context } from './context.ts'
import { deviceBusy } from './device-busy.ts'
import { found } from './find.ts'
import { idOf } from './global-id.ts'
import { createLoaders } from './loaders.ts'
import type { DevicePayload } from './update-device.ts'
import { demand } from './viewer.ts'
import { settledOperation } from './wait-for-operation.ts'

/** Throws NotFoundError, DeviceBusyError, RefusedByRuleError, UpstreamError. */
export const resetDevice = async (context: Context, id: string): Promise<DevicePayload> => {
  const { viewer, services } = context
  demand(viewer, 'LOGIN_WRITE')
  const deviceId = found(idOf('Device', id), 'device')
  const asked = await services.store.requestOperation({
    tenant: viewer.tenant,
    deviceId,
    kind: 'RESET',
    accountId: null,
    requestedBy: viewer.name,
  })
  if (asked === 'BUSY' || asked === 'NOT_HERE') throw await deviceBusy(context, deviceId)
  if (asked === 'SIGNED_IN') throw new RefusedByRuleError({ code: 'SIGNED_IN_DEVICE', until: null })
  const { provider } = found(await context.loaders.device(deviceId), 'device')
  const operation = await settledOperation(context, found(asked, 'device'), provider)
  // As it is now: what was read before is kept by the loaders of this request.
  const device = await createLoaders(services, viewer.tenant).device(deviceId)
  return { device: found(device, 'device'), operation }
}
