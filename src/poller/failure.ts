// What a call that threw says about the login that it was made for. It knows the errors, and no call.

import type { Failure, Observation } from '../login/observation.ts'
import type { Millis } from '../login/vocabulary.ts'
import { ProviderError } from '../provider/port.ts'

/** Called off by us before it went out (the lease, a stop), or, where nothing hangs on its answer, under way. */
export class CalledOffError extends Error {
  override readonly name = 'CalledOffError'
}

/** Sent, and given up by us: what it did upstream is unknown. */
export class GivenUpError extends Error {
  override readonly name = 'GivenUpError'
}

const unreachable: Failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null }

/** Rethrows what is no failure of an upstream but of ours. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof ProviderError)
    return { kind: error.kind, upstreamCode: error.upstreamCode, upstreamMessage: error.upstreamMessage }
  if (error instanceof GivenUpError) return { kind: 'TIMEOUT', upstreamCode: null, upstreamMessage: null }
  throw error
}

/** Whether nobody upstream can have heard of that call. */
export const isUnsent = (error: unknown): boolean =>
  error instanceof ProviderError && !error.sent && !error.answered

/** Rethrows what is an error of ours: nobody knows then how far the call got, and its intent is found open. */
export const failureOfIntent = (error: unknown, intent: string, at: Millis): Observation => {
  if (error instanceof CalledOffError) return { kind: 'CallNotSent', at, intent, failure: unreachable }
  const failure = failureOf(error)
  if (!(error instanceof ProviderError)) return { kind: 'CallUnanswered', at, intent, failure }
  const kind = error.answered ? 'CallRefused' : error.sent ? 'CallUnanswered' : 'CallNotSent'
  return { kind, at, intent, failure }
}

/** An intent that nobody is waiting for an answer to: found after a crash, or lost on the way. */
export const unanswered = (intent: string, at: Millis): Observation => ({
  kind: 'CallUnanswered',
  at,
  intent,
  failure: unreachable,
})

/** For the log: where it was thrown and what it is called. Its message may hold parameters, and so secrets. */
export const traceOf = (error: unknown): object => {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = codeOf(error) ?? codeOf(error.cause)
  const frames = error.stack?.split('\n').filter(line => line.startsWith('    at ')) ?? []
  return { error: error.name, ...(code === null ? {} : { code }), stack: frames.map(frame => frame.trim()) }
}

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
