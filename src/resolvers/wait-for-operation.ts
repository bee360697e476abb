// Waits a moment for what the upstream was asked to do with a device, and says why it came to nothing. Whoever drives
// operations rings their id, and knows for a while what stood in their way.

import type { OperationRecord } from '../db/records.ts'
import { UpstreamError } from '../errors.ts'
import type { CallFailure } from '../provider/port.ts'
import type { Context } from './context.ts'
import { until } from './until.ts'
import { upstreamSentence } from './upstream-sentence.ts'

/**
 * As far as it got: PENDING where the patience ran out, UNCLEAR where that was known before. Throws UpstreamError where it
 * came to nothing.
 */
export const settledOperation = async (
  { viewer, services }: Context,
  operation: OperationRecord,
  provider: string,
): Promise<OperationRecord> => {
  if (operation.state === 'PENDING') services.bus.ring({ id: operation.id, sequence: 0 })
  const look = async () => {
    const now = await services.store.readOperation(viewer.tenant, operation.id)
    return now === null || now.state === 'PENDING' ? null : now
  }
  const waits = operation.state === 'PENDING'
  const settled = waits
    ? await until({ bus: services.bus, id: operation.id, patience: services.patience, look })
    : operation
  if (settled?.state === 'FAILED' || (waits && settled?.state === 'UNCLEAR' && settled.kind === 'REGISTER'))
    throw notDone(settled, provider, services.failureOf(settled.id))
  return settled ?? operation
}

const notDoneAs: Readonly<Record<OperationRecord['kind'], string>> = {
  REGISTER: 'did not create the device',
  RESET: 'did not reset the device',
  LOGOUT: 'did not sign the account out',
  CHANGE_PROXY: 'did not take the new proxy: the next login is told of it',
}

/** UNCLEAR of a new device is told as an error too: nothing else would say why, and the same call asks again either way. */
const notDone = (
  { kind, state, upstreamCode, upstreamMessage }: OperationRecord,
  provider: string,
  failure: CallFailure | null,
): UpstreamError => {
  const said = [
    failure === null
      ? `The upstream ${notDoneAs[kind]}.`
      : upstreamSentence(provider, failure, `The upstream ${provider} ${notDoneAs[kind]}.`),
    ...(state === 'UNCLEAR' ? ['Whether it created the device is unknown.'] : []),
  ].join(' ')
  const retryable = failure === null || mayPass(failure)
  return new UpstreamError(said, { upstreamCode, upstreamMessage, retryable })
}

/** A set-up that is wrong stays so until somebody puts it right; so does a page that is not there. */
export const mayPass = ({ kind, httpStatus }: CallFailure): boolean => {
  if (kind === 'UNAUTHORIZED') return false
  return kind !== 'UNREADABLE' || httpStatus === null || httpStatus === 429 || httpStatus >= 500
}
