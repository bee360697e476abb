// A deadline owes one last look, and what follows when that look shows nothing new (docs/login-life-cycle.md).

import { changeMethod, isPushByCall, isWholeOver, pollHangs } from './course.ts'
import { patienceForLastLook } from './duty.ts'
import { end, reasonOfFailure } from './ending.ts'
import { pauseBeforeQuestion } from './inquiry.ts'
import { renew } from './issuing.ts'
import type { Failure } from './observation.ts'
import type {
  AwaitingCode,
  AwaitingConfirmation,
  AwaitingScan,
  AwaitingSlider,
  LastLook,
  Prompt,
  VerifyingCode,
} from './state.ts'
import type { Step } from './step.ts'
import type { Millis, OutcomeReason } from './vocabulary.ts'

export type Prompted = AwaitingScan | AwaitingConfirmation | AwaitingCode | VerifyingCode | AwaitingSlider

/** Whether this poll is the look: it began after the look was owed, or has hung since before. */
export const isLastLook = (state: Prompted, told: { readonly began: Millis }): boolean =>
  state.lastLook?.step === 'POLL' && (pollHangs(state) || told.began >= state.lastLook.since)

/** Whether this answer says who is signed in at the end of the look. */
export const isLastQuestion = (state: Prompted, told: { readonly began: Millis }): boolean =>
  state.lastLook?.step === 'ONLINE' && told.began >= state.lastLook.since

const lapseReason = (state: Prompted): OutcomeReason => {
  if (state.kind === 'AWAITING_CODE' || state.kind === 'VERIFYING_CODE') return 'CODE_EXPIRED'
  if (state.kind === 'AWAITING_SLIDER') return 'SLIDER_EXPIRED'
  return state.prompt.kind === 'PUSH' ? 'PUSH_EXPIRED' : 'QR_CODE_EXPIRED'
}

export const oweLook = (
  state: Prompted,
  look: Pick<LastLook, 'since' | 'because'> & Partial<LastLook>,
): Step => ({
  state: {
    ...state,
    lastLook: {
      step: isPushByCall(state) ? 'ONLINE' : 'POLL',
      failures: 0,
      degraded: state.health.degraded,
      upstreamCode: null,
      upstreamMessage: null,
      ...look,
    },
  },
  events: [],
})

export const oweLookAtDeadline = (state: Prompted, at: Millis): Step =>
  oweLook(state, {
    // A push whose call still hangs is given as long as a poll that does.
    since: isPushByCall(state) && isUnanswered(state.prompt) ? at + patienceForLastLook : at,
    because: isWholeOver(state, at) ? 'TIMED_OUT' : lapseReason(state),
  })

const isUnanswered = (prompt: Prompt): boolean => prompt.kind === 'PUSH' && prompt.answer === 'OWED'

/** A long poll that showed nothing new can have missed a sign-in: who is signed in is asked before the lapse is believed. */
export const looked = (state: Prompted, at: Millis): Step =>
  state.lastLook !== null && pollHangs(state)
    ? {
        state: { ...state, lastLook: { ...state.lastLook, step: 'ONLINE', since: at + pauseBeforeQuestion } },
        events: [],
      }
    : lapse(state, at)

/** The look was answered and showed nothing new. */
export const lapse = (state: Prompted, at: Millis): Step => {
  const look = state.lastLook
  if (look === null) return { state, events: [] }
  const { because, upstreamCode, upstreamMessage } = look
  if (because === 'TIMED_OUT') return end(state, { reason: 'TIMED_OUT' })
  // Where the upstream says by word when a code is dead, and has not, a scan cannot be ruled out.
  if (state.kind === 'AWAITING_SCAN' && state.terms.capabilities.qrCodeDies === 'BY_CLOCK')
    return renew(state, at)
  const isFallingBack =
    state.kind === 'AWAITING_CONFIRMATION' &&
    state.prompt.kind === 'PUSH' &&
    state.terms.strategy === 'AUTO' &&
    because !== 'DECLINED_ON_PHONE'
  if (isFallingBack)
    return changeMethod(state, at, {
      deviceType: state.deviceType,
      reason: because,
      upstreamMessage,
      oneMore: false,
    })
  return end(state, { reason: because, upstreamCode, upstreamMessage })
}

/** The upstream is asked three times for a last answer; a person who confirmed in time is not lost to one bad poll. */
const looks = 3
const pauseBetweenQuestions = 1_000

/** The look went unanswered. Where the upstream has been failing for a while, that is the truth about this end. */
export const lapseUnseen = (state: Prompted, at: Millis, failure: Failure): Step => {
  const look = state.lastLook
  if (look !== null && look.failures + 1 < looks)
    return {
      state: {
        ...state,
        lastLook: {
          ...look,
          failures: look.failures + 1,
          since: look.step === 'ONLINE' ? at + pauseBetweenQuestions : look.since,
        },
      },
      events: [],
    }
  const { cause } = state.health
  if (look?.degraded || cause === 'UNAUTHORIZED')
    return end(state, {
      reason: reasonOfFailure(cause ?? failure.kind),
      upstreamCode: failure.upstreamCode,
      upstreamMessage: failure.upstreamMessage,
    })
  // A scan cannot be ruled out, so no further code is issued (S2:1).
  if (state.kind === 'AWAITING_SCAN') return end(state, { reason: look?.because ?? 'QR_CODE_EXPIRED' })
  return lapse(state, at)
}
