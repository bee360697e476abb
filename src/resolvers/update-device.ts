// Changes the settings of a device; what is absent stays, null removes. Its next login is told of them; whoever is signed in
// moves to another proxy at once.

import type { DeviceRecord, OperationRecord } from '../db/records.ts'
import { Problems } from './check-input.ts'
import type { Context } from './context.ts'
import { deviceBusy } from './device-busy.ts'
import { checkSettings, type SettingsInput } from './device-settings.ts'
import { found } from './find.ts'
import { idOf } from './global-id.ts'
import { demand } from './viewer.ts'
import { settledOperation } from './wait-for-operation.ts'

export interface UpdateDeviceInput extends SettingsInput {
  readonly deviceId: string
}

export interface DevicePayload {
  readonly device: DeviceRecord
  /** Null: nothing was asked of the upstream. */
  readonly operation: OperationRecord | null
}

/** Throws InvalidInputError, NotFoundError, DeviceBusyError, UpstreamError. */
export const updateDevice = async (context: Context, input: UpdateDeviceInput): Promise<DevicePayload> => {
  const { viewer, services } = context
  demand(viewer, 'LOGIN_WRITE')
  const problems = new Problems()
  const change = checkSettings(input, problems)
  problems.raise()
  const deviceId = found(idOf('Device', input.deviceId), 'device')
  const updated = await services.store.updateDevice({
    tenant: viewer.tenant,
    deviceId,
    change,
    changedBy: viewer.name,
  })
  if (updated === 'BUSY') throw await deviceBusy(context, deviceId)
  const { device, operation } = found(updated, 'device')
  return { device, operation: operation && (await settledOperation(context, operation, device.provider)) }
}
