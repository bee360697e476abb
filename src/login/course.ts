// What all live states share: their deadlines, the QR codes that they may still ask for, and the way to another one.

import { end } from './ending.ts'
import type { Course, LiveState, Prompt, Starting } from './state.ts'
import type { Step } from './step.ts'
import type { Terms } from './terms.ts'
import type { Advisory, DeviceType, Millis, OutcomeReason } from './vocabulary.ts'

const hour = 3_600_000

/** The person is asked for three codes at most. */
export const codesAtMost = 3
export const slidersAtMost = 3

/** No state outlives the whole login. */
export const deadlineIn = (terms: Terms, at: Millis, length: number): Millis =>
  Math.min(at + length, terms.started + terms.deadlines.whole)

export const isWholeOver = (state: Course, at: Millis): boolean =>
  at >= state.terms.started + state.terms.deadlines.whole

/** The part of a state that moves on with it into the next one; a new state owes no look. */
export const courseOf = (state: Course): Omit<Course, 'deadline'> => ({
  terms: state.terms,
  sequence: state.sequence,
  method: state.method,
  firstMethod: state.firstMethod,
  deviceType: state.deviceType,
  pushed: state.pushed,
  issues: state.issues,
  issuesAllowed: state.issuesAllowed,
  codesSpent: state.codesSpent,
  health: state.health,
  lastLook: null,
  scanned: state.scanned,
  sliders: state.sliders,
  checked: state.checked,
  unclear: state.unclear,
  inquiry: state.inquiry,
})

/** Null: another QR code may be asked for now. Else when the hour's limit allows it again (null there: never in this login). */
export const issueForbidden = (state: Course, at: Millis): { readonly until: Millis | null } | null => {
  if (state.issues.length >= state.issuesAllowed) return { until: null }
  const { qrCodesPerHour, recentQrCodes } = state.terms
  if (qrCodesPerHour === 0) return null
  const recent = [...recentQrCodes, ...state.issues].filter(issue => issue > at - hour)
  const oldestThatCounts = recent[recent.length - qrCodesPerHour]
  return oldestThatCounts === undefined ? null : { until: oldestThatCounts + hour }
}

/** S2:31: frequent logins are limited, so a code that the limit forbids is not issued. */
export const tooManyAttempts = (forbidden: { readonly until: Millis | null }): readonly Advisory[] =>
  forbidden.until === null ? [] : [{ code: 'TOO_MANY_ATTEMPTS', until: forbidden.until }]

/** The moment from which a confirming answer counts (what must always hold, 6). */
export const promptSent = ({ issues, pushed }: LiveState): Millis =>
  Math.min(issues[0] ?? Number.POSITIVE_INFINITY, pushed ?? Number.POSITIVE_INFINITY)

export const promptOf = (state: LiveState): Prompt | null => (state.kind === 'STARTING' ? null : state.prompt)

/** A long poll: it takes minutes, and tells of no scan (P 2.2). */
export const pollHangs = ({ terms }: Course): boolean => terms.capabilities.poll === 'HANGS'

/** The push before the person is answered to whoever sent it, and there is nothing to poll (P 2.3). */
export const isPushByCall = (state: LiveState): boolean =>
  promptOf(state)?.kind === 'PUSH' && state.terms.capabilities.pushAnsweredBy === 'CALL'

/** The same login goes on with a QR code: after a push that came to nothing, or as MAC where the phone asks for a new device. */
export const changeMethod = (
  state: LiveState,
  at: Millis,
  change: { deviceType: DeviceType; reason: OutcomeReason; upstreamMessage: string | null; oneMore: boolean },
): Step => {
  const allowed = { ...state, issuesAllowed: state.issuesAllowed + (change.oneMore ? 1 : 0) }
  const forbidden = issueForbidden(allowed, at)
  if (forbidden !== null)
    return end(state, {
      reason: change.reason === 'NEW_DEVICE_VERIFICATION' ? 'QR_CODE_EXPIRED' : 'PUSH_EXPIRED',
      upstreamMessage: change.upstreamMessage,
      advisories: tooManyAttempts(forbidden),
    })
  const starting: Starting = {
    ...courseOf(allowed),
    kind: 'STARTING',
    method: 'QR_CODE',
    deviceType: change.deviceType,
    deadline: deadlineIn(state.terms, at, state.terms.deadlines.starting),
    unclear: null,
    inquiry: null,
    step: { kind: 'PROMPT', failures: 0, notBefore: at },
  }
  return {
    state: starting,
    events: [
      {
        kind: 'MethodChanged',
        state: 'STARTING',
        method: 'QR_CODE',
        deviceType: change.deviceType,
        reason: change.reason,
        upstreamMessage: change.upstreamMessage,
      },
    ],
    secrets: { qrCode: null, code: null, sliderUrl: null },
  }
}
