// A QR code is asked for, and what its answer means. The rows hold for the first code and for every later one.

import { courseOf, deadlineIn, promptSent } from '../course.ts'
import { signIn } from '../ending.ts'
import {
  endOfTrying,
  type Issuing,
  issuingStep,
  pauseAfter,
  pauseWhenUnsent,
  tryAgain,
  withStep,
} from '../issuing.ts'
import type { Failure } from '../observation.ts'
import type { Step } from '../step.ts'
import { row } from '../table.ts'
import type { Millis } from '../vocabulary.ts'

const issuing = ['STARTING', 'AWAITING_SCAN'] as const

const answers = (state: Issuing, told: { readonly intent: string }): boolean => {
  const step = issuingStep(state)
  return step?.kind === 'ISSUING' && step.intent.id === told.intent
}

const failuresSoFar = (state: Issuing): number => issuingStep(state)?.failures ?? 0

const looking = (state: Issuing): boolean => issuingStep(state)?.kind === 'LOOK'

const promptNow = (state: Issuing, failures: number, notBefore: Millis): Step => ({
  state: withStep(state, { kind: 'PROMPT', failures, notBefore }),
  events: [],
})

const afterLook = (state: Issuing, at: Millis, failure: Failure): Step => {
  const failures = failuresSoFar(state)
  return (
    endOfTrying(state, failures, at, failure) ??
    promptNow(state, failures, at + pauseAfter(Math.max(failures, 1)))
  )
}

const unanswered: Failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null }

/** The code that the latest intent asked for never came into being. */
const withoutLastIssue = (state: Issuing): Issuing => ({ ...state, issues: state.issues.slice(0, -1) })

export const issuingRows = [
  row({
    name: 'the intent to ask for a QR code is recorded, and counts as one asked for',
    in: issuing,
    on: ['Intended'],
    when: state => state.method === 'QR_CODE' && issuingStep(state)?.kind === 'PROMPT',
    to: (state, told) => ({
      state: {
        ...withStep(state, {
          kind: 'ISSUING',
          failures: failuresSoFar(state),
          intent: { id: told.intent, recorded: told.at },
        }),
        firstMethod: state.firstMethod ?? 'QR_CODE',
        issues: [...state.issues, told.at],
      },
      events: [],
    }),
  }),
  row({
    name: 'a QR code came: it waits to be scanned',
    in: issuing,
    on: ['QrCodeReceived'],
    when: answers,
    to: (state, told) => {
      const { deadlines } = state.terms
      const expires = deadlineIn(state.terms, told.at, deadlines.qrCodeShown)
      const generation = state.issues.length
      return {
        state: {
          ...courseOf(state),
          kind: 'AWAITING_SCAN',
          deadline: deadlineIn(state.terms, told.at, deadlines.qrCode),
          renewal: null,
          prompt: {
            kind: 'QR_CODE',
            intent: told.intent,
            generation,
            handle: told.handle,
            sent: state.issues.at(-1) ?? told.at,
            issued: told.at,
            expires,
          },
        },
        events: [{ kind: 'QrCodeIssued', state: 'AWAITING_SCAN', generation, expires }],
        secrets: { qrCode: told.secret },
      }
    },
  }),
  row({
    name: 'a refused QR code is asked for again, three times at most',
    in: issuing,
    on: ['CallRefused'],
    when: answers,
    to: (state, { at, failure }) => {
      const failures = failuresSoFar(state) + 1
      return (
        endOfTrying(state, failures, at, failure) ??
        tryAgain(state, { failures, notBefore: at + pauseAfter(failures) })
      )
    },
  }),
  row({
    name: 'an upstream that could not be reached was sent nothing: ask again until the deadline, the code uncounted',
    in: issuing,
    on: ['CallNotSent'],
    when: answers,
    to: (state, told) =>
      tryAgain(withoutLastIssue(state), {
        // Attempts count what was sent.
        failures: failuresSoFar(state),
        notBefore: told.at + pauseWhenUnsent,
      }),
  }),
  row({
    name: 'an unanswered QR code is looked after by one poll before the next is asked for',
    in: issuing,
    on: ['CallUnanswered'],
    when: (state, told) => answers(state, told) && state.terms.capabilities.poll === 'RETURNS',
    to: (state, told) => ({
      state: withStep(state, { kind: 'LOOK', failures: failuresSoFar(state) + 1, notBefore: told.at }),
      events: [],
    }),
  }),
  row({
    name: 'where a poll hangs, an unanswered QR code is asked for again at once',
    in: issuing,
    on: ['CallUnanswered'],
    when: answers,
    to: (state, { at, failure }) => {
      const failures = failuresSoFar(state) + 1
      return (
        endOfTrying(state, failures, at, failure) ?? promptNow(state, failures, at + pauseAfter(failures))
      )
    },
  }),
  row({
    name: 'a poll that began after a prompt of this login was sent finds somebody signed in',
    in: ['STARTING'],
    on: ['Polled SIGNED_IN'],
    // Not the look alone: a poll may be under way when the login changes its method, and nobody asks once more.
    when: (state, told) => told.began >= promptSent(state),
    to: (state, told) =>
      signIn(state, told.answer.profile, told.at, {
        reason: 'SIGNED_IN',
        confirmedBy: state.issues.length === 0 ? 'PUSH' : 'QR_CODE',
      }),
  }),
  row({
    name: 'the look after an unanswered first QR code finds nothing that anybody could have scanned: ask again',
    in: ['STARTING'],
    on: [
      'Polled NOT_SCANNED',
      'Polled SCANNED',
      'Polled DEAD',
      'Polled DECLINED',
      'Polled CODE_ASKED',
      'Polled SLIDER',
      'Polled UNCLEAR',
    ],
    when: looking,
    to: (state, told) => afterLook(state, told.at, unanswered),
  }),
  row({
    name: 'the look before a later QR code finds no scan: ask again',
    in: ['AWAITING_SCAN'],
    on: ['Polled NOT_SCANNED', 'Polled DEAD', 'Polled CODE_ASKED', 'Polled SLIDER', 'Polled UNCLEAR'],
    when: looking,
    to: (state, told) => afterLook(state, told.at, unanswered),
  }),
  row({
    name: 'the look after an unanswered first QR code goes unanswered: ask again',
    in: ['STARTING'],
    on: ['PollFailed'],
    when: looking,
    to: (state, told) => afterLook(state, told.at, told.failure),
  }),
  row({
    name: 'the look before a later QR code goes unanswered: look again, since a scan cannot be ruled out',
    in: ['AWAITING_SCAN'],
    on: ['PollFailed'],
    when: looking,
    to: (state, told) =>
      tryAgain(state, { failures: failuresSoFar(state), notBefore: told.at + pauseWhenUnsent }),
  }),
]
