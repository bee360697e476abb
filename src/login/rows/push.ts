// A prompt on the phone without a QR code. Its call may hang for minutes and never confirms; the poll beside it does.

import { courseOf, deadlineIn, isPushByCall } from '../course.ts'
import { end, isDefinite, reasonOfFailure, signIn } from '../ending.ts'
import { inquire, pauseBeforeQuestion } from '../inquiry.ts'
import { isLastLook, lapse, looked, oweLook } from '../lapse.ts'
import type { AwaitingConfirmation, LiveState, Prompt } from '../state.ts'
import type { Step } from '../step.ts'
import { row } from '../table.ts'
import type { Millis, OutcomeReason } from '../vocabulary.ts'

type Push = Extract<Prompt, { kind: 'PUSH' }>

/** 失效 speaks of a QR code; in a push it is believed only this late, and only thrice in a row. */
const deadAnswersUntilRefused = 3
const silenceAfterPush = 20_000

const isOpen = (state: AwaitingConfirmation, told: { readonly intent: string }): boolean =>
  state.prompt.kind === 'PUSH' &&
  state.prompt.intent === told.intent &&
  state.prompt.answer === 'OWED' &&
  // Whoever sent it may hear a little after the deadline.
  (state.lastLook === null || isPushByCall(state))

const withPush = (state: AwaitingConfirmation, change: Partial<Push>): AwaitingConfirmation =>
  state.prompt.kind === 'PUSH' ? { ...state, prompt: { ...state.prompt, ...change } } : state

const pushOf = (state: AwaitingConfirmation): Push | null =>
  state.prompt.kind === 'PUSH' ? state.prompt : null

const counts = (state: AwaitingConfirmation, at: Millis): boolean => {
  const push = pushOf(state)
  return push !== null && (push.answer !== 'OWED' || at >= push.sent + silenceAfterPush)
}

const refusal: Readonly<Record<'REFUSED' | 'DECLINED' | 'LAPSED', OutcomeReason>> = {
  REFUSED: 'PUSH_REFUSED',
  DECLINED: 'DECLINED_ON_PHONE',
  LAPSED: 'PUSH_EXPIRED',
}

const isHeardByCall = ({ terms }: LiveState): boolean => terms.capabilities.pushAnsweredBy === 'CALL'

/** Past its deadline the look is owed already, for a reason of its own; now there is nothing to wait for. */
const lookAfter = (state: AwaitingConfirmation, look: Parameters<typeof oweLook>[1]): Step => {
  const since = look.since + (isPushByCall(state) ? pauseBeforeQuestion : 0)
  return state.lastLook === null
    ? oweLook(state, { ...look, since })
    : { state: { ...state, lastLook: { ...state.lastLook, since } }, events: [] }
}

const askWhether = (state: AwaitingConfirmation, at: Millis): Step => {
  const told = withPush(state, { answer: 'UNKNOWN' })
  return state.lastLook === null
    ? inquire(told, { at, because: 'PUSH' })
    : lookAfter(told, { since: at, because: 'PUSH_EXPIRED' })
}

