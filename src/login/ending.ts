// How a login ends: what an end is called, what the person does next, and what is erased with it.

import type { Course, Ended, LiveState, Outcome } from './state.ts'
import type { Step } from './step.ts'
import type {
  Advisory,
  EndName,
  FailureKind,
  LoginMethod,
  LoginStateName,
  Millis,
  NextStep,
  OutcomeReason,
  Profile,
} from './vocabulary.ts'

/** Each reason is of one end. */
export const endOf: Readonly<Record<OutcomeReason, EndName>> = {
  SIGNED_IN: 'CONFIRMED',
  ALREADY_SIGNED_IN: 'CONFIRMED',
  QR_CODE_EXPIRED: 'EXPIRED',
  PUSH_EXPIRED: 'EXPIRED',
  CODE_EXPIRED: 'EXPIRED',
  SLIDER_EXPIRED: 'EXPIRED',
  TIMED_OUT: 'EXPIRED',
  DECLINED_ON_PHONE: 'REJECTED',
  PUSH_REFUSED: 'REJECTED',
  CANCELLED_BY_CALLER: 'CANCELLED',
  SUPERSEDED: 'CANCELLED',
  WRONG_ACCOUNT: 'FAILED',
  CODE_REJECTED: 'FAILED',
  DEVICE_UNKNOWN: 'FAILED',
  DEVICE_RESET_REQUIRED: 'FAILED',
  NEW_DEVICE_VERIFICATION: 'FAILED',
  PROXY_FAILED: 'FAILED',
  UPSTREAM_UNAUTHORIZED: 'FAILED',
  UPSTREAM_UNREACHABLE: 'FAILED',
  UPSTREAM_ERROR: 'FAILED',
  UPSTREAM_UNREADABLE: 'FAILED',
}

const nextStepOf: Readonly<Record<OutcomeReason, NextStep>> = {
  SIGNED_IN: 'NONE',
  ALREADY_SIGNED_IN: 'NONE',
  QR_CODE_EXPIRED: 'START_AGAIN',
  PUSH_EXPIRED: 'START_AGAIN_WITH_QR_CODE',
  CODE_EXPIRED: 'START_AGAIN',
  SLIDER_EXPIRED: 'START_AGAIN',
  TIMED_OUT: 'START_AGAIN',
  DECLINED_ON_PHONE: 'START_AGAIN',
  PUSH_REFUSED: 'START_AGAIN_WITH_QR_CODE',
  CANCELLED_BY_CALLER: 'START_AGAIN',
  SUPERSEDED: 'NONE',
  WRONG_ACCOUNT: 'LOG_OUT_FIRST',
  CODE_REJECTED: 'START_AGAIN',
  DEVICE_UNKNOWN: 'CONTACT_OPERATOR',
  DEVICE_RESET_REQUIRED: 'RESET_DEVICE',
  NEW_DEVICE_VERIFICATION: 'CONTACT_OPERATOR',
  PROXY_FAILED: 'CHECK_PROXY',
  UPSTREAM_UNAUTHORIZED: 'CONTACT_OPERATOR',
  UPSTREAM_UNREACHABLE: 'START_AGAIN',
  UPSTREAM_ERROR: 'START_AGAIN',
  UPSTREAM_UNREADABLE: 'START_AGAIN',
}

const reasonOf: Readonly<Record<FailureKind, OutcomeReason>> = {
  UNREACHABLE: 'UPSTREAM_UNREACHABLE',
  TIMEOUT: 'UPSTREAM_UNREACHABLE',
  UNREADABLE: 'UPSTREAM_UNREADABLE',
  UNAUTHORIZED: 'UPSTREAM_UNAUTHORIZED',
  DEVICE_UNKNOWN: 'DEVICE_UNKNOWN',
  RESET_REQUIRED: 'DEVICE_RESET_REQUIRED',
  PROXY_FAILED: 'PROXY_FAILED',
  ERROR: 'UPSTREAM_ERROR',
}

