// Who has a device that somebody else wants.

import { DeviceBusyError } from '../errors.ts'
import type { Context } from './context.ts'

export const deviceBusy = async ({ loaders }: Context, deviceId: string): Promise<DeviceBusyError> => {
  const [loginId, operation] = await Promise.all([
    loaders.activeLoginId(deviceId),
    loaders.newestOperation(deviceId),
  ])
  return new DeviceBusyError('The device is in use.', {
    ...(loginId === null ? {} : { loginId }),
    ...(loginId === null && operation?.state === 'PENDING' ? { operationId: operation.id } : {}),
  })
}