export const pushRows = [
  row({
    name: 'a push is recorded as sent before it is sent, and never again',
    in: ['STARTING'],
    on: ['Intended'],
    when: state => state.method === 'PUSH' && state.step.kind === 'PROMPT',
    to: (state, told) => {
      const expires = deadlineIn(state.terms, told.at, state.terms.deadlines.push)
      return {
        state: {
          ...courseOf(state),
          kind: 'AWAITING_CONFIRMATION',
          firstMethod: state.firstMethod ?? 'PUSH',
          scanned: true,
          pushed: told.at,
          deadline: expires,
          paused: false,
          prompt: {
            kind: 'PUSH',
            intent: told.intent,
            sent: told.at,
            expires,
            answer: 'OWED',
            deadAnswers: 0,
          },
        },
        events: [{ kind: 'PushSent', state: 'AWAITING_CONFIRMATION', expires }],
      }
    },
  }),
  row({
    name: 'whoever sent the push hears that it signed the account in, in whatever state the login is by then',
    in: [
      'STARTING',
      'AWAITING_SCAN',
      'AWAITING_CONFIRMATION',
      'AWAITING_CODE',
      'VERIFYING_CODE',
      'AWAITING_SLIDER',
    ],
    on: ['PushAnswered SIGNED_IN'],
    when: state => state.pushed !== null && isHeardByCall(state),
    to: (state, { answer, at }) =>
      signIn(state, answer.profile, at, { reason: 'SIGNED_IN', confirmedBy: 'PUSH' }),
  }),
  row({
    name: 'the call of a push was answered without saying who signed in: that is asked',
    in: ['AWAITING_CONFIRMATION'],
    on: ['PushAnswered ACCEPTED'],
    when: (state, told) => isOpen(state, told) && isPushByCall(state),
    to: (state, told) => askWhether(state, told.at),
  }),
  row({
    name: 'the call of a push was answered: that proves nothing, polling goes on',
    in: ['AWAITING_CONFIRMATION'],
    on: ['PushAnswered ACCEPTED', 'PushAnswered SIGNED_IN'],
    when: isOpen,
    to: state => ({ state: withPush(state, { answer: 'ACCEPTED' }), events: [] }),
  }),
  row({
    name: 'a push that was refused, declined or lapsed owes one last look',
    in: ['AWAITING_CONFIRMATION'],
    on: ['PushAnswered REFUSED', 'PushAnswered DECLINED', 'PushAnswered LAPSED'],
    when: isOpen,
    to: (state, { at, answer }) =>
      lookAfter(withPush(state, { answer: 'ACCEPTED' }), {
        since: at,
        because: refusal[answer.kind],
        upstreamCode: answer.upstreamCode,
        upstreamMessage: answer.upstreamMessage,
      }),
  }),
  row({
    name: 'a push refused for good, as by an unknown device, ends the login',
    in: ['AWAITING_CONFIRMATION'],
    on: ['CallRefused'],
    when: (state, told) => isOpen(state, told) && isDefinite(told.failure.kind),
    to: (state, { failure }) =>
      end(state, {
        reason: reasonOfFailure(failure.kind),
        upstreamCode: failure.upstreamCode,
        upstreamMessage: failure.upstreamMessage,
      }),
  }),
  row({
    name: 'a push refused with an error owes one last look',
    in: ['AWAITING_CONFIRMATION'],
    on: ['CallRefused'],
    when: isOpen,
    to: (state, { at, failure }) =>
      lookAfter(withPush(state, { answer: 'ACCEPTED' }), {
        since: at,
        because: 'PUSH_REFUSED',
        upstreamCode: failure.upstreamCode,
        upstreamMessage: failure.upstreamMessage,
      }),
  }),
  row({
    name: 'an unanswered push whose call was to tell is never sent again: who is signed in is asked, once now',
    in: ['AWAITING_CONFIRMATION'],
    on: ['CallUnanswered'],
    when: (state, told) => isOpen(state, told) && isPushByCall(state),
    to: (state, told) => askWhether(state, told.at),
  }),
  row({
    name: 'an unanswered push is never sent again: it is polled to its deadline',
    in: ['AWAITING_CONFIRMATION'],
    on: ['CallUnanswered'],
    when: isOpen,
    to: state => ({ state: withPush(state, { answer: 'UNKNOWN' }), events: [] }),
  }),
  row({
    name: 'a push that could not be sent is on no phone: one last look, then on',
    in: ['AWAITING_CONFIRMATION'],
    on: ['CallNotSent'],
    when: isOpen,
    to: (state, told) =>
      lookAfter(withPush(state, { answer: 'UNKNOWN' }), { since: told.at, because: 'UPSTREAM_UNREACHABLE' }),
  }),
  row({
    name: 'the last look at a prompt shows nothing new: it has lapsed',
    in: ['AWAITING_CONFIRMATION'],
    on: ['Polled NOT_SCANNED', 'Polled SCANNED', 'Polled DEAD', 'Polled UNCLEAR'],
    when: isLastLook,
    to: (state, told) => looked(state, told.at),
  }),
  row({
    name: 'the third dead answer in a row to a push is a refusal',
    in: ['AWAITING_CONFIRMATION'],
    on: ['Polled DEAD'],
    when: (state, told) =>
      counts(state, told.at) && (pushOf(state)?.deadAnswers ?? 0) + 1 >= deadAnswersUntilRefused,
    to: (state, { at, answer }) =>
      lapse(
        {
          ...state,
          lastLook: {
            step: 'POLL',
            since: at,
            failures: 0,
            degraded: false,
            because: 'PUSH_REFUSED',
            upstreamCode: answer.upstreamCode,
            upstreamMessage: answer.upstreamMessage,
          },
        },
        at,
      ),
  }),
  row({
    name: 'a dead answer to a push that was answered, or is twenty seconds old, is counted',
    in: ['AWAITING_CONFIRMATION'],
    on: ['Polled DEAD'],
    when: (state, told) => counts(state, told.at),
    to: state => ({
      state: withPush(state, { deadAnswers: (pushOf(state)?.deadAnswers ?? 0) + 1 }),
      events: [],
    }),
  }),
  row({
    name: 'any other answer to a push breaks the row of dead ones',
    in: ['AWAITING_CONFIRMATION'],
    on: ['Polled NOT_SCANNED', 'Polled SCANNED'],
    when: state => (pushOf(state)?.deadAnswers ?? 0) > 0,
    to: state => ({ state: withPush(state, { deadAnswers: 0 }), events: [] }),
  }),
]
