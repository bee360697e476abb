// Changes the settings of a device; what is absent stays, null removes. Nothing is asked of the upstream: its next
// login is told of them.

import type { DeviceRecord, OperationRecord } from '../db/records.ts'
import { DeviceBusyError } from '../errors.ts'
import { Problems } from './check-input.ts'
import type { Context } from './context.ts'
import { checkSettings, type SettingsInput } from './device-settings.ts'
import { found } from './find.ts'
import { idOf } from './global-id.ts'
import { demand } from './viewer.ts'

export interface UpdateDeviceInput extends SettingsInput {
  readonly deviceId: string
}

export interface DevicePayload {
  readonly device: DeviceRecord
  /** Null: nothing was asked of the upstream. */
  readonly operation: OperationRecord | null
}

/** Throws InvalidInputError, NotFoundError, DeviceBusyError. */
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
  if (updated === 'BUSY') throw await busy(context, deviceId)
  return { device: found(updated, 'device'), operation: null }
}

const busy = async ({ loaders }: Context, deviceId: string): Promise<DeviceBusyError> => {
  const [loginId, operation] = await Promise.all([
    loaders.activeLoginId(deviceId),
    loaders.newestOperation(deviceId),
  ])
  return new DeviceBusyError('The device is in use.', {
    ...(loginId === null ? {} : { loginId }),
    ...(loginId === null && operation?.state === 'PENDING' ? { operationId: operation.id } : {}),
  })
}
