// What a caller is shown of a live login, derived from its state: what to do next, what may be asked, until when.

import { codesAtMost, isPushByCall } from './course.ts'
import type { LiveState } from './state.ts'
import type { Announcer, LoginAction, Millis, NextStep, PollState } from './vocabulary.ts'

export interface LoginView {
  readonly nextStep: NextStep
  readonly allowedActions: readonly LoginAction[]
  readonly challenge: ChallengeView | null
  readonly poll: {
    readonly state: PollState
    readonly asOf: Millis | null
    readonly consecutiveFailures: number
  }
  readonly deadline: Millis
  /** Null: no code is out that somebody may scan. */
  readonly qrCode: { readonly generation: number; readonly issued: Millis; readonly expires: Millis } | null
}

export type ChallengeView =
  | {
      readonly kind: 'VERIFY_CODE'
      readonly announcedBy: Announcer
      readonly attemptsLeft: number
      readonly requested: Millis
    }
  | { readonly kind: 'SLIDER'; readonly requested: Millis }

export const viewOf = (state: LiveState): LoginView => ({
  nextStep: nextStep(state),
  allowedActions: allowedActions(state),
  challenge: challenge(state),
  poll: {
    state: pollState(state),
    asOf: state.health.asOf,
    consecutiveFailures: state.health.failures,
  },
  deadline: state.deadline,
  qrCode: qrCode(state),
})

const nextStep = (state: LiveState): NextStep => {
  switch (state.kind) {
    case 'STARTING':
    case 'VERIFYING_CODE':
      return 'WAIT'
    case 'AWAITING_SCAN':
      return qrCode(state) === null ? 'WAIT' : 'SCAN_QR_CODE'
    case 'AWAITING_CONFIRMATION':
      return 'CONFIRM_ON_PHONE'
    case 'AWAITING_CODE':
      return 'ENTER_CODE'
    case 'AWAITING_SLIDER':
      return 'SOLVE_SLIDER'
  }
}

const allowedActions = (state: LiveState): readonly LoginAction[] => {
  switch (state.kind) {
    case 'STARTING':
    case 'VERIFYING_CODE':
      return ['CANCEL']
    case 'AWAITING_SCAN':
      return [
        'CANCEL',
        // Where nothing tells of a scan, a code may not be replaced while the upstream takes it for alive.
        ...(state.terms.capabilities.announcesScan &&
        state.renewal === null &&
        state.issues.length < state.issuesAllowed
          ? (['REFRESH_QR_CODE'] as const)
          : []),
        'REPORT_CODE_PROMPT',
        'REPORT_NEW_DEVICE_PROMPT',
      ]
    case 'AWAITING_CONFIRMATION':
      return [
        'CANCEL',
        ...(isPushByCall(state) ? [] : (['REPORT_CODE_PROMPT'] as const)),
        ...(state.paused ? (['WITHDRAW_CODE_PROMPT'] as const) : []),
        'REPORT_NEW_DEVICE_PROMPT',
      ]
    case 'AWAITING_CODE':
      return ['CANCEL', 'SUBMIT_CODE', 'WITHDRAW_CODE_PROMPT', 'REPORT_NEW_DEVICE_PROMPT']
    case 'AWAITING_SLIDER':
      return ['CANCEL', 'REPORT_SLIDER_SOLVED', 'REPORT_CODE_PROMPT']
  }
}

const challenge = (state: LiveState): ChallengeView | null => {
  if (state.kind === 'AWAITING_SLIDER') return { kind: 'SLIDER', requested: state.requested }
  if (state.kind !== 'AWAITING_CODE' && state.kind !== 'VERIFYING_CODE') return null
  return {
    kind: 'VERIFY_CODE',
    announcedBy: state.announcedBy,
    attemptsLeft: codesAtMost - state.codesSpent,
    requested: state.requested,
  }
}

const pollState = (state: LiveState): PollState => {
  if (state.kind === 'STARTING') return 'IDLE'
  if (state.health.degraded) return 'DEGRADED'
  const isPaused =
    state.kind === 'AWAITING_CODE' ||
    state.kind === 'VERIFYING_CODE' ||
    state.kind === 'AWAITING_SLIDER' ||
    (state.kind === 'AWAITING_CONFIRMATION' && state.paused)
  return isPaused ? 'PAUSED' : 'OK'
}

/** A code that is being replaced is shown until its successor is sent for: asked for, it may still be scanned. */
const qrCode = (state: LiveState): LoginView['qrCode'] => {
  if (state.kind !== 'AWAITING_SCAN' || (state.renewal !== null && state.renewal.kind !== 'ASKED'))
    return null
  const { generation, issued, expires } = state.prompt
  return { generation, issued, expires }
}
