// REGISTER may be repeated, because a device that exists is created.

import type { PendingOperation } from '../db/store.ts'
import { type Provider, ProviderError } from '../provider/port.ts'
import { CalledOffError, GivenUpError } from './failure.ts'
import type { Outcome, Performing } from './performing.ts'

const attempts = 3
const patience = 10_000
const pauseAfter = (attempt: number): number => 1_000 * attempt

export const registerDevice = async (
  operation: PendingOperation,
  provider: Provider,
  { calls, pause }: Performing,
): Promise<Outcome> => {
  const { code: _, ...device } = operation.target
  const target = { ...device, handle: null }
  let sent = false
  for (let attempt = 1; ; attempt++) {
    try {
      await calls.ask({ held: null, intent: operation.id, within: patience }, signal =>
        provider.registerDevice(target, signal),
      )
      return { end: { state: 'DONE', upstreamCode: null, upstreamMessage: null }, failure: null }
    } catch (error) {
      if (error instanceof CalledOffError) return null
      if (!(error instanceof ProviderError || error instanceof GivenUpError)) throw error
      const told = error instanceof ProviderError ? error : null
      const { answered = false, upstreamCode = null, upstreamMessage = null } = told ?? {}
      sent ||= told?.sent ?? true
      if (answered || attempt === attempts)
        return {
          end: { state: answered || !sent ? 'FAILED' : 'UNCLEAR', upstreamCode, upstreamMessage },
          failure: { kind: told?.kind ?? 'TIMEOUT', httpStatus: told?.httpStatus ?? null },
        }
    }
    if (!(await pause(pauseAfter(attempt)))) return null
  }
}