const day = 86_400_000

/** Why logins come to stand there: each reason has one end, and a live state has none. */
export const reasonsOf = (states: readonly LoginStateName[]): readonly OutcomeReason[] =>
  (Object.keys(endOf) as OutcomeReason[]).filter(reason => states.includes(endOf[reason]))

export const reasonOfFailure = (kind: FailureKind): OutcomeReason => reasonOf[kind]

/** Trying again would be answered the same: no retry. */
export const isDefinite = (kind: FailureKind): boolean =>
  kind === 'DEVICE_UNKNOWN' || kind === 'RESET_REQUIRED' || kind === 'PROXY_FAILED' || kind === 'UNAUTHORIZED'

export interface End {
  readonly reason: OutcomeReason
  readonly upstreamCode?: string | null
  readonly upstreamMessage?: string | null
  readonly confirmedBy?: LoginMethod | null
  readonly advisories?: readonly Advisory[]
  readonly signedIn?: Profile
}

/** Every end erases what could sign somebody in. */
export const end = (state: LiveState, end: End): Step => {
  const kind = endOf[end.reason]
  const confirmedBy = end.confirmedBy ?? null
  const outcome: Outcome = {
    reason: end.reason,
    upstreamCode: end.upstreamCode ?? null,
    upstreamMessage: end.upstreamMessage ?? null,
    nextStep: nextStepAfter(state, end.reason),
  }
  const final: Ended = {
    kind,
    terms: state.terms,
    sequence: state.sequence,
    method: state.method,
    firstMethod: state.firstMethod,
    deviceType: state.deviceType,
    confirmedBy,
    outcome,
    advisories: end.advisories ?? [],
  }
  return {
    state: final,
    events: [{ kind: 'LoginEnded', state: kind, outcome, confirmedBy }],
    secrets: { qrCode: null, code: null, sliderUrl: null },
    ...(end.signedIn === undefined ? {} : { signedIn: end.signedIn }),
  }
}

/** S2:42, S4:18: after two scanned logins in a row that were not confirmed, the same code again would fail again. */
const nextStepAfter = (state: Course, reason: OutcomeReason): NextStep => {
  const lapsedByHand = reason === 'QR_CODE_EXPIRED' || reason === 'CODE_EXPIRED' || reason === 'TIMED_OUT'
  if (!lapsedByHand || !state.scanned || state.method === 'PUSH') return nextStepOf[reason]
  if (state.terms.scannedUnconfirmed > 0 && state.deviceType === 'IPAD') return 'START_AGAIN_AS_MAC'
  return reason === 'QR_CODE_EXPIRED' ? 'START_AGAIN_WITH_QR_CODE' : nextStepOf[reason]
}

/** Somebody is proved to be signed in: the right account confirms, another one fails the login and is kept all the same. */
export const signIn = (
  state: LiveState,
  profile: Profile,
  at: Millis,
  how: { reason: 'SIGNED_IN' | 'ALREADY_SIGNED_IN'; confirmedBy: LoginMethod | null },
): Step => {
  const { expectedWcId, firstOnDevice } = state.terms
  if (expectedWcId !== null && profile.wcId !== expectedWcId)
    return end(state, { reason: 'WRONG_ACCOUNT', signedIn: profile })
  const newDevice: readonly Advisory[] = firstOnDevice
    ? [
        // S2:70, S4:21: one drop within a day is certain on a new device, and no Moments for three.
        { code: 'FIRST_DAY_DROP_EXPECTED', until: at + day },
        { code: 'MOMENTS_RESTRICTED', until: at + 3 * day },
      ]
    : []
  const advisories: readonly Advisory[] = [{ code: 'OTHER_CLIENTS_KICK', until: null }, ...newDevice]
  return end(state, { ...how, signedIn: profile, advisories: how.reason === 'SIGNED_IN' ? advisories : [] })
}
