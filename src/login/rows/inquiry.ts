// A long poll that went unanswered may have been the one that confirmed. What follows an answer that says the code is
// dead, or says nothing, is decided by who is signed in.

import { pollHangs } from '../course.ts'
import { end, signIn } from '../ending.ts'
import { inquire, isNews } from '../inquiry.ts'
import { renew } from '../issuing.ts'
import { isLastQuestion, lapse, lapseUnseen } from '../lapse.ts'
import type { Observation } from '../observation.ts'
import type { AwaitingConfirmation, AwaitingScan, Inquiry } from '../state.ts'
import type { Step } from '../step.ts'
import { row } from '../table.ts'
import type { Millis } from '../vocabulary.ts'

type Asking = AwaitingScan | AwaitingConfirmation

const asking = ['AWAITING_SCAN', 'AWAITING_CONFIRMATION'] as const
const prompted = [...asking, 'AWAITING_CODE', 'VERIFYING_CODE', 'AWAITING_SLIDER'] as const

const questions = 2
const pause = 1_000
const unclearUntilFailed = 3

/** The question is open, and this answers it. */
const isAsked = (state: Asking, told: { readonly began: Millis }): boolean =>
  state.inquiry !== null && !state.inquiry.settled && told.began >= state.inquiry.since

const isAfterGap = (state: Asking, told: Extract<Observation, { kind: 'Polled' }>): boolean =>
  (told.afterGap === true || state.inquiry?.sure === false) &&
  pollHangs(state) &&
  (state.inquiry === null || state.inquiry.settled) &&
  state.lastLook === null &&
  told.began >= state.prompt.sent

/** Without an account that is known by name nobody can say whether it signed in: a person may be about to see it. */
const lost = (state: Asking, { upstreamCode, upstreamMessage }: Omit<Inquiry, 'since'>): Step =>
  end({ ...state, scanned: true }, { reason: 'QR_CODE_EXPIRED', upstreamCode, upstreamMessage })

const nobodyFound = (state: Asking, inquiry: Inquiry, at: Millis, isSure: boolean): Step => {
  if (inquiry.because === 'DEAD') {
    if (!isSure || state.terms.firstOnDevice || state.kind === 'AWAITING_CONFIRMATION')
      return lost(state, inquiry)
    return renew(state, at)
  }
  return { state: { ...state, inquiry: { ...inquiry, settled: true, sure: isSure } }, events: [] }
}

export const inquiryRows = [
  row({
    name: 'a dead QR code after a poll that was lost: it may be dead because somebody signed in',
    in: asking,
    on: ['Polled DEAD'],
    when: isAfterGap,
    to: (state, { at, answer }) => inquire(state, { at, because: 'DEAD', told: answer }),
  }),
  row({
    name: 'an unclear answer after a poll that was lost: somebody may have signed in, which is asked',
    in: asking,
    on: ['Polled UNCLEAR'],
    when: (state, told) => isAfterGap(state, told) && told.afterGap === true,
    to: (state, { at, answer }) =>
      inquire({ ...state, unclear: { count: 1, at } }, { at, because: 'UNCLEAR', told: answer }),
  }),
  row({
    name: 'the third unclear answer in a row fails the login, or ends it as one whose answer was lost',
    in: asking,
    on: ['Polled UNCLEAR'],
    when: state => state.lastLook === null && (state.unclear?.count ?? 0) + 1 >= unclearUntilFailed,
    to: (state, { answer }) =>
      state.inquiry?.because === 'UNCLEAR' && (state.terms.firstOnDevice || !state.inquiry.sure)
        ? lost(state, state.inquiry)
        : end(state, {
            reason: 'UPSTREAM_ERROR',
            upstreamCode: answer.upstreamCode,
            upstreamMessage: answer.upstreamMessage,
          }),
  }),
  row({
    name: 'an unclear answer is counted, and the next poll waits a little longer each time',
    in: asking,
    on: ['Polled UNCLEAR'],
    when: state => state.lastLook === null,
    to: (state, told) => ({
      state: { ...state, unclear: { count: (state.unclear?.count ?? 0) + 1, at: told.at } },
      events: [],
    }),
  }),
  row({
    name: 'the question who is signed in finds this login confirmed',
    in: asking,
    on: ['OnlineChecked'],
    when: (state, told) => isAsked(state, told) && isNews(state, told),
    to: (state, told) =>
      isNews(state, told)
        ? signIn(state, told.profile, told.at, { reason: 'SIGNED_IN', confirmedBy: state.prompt.kind })
        : { state, events: [] },
  }),
  row({
    name: 'the question who is signed in finds nobody new',
    in: asking,
    on: ['OnlineChecked'],
    when: isAsked,
    to: (state, told) =>
      state.inquiry === null ? { state, events: [] } : nobodyFound(state, state.inquiry, told.at, true),
  }),
  row({
    name: 'the question who is signed in goes unanswered, and is asked once more',
    in: asking,
    on: ['OnlineCheckFailed'],
    when: isAsked,
    to: (state, told) => {
      const { inquiry } = state
      if (inquiry === null) return { state, events: [] }
      const failures = inquiry.failures + 1
      return failures >= questions
        ? nobodyFound(state, inquiry, told.at, false)
        : { state: { ...state, inquiry: { ...inquiry, failures, since: told.at + pause } }, events: [] }
    },
  }),
  row({
    name: 'the last question finds this login confirmed',
    in: prompted,
    on: ['OnlineChecked'],
    when: (state, told) => isLastQuestion(state, told) && isNews(state, told),
    to: (state, told) =>
      isNews(state, told)
        ? signIn(state, told.profile, told.at, { reason: 'SIGNED_IN', confirmedBy: state.prompt.kind })
        : { state, events: [] },
  }),
  row({
    name: 'the last question finds nobody new: what it was asked for has lapsed',
    in: prompted,
    on: ['OnlineChecked'],
    when: isLastQuestion,
    to: (state, told) => lapse(state, told.at),
  }),
  row({
    name: 'the last question goes unanswered',
    in: prompted,
    on: ['OnlineCheckFailed'],
    when: isLastQuestion,
    to: (state, told) => lapseUnseen(state, told.at, told.failure),
  }),
]
