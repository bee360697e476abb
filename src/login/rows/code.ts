// The phone asks for a verify code: somebody says so, submits one, or takes it back. A code is sent once.

import { codesAtMost, courseOf, deadlineIn, isPushByCall, pollHangs } from '../course.ts'
import { end, signIn } from '../ending.ts'
import { isNews, pauseBeforeQuestion } from '../inquiry.ts'
import { answersCode } from '../intent.ts'
import { pauseAfter } from '../issuing.ts'
import { isLastLook, looked, oweLook } from '../lapse.ts'
import type {
  AwaitingCode,
  AwaitingConfirmation,
  AwaitingScan,
  AwaitingSlider,
  LiveState,
  VerifyingCode,
  WayBack,
} from '../state.ts'
import type { Step } from '../step.ts'
import { row } from '../table.ts'
import type { Announcer, Millis } from '../vocabulary.ts'

const promptable = ['AWAITING_SCAN', 'AWAITING_CONFIRMATION', 'AWAITING_SLIDER'] as const
const pauseBeforeLook = 1_000

const wayBack = (state: AwaitingScan | AwaitingConfirmation | AwaitingSlider): WayBack =>
  state.kind === 'AWAITING_SLIDER'
    ? { kind: state.kind, deadline: state.deadline, scanned: state.scanned, requested: state.requested }
    : { kind: state.kind, deadline: state.deadline, scanned: state.scanned }

const requireCode = (
  state: AwaitingScan | AwaitingConfirmation | AwaitingSlider,
  at: Millis,
  announcedBy: Announcer,
): Step => ({
  state: {
    ...courseOf(state),
    kind: 'AWAITING_CODE',
    // Only a phone that has scanned, or was pushed to, asks for a code, whether a poll has seen it or not.
    scanned: true,
    prompt: state.prompt,
    announcedBy,
    requested: at,
    back: wayBack(state),
    deadline: deadlineIn(state.terms, at, state.terms.deadlines.code),
  },
  events: [{ kind: 'VerifyCodeRequired', state: 'AWAITING_CODE', announcedBy }],
})

const withdrawn = (state: AwaitingCode, at: Millis): LiveState => {
  const { back, prompt } = state
  const course = {
    ...courseOf(state),
    scanned: back.scanned,
    deadline: deadlineIn(
      state.terms,
      at,
      Math.max(back.deadline - at, state.terms.deadlines.confirmationAtLeast),
    ),
  }
  if (back.kind === 'AWAITING_SLIDER')
    return { ...course, kind: back.kind, prompt, requested: back.requested }
  if (back.kind === 'AWAITING_SCAN' && prompt.kind === 'QR_CODE')
    return { ...course, kind: 'AWAITING_SCAN', prompt, renewal: null }
  return { ...course, kind: 'AWAITING_CONFIRMATION', prompt, paused: false }
}

/** The time of the prompt itself, or at least a minute. */
const timeToEnter = ({ terms, requested }: AwaitingCode | VerifyingCode, at: Millis): Millis =>
  deadlineIn(terms, at, Math.max(requested + terms.deadlines.code - at, terms.deadlines.confirmationAtLeast))

/** Back to asking. */
const askedAgain = (state: VerifyingCode, at: Millis): AwaitingCode => {
  return {
    ...courseOf(state),
    kind: 'AWAITING_CODE',
    codesSpent: state.codesSpent + 1,
    prompt: state.prompt,
    announcedBy: state.announcedBy,
    requested: state.requested,
    back: state.back,
    deadline: timeToEnter(state, at),
  }
}

const attemptsLeft = (state: VerifyingCode): number => codesAtMost - state.codesSpent - 1

const look = (state: VerifyingCode, at: Millis): Step => ({
  state: { ...state, step: { kind: 'LOOK', notBefore: at + pauseBeforeLook } },
  events: [],
  secrets: { code: null },
})

/** The poll that was given up for the code may have been the one that confirmed. */
const askBeforeEnd = (
  state: VerifyingCode,
  at: Millis,
  because: 'CODE_REJECTED' | 'QR_CODE_EXPIRED',
  told: { readonly upstreamCode: string | null; readonly upstreamMessage: string | null },
): Step => {
  const since = at + pauseBeforeQuestion
  const { upstreamCode, upstreamMessage } = told
  const asking: VerifyingCode = { ...state, step: { kind: 'LOOK', notBefore: since } }
  return {
    ...oweLook(asking, { step: 'ONLINE', since, because, upstreamCode, upstreamMessage }),
    secrets: { code: null },
  }
}

