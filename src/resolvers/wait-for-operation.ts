// Waits a moment for what the upstream was asked to do with a device. Whoever drives operations rings their id.

import type { OperationRecord } from '../db/records.ts'
import { UpstreamError } from '../errors.ts'
import type { Context } from './context.ts'
import { until } from './until.ts'

/** As far as it got: PENDING where the patience ran out. Throws UpstreamError where it failed. */
export const settledOperation = async (
  { viewer, services }: Context,
  operation: OperationRecord,
): Promise<OperationRecord> => {
  if (operation.state === 'PENDING') services.bus.ring({ id: operation.id, sequence: 0 })
  const look = async () => {
    const now = await services.store.readOperation(viewer.tenant, operation.id)
    return now === null || now.state === 'PENDING' ? null : now
  }
  const settled =
    operation.state === 'PENDING'
      ? await until({ bus: services.bus, id: operation.id, patience: services.patience, look })
      : operation
  if (settled?.state === 'FAILED')
    throw new UpstreamError('The upstream did not create the device.', {
      upstreamCode: settled.upstreamCode,
      upstreamMessage: settled.upstreamMessage,
      retryable: true,
    })
  return settled ?? operation
}
