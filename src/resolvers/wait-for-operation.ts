// Waits a moment for what the upstream was asked to do with a device, and says why it came to nothing. Whoever drives
// operations rings their id, and knows for a while what stood in their way.

import type { OperationRecord } from '../db/records.ts'
import { UpstreamError } from '../errors.ts'
import type { CallFailure } from '../provider/port.ts'
import type { Context } from './context.ts'
import { until } from './until.ts'

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
  if (settled?.state === 'FAILED' || (waits && settled?.state === 'UNCLEAR'))
    throw notDone(settled, provider, services.failureOf(settled.id))
  return settled ?? operation
}

/** UNCLEAR is told as an error too: nothing else would say why, and the same call asks again either way. */
const notDone = (
  { state, upstreamCode, upstreamMessage }: OperationRecord,
  provider: string,
  failure: CallFailure | null,
): UpstreamError => {
  const said = [
    failure === null
      ? 'The upstream did not create the device.'
      : sentence(`The upstream ${provider}`, failure),
    ...(state === 'UNCLEAR' ? ['Whether it created the device is unknown.'] : []),
  ].join(' ')
  const retryable = failure === null || mayPass(failure)
  return new UpstreamError(said, { upstreamCode, upstreamMessage, retryable })
}

/** What stands in the way, and where it is put right. Never the address nor the token. */
const sentence = (upstream: string, { kind, httpStatus }: CallFailure): string => {
  const told = httpStatus === null ? '' : ` (HTTP ${httpStatus})`
  switch (kind) {
    case 'UNAUTHORIZED':
      return `${upstream} refuses the token of this gateway${told}: check "token" in GATEHOUSE_PROVIDERS.`
    case 'UNREACHABLE':
      return `${upstream} cannot be reached${told}: check "baseUrl" in GATEHOUSE_PROVIDERS, and whether it is up.`
    case 'TIMEOUT':
      return `${upstream} does not answer in time.`
    case 'UNREADABLE':
      return `${upstream} answers what cannot be read${told}: check "baseUrl" in GATEHOUSE_PROVIDERS.`
    default:
      return `${upstream} did not create the device.`
  }
}

/** A set-up that is wrong stays so until somebody puts it right; so does a page that is not there. */
const mayPass = ({ kind, httpStatus }: CallFailure): boolean => {
  if (kind === 'UNAUTHORIZED') return false
  return kind !== 'UNREADABLE' || httpStatus === null || httpStatus === 429 || httpStatus >= 500
}
