// What is owed to a login next, and when: derived from its saved state, so that a restart needs no queue.

import { isPushByCall, pollHangs } from './course.ts'
import type {
  AwaitingConfirmation,
  Inquiry,
  LiveState,
  LoginState,
  StartingStep,
  VerifyingCode,
} from './state.ts'
import { ended } from './state.ts'
import type { Millis } from './vocabulary.ts'

export type Duty =
  | {
      readonly kind: 'CHECK_ONLINE' | 'ISSUE_QR_CODE' | 'SEND_PUSH' | 'SEND_CODE' | 'LAPSE'
      readonly at: Millis
    }
  /** `until`: give up a poll that still hangs then; null: no sooner than its provider does. */
  | { readonly kind: 'POLL'; readonly at: Millis; readonly until: Millis | null }
  | { readonly kind: 'NOTHING' }

/** What the poller knows beside the state: when it last began a poll of this device, and whether the upstream is slow. */
export interface Pace {
  readonly lastPoll: Millis | null
  readonly slow: boolean
}

/** S3: one to three seconds; P 3.6: never closer than one second on a device. */
export const pollEvery = {
  atLeast: 1_000,
  whileThePersonActs: 1_000,
  before: 2_000,
  whenSlow: 3_000,
} as const
/** A push needs a moment to reach the phone, and its call is being sent beside. */
const firstPollAfterPush = 2_000
/** A long poll that is under way, or the one that is its last look. */
export const patienceForLastLook = 10_000

const nothing: Duty = { kind: 'NOTHING' }

export const duty = (state: LoginState, pace: Pace): Duty => {
  if (ended(state)) return nothing
  const next = nextCall(state, pace)
  // A last look, and the look after a code, come after their deadline; everything else yields to it.
  if (state.lastLook !== null || (state.kind === 'VERIFYING_CODE' && state.step.kind === 'LOOK')) return next
  return next.kind === 'NOTHING' || next.at >= state.deadline ? { kind: 'LAPSE', at: state.deadline } : next
}

const nextCall = (state: LiveState, pace: Pace): Duty => {
  if (state.lastLook !== null) return looking(state, state.lastLook, pace)
  switch (state.kind) {
    case 'STARTING':
      return issuing(state.step, state.method === 'PUSH', pace)
    case 'AWAITING_SCAN': {
      const { renewal } = state
      if (isAsking(state)) return { kind: 'CHECK_ONLINE', at: state.inquiry.since }
      if (renewal === null) return poll(state, pace, pollEvery.before, state.prompt.issued)
      if (renewal.kind === 'ASKED') return { kind: 'POLL', at: notBefore(renewal.since, pace), until: null }
      return issuing(renewal, false, pace)
    }
    case 'AWAITING_CONFIRMATION':
      return isAsking(state) ? { kind: 'CHECK_ONLINE', at: state.inquiry.since } : confirming(state, pace)
    case 'VERIFYING_CODE':
      return verifying(state)
    case 'AWAITING_CODE':
    case 'AWAITING_SLIDER':
      return nothing
  }
}

const isAsking = <State extends LiveState>(state: State): state is State & { readonly inquiry: Inquiry } =>
  state.inquiry !== null && !state.inquiry.settled

const looking = (state: LiveState, look: NonNullable<LiveState['lastLook']>, pace: Pace): Duty => {
  if (look.step === 'ONLINE') return { kind: 'CHECK_ONLINE', at: look.since }
  const until = pollHangs(state) ? look.since + patienceForLastLook : null
  return { kind: 'POLL', at: notBefore(look.since, pace), until }
}

const issuing = (step: StartingStep, push: boolean, pace: Pace): Duty => {
  switch (step.kind) {
    case 'CHECK_ONLINE':
      return { kind: 'CHECK_ONLINE', at: step.notBefore }
    case 'PROMPT':
      return { kind: push ? 'SEND_PUSH' : 'ISSUE_QR_CODE', at: step.notBefore }
    case 'LOOK':
      return { kind: 'POLL', at: notBefore(step.notBefore, pace), until: null }
    case 'ISSUING':
      return nothing
  }
}

const confirming = (state: AwaitingConfirmation, pace: Pace): Duty => {
  if (state.paused || isPushByCall(state)) return nothing
  const { prompt } = state
  const first = prompt.kind === 'PUSH' ? prompt.sent + firstPollAfterPush : prompt.issued
  return poll(state, pace, pollEvery.whileThePersonActs, first)
}

const verifying = ({ step }: VerifyingCode): Duty => {
  if (step.kind === 'WISH') return { kind: 'SEND_CODE', at: step.since }
  return step.kind === 'LOOK' ? { kind: 'CHECK_ONLINE', at: step.notBefore } : nothing
}

const poll = (state: LiveState, pace: Pace, every: number, first: Millis): Duty => {
  const interval = pace.slow || state.health.failures > 0 ? pollEvery.whenSlow : every
  const { unclear } = state
  // One second, two, four after an answer that was none.
  const earliest = unclear === null ? first : Math.max(first, unclear.at + 1_000 * 2 ** (unclear.count - 1))
  return {
    kind: 'POLL',
    at: Math.max(earliest, pace.lastPoll === null ? first : pace.lastPoll + interval),
    until: null,
  }
}

const notBefore = (at: Millis, pace: Pace): Millis =>
  pace.lastPoll === null ? at : Math.max(at, pace.lastPoll + pollEvery.atLeast)