const nobodySignedIn = (state: VerifyingCode, at: Millis): Step => {
  if (attemptsLeft(state) === 0) return end(state, { reason: 'CODE_EXPIRED' })
  return {
    state: askedAgain(state, at),
    events: [{ kind: 'VerifyCodeUnanswered', state: 'AWAITING_CODE', attemptsLeft: attemptsLeft(state) }],
  }
}

export const codeRows = [
  row({
    name: 'the person says that the phone asks for a code: polling pauses at once',
    in: promptable,
    on: ['CodePromptReported'],
    // A push that is answered to whoever sent it has no attempt that a code could name.
    when: state => !isPushByCall(state),
    to: (state, told) => requireCode(state, told.at, 'PERSON'),
  }),
  row({
    name: 'the upstream says that a code is asked for',
    in: promptable,
    on: ['Polled CODE_ASKED'],
    when: (state, told) => told.began >= state.prompt.sent,
    to: (state, told) => requireCode(state, told.at, 'UPSTREAM'),
  }),
  row({
    name: 'a poll that was under way when the code was reported tells of the scan: no way back to an unscanned code (S2:1)',
    in: ['AWAITING_CODE', 'VERIFYING_CODE'],
    on: ['Polled SCANNED'],
    when: (state, told) =>
      state.back.kind === 'AWAITING_SCAN' && state.lastLook === null && told.began >= state.prompt.sent,
    to: (state, told) => ({
      state: {
        ...state,
        back: { kind: 'AWAITING_CONFIRMATION', deadline: state.back.deadline, scanned: true },
      },
      events: [{ kind: 'QrCodeScanned', state: state.kind }],
      secrets: { qrCode: null },
      scanner: { nickName: told.answer.nickName, avatarUrl: told.answer.avatarUrl },
    }),
  }),
  row({
    name: 'the person takes the code prompt back: on from where it was reported',
    in: ['AWAITING_CODE'],
    on: ['CodePromptWithdrawn'],
    to: (state, told) => {
      const back = withdrawn(state, told.at)
      return { state: back, events: [{ kind: 'VerifyCodePromptWithdrawn', state: back.kind }] }
    },
  }),
  row({
    name: 'the person at a paused scan says that no code is asked for: polling begins',
    in: ['AWAITING_CONFIRMATION'],
    on: ['CodePromptWithdrawn'],
    when: state => state.paused,
    to: state => ({
      state: { ...state, paused: false },
      events: [{ kind: 'VerifyCodePromptWithdrawn', state: state.kind }],
    }),
  }),
  row({
    name: 'a code is submitted: a wish, until its owner sends it',
    in: ['AWAITING_CODE'],
    on: ['CodeSubmitted'],
    to: (state, told) => ({
      state: {
        ...courseOf(state),
        kind: 'VERIFYING_CODE',
        prompt: state.prompt,
        announcedBy: state.announcedBy,
        requested: state.requested,
        back: state.back,
        mark: told.mark,
        step: { kind: 'WISH', since: told.at, failures: 0 },
        lapses: timeToEnter(state, told.at),
        deadline: timeToEnter(state, told.at),
      },
      events: [{ kind: 'VerifyCodeSubmitted', state: 'VERIFYING_CODE' }],
      secrets: { code: told.code },
    }),
  }),
  row({
    name: 'the intent to send the code is recorded',
    in: ['VERIFYING_CODE'],
    on: ['Intended'],
    when: state => state.step.kind === 'WISH',
    to: (state, told) => ({
      state: {
        ...state,
        step: {
          kind: 'SENT',
          intent: { id: told.intent, recorded: told.at },
          failures: state.step.kind === 'WISH' ? state.step.failures : 0,
        },
        deadline: deadlineIn(state.terms, told.at, state.terms.deadlines.verifying),
      },
      events: [],
    }),
  }),
  row({
    name: 'the code signs the account in',
    in: ['VERIFYING_CODE'],
    on: ['CodeAnswered SIGNED_IN'],
    when: answersCode,
    to: (state, told) =>
      signIn(state, told.answer.profile, told.at, { reason: 'SIGNED_IN', confirmedBy: state.prompt.kind }),
  }),
  row({
    name: 'the third wrong code, where a poll may have been given up for it: who is signed in is asked before the end',
    in: ['VERIFYING_CODE'],
    on: ['CodeAnswered REJECTED'],
    when: (state, told) => answersCode(state, told) && attemptsLeft(state) === 0 && pollHangs(state),
    to: (state, { at, answer }) => askBeforeEnd(state, at, 'CODE_REJECTED', answer),
  }),
  row({
    name: 'the third wrong code fails the login',
    in: ['VERIFYING_CODE'],
    on: ['CodeAnswered REJECTED'],
    when: (state, told) => answersCode(state, told) && attemptsLeft(state) === 0,
    to: (state, { answer }) =>
      end(state, {
        reason: 'CODE_REJECTED',
        upstreamCode: answer.upstreamCode,
        upstreamMessage: answer.upstreamMessage,
      }),
  }),
  row({
    name: 'a wrong code is asked for again',
    in: ['VERIFYING_CODE'],
    on: ['CodeAnswered REJECTED'],
    when: answersCode,
    to: (state, { at, answer }) => ({
      state: askedAgain(state, at),
      events: [
        {
          kind: 'VerifyCodeRejected',
          state: 'AWAITING_CODE',
          attemptsLeft: attemptsLeft(state),
          upstreamMessage: answer.upstreamMessage,
        },
      ],
      secrets: { code: null },
    }),
  }),
  row({
    name: 'the answer to a code says that its QR code is dead, where a poll was given up for it: who is signed in is asked',
    in: ['VERIFYING_CODE'],
    on: ['CodeAnswered DEAD'],
    when: (state, told) => answersCode(state, told) && pollHangs(state),
    to: (state, { at, answer }) => askBeforeEnd(state, at, 'QR_CODE_EXPIRED', answer),
  }),
  row({
    name: 'the answer to a code says that its QR code is dead: the login ends, never a new one by itself',
    in: ['VERIFYING_CODE'],
    on: ['CodeAnswered DEAD'],
    when: answersCode,
    to: (state, { answer }) =>
      end(state, {
        reason: 'QR_CODE_EXPIRED',
        upstreamCode: answer.upstreamCode,
        upstreamMessage: answer.upstreamMessage,
      }),
  }),
  row({
    name: 'a code whose answer proves nothing, or never came, is looked after and not sent again',
    in: ['VERIFYING_CODE'],
    on: ['CodeAnswered UNPROVEN', 'CallUnanswered', 'CallRefused'],
    when: answersCode,
    to: (state, told) => look(state, told.at),
  }),
  row({
    name: 'a code that could not be sent is still a wish',
    in: ['VERIFYING_CODE'],
    on: ['CallNotSent'],
    when: answersCode,
    to: (state, told) => {
      const failures = (state.step.kind === 'SENT' ? state.step.failures : 0) + 1
      return {
        state: {
          ...state,
          deadline: state.lapses,
          step: { kind: 'WISH', since: told.at + pauseAfter(failures), failures },
        },
        events: [],
      }
    },
  }),
  row({
    name: 'the look after a code finds somebody signed in',
    in: ['VERIFYING_CODE'],
    on: ['OnlineChecked'],
    when: (state, told) => state.step.kind === 'LOOK' && isNews(state, told),
    to: (state, told) =>
      told.profile === null
        ? { state, events: [] }
        : signIn(state, told.profile, told.at, { reason: 'SIGNED_IN', confirmedBy: state.prompt.kind }),
  }),
  row({
    name: 'the look after a code finds nobody, or is not answered: the code is spent',
    in: ['VERIFYING_CODE'],
    on: ['OnlineChecked', 'OnlineCheckFailed'],
    when: state => state.step.kind === 'LOOK',
    to: (state, told) => nobodySignedIn(state, told.at),
  }),
  row({
    name: 'the last look at a code prompt shows nothing new: it has lapsed',
    in: ['AWAITING_CODE', 'VERIFYING_CODE'],
    on: [
      'Polled NOT_SCANNED',
      'Polled SCANNED',
      'Polled DEAD',
      'Polled DECLINED',
      'Polled CODE_ASKED',
      'Polled SLIDER',
      'Polled UNCLEAR',
    ],
    when: isLastLook,
    to: (state, told) => looked(state, told.at),
  }),
]
