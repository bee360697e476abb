// Asking for a QR code: the same few steps whether the login begins (STARTING) or an old code is replaced
// (AWAITING_SCAN). A login that may not ask again ends here.

import { deadlineIn, issueForbidden, pollHangs, tooManyAttempts } from './course.ts'
import { end, isDefinite, reasonOfFailure } from './ending.ts'
import type { Failure } from './observation.ts'
import type { AwaitingScan, Renewal, Starting } from './state.ts'
import type { Step } from './step.ts'
import type { Millis } from './vocabulary.ts'

export type Issuing = Starting | AwaitingScan
export type IssuingStep = Exclude<Renewal, { kind: 'ASKED' }>

const attempts = 3
const longestPause = 8_000
/** The upstream is out of reach; writing it down more often helps nobody. */
export const pauseWhenUnsent = 2_000

/** Null: no code is being asked for. */
export const issuingStep = (state: Issuing): IssuingStep | null => {
  const step = state.kind === 'STARTING' ? state.step : state.renewal
  return step === null || step.kind === 'ASKED' || step.kind === 'CHECK_ONLINE' ? null : step
}

export const withStep = (state: Issuing, step: IssuingStep): Issuing =>
  state.kind === 'STARTING' ? { ...state, step } : { ...state, renewal: step }

/** One second, two, four, eight: the upstream gets time to come back. */
export const pauseAfter = (failures: number): number => Math.min(1_000 * 2 ** (failures - 1), longestPause)

/**
 * Before an old code is replaced a poll must rule a scan out, each time anew (S2:1); a first code has nobody to ask after,
 * and where polls hang the upstream itself has called the old one dead.
 */
export const tryAgain = (state: Issuing, step: { failures: number; notBefore: Millis }): Step => ({
  state: withStep(state, {
    kind: state.kind === 'STARTING' || pollHangs(state) ? 'PROMPT' : 'LOOK',
    ...step,
  }),
  events: [],
})

/** Null: a code may be asked for once more. Else the end, with what the upstream said. */
export const endOfTrying = (state: Issuing, failures: number, at: Millis, failure: Failure): Step | null => {
  const told = {
    reason: reasonOfFailure(failure.kind),
    upstreamCode: failure.upstreamCode,
    upstreamMessage: failure.upstreamMessage,
  } as const
  if (isDefinite(failure.kind) || failures >= attempts) return end(state, told)
  const forbidden = issueForbidden(state, at)
  return forbidden === null ? null : end(state, { ...told, advisories: tooManyAttempts(forbidden) })
}

/** The old code is dead or given up: the next one, where one more is allowed. Its secret goes at once. */
export const renew = (state: AwaitingScan, at: Millis): Step => {
  const forbidden = issueForbidden(state, at)
  if (forbidden !== null)
    return end(state, { reason: 'QR_CODE_EXPIRED', advisories: tooManyAttempts(forbidden) })
  return {
    state: {
      ...state,
      lastLook: null,
      unclear: null,
      inquiry: null,
      deadline: deadlineIn(state.terms, at, state.terms.deadlines.starting),
      renewal: { kind: 'PROMPT', failures: 0, notBefore: at },
    },
    events: [],
    secrets: { qrCode: null },
  }
}
