// STARTING begins with a question: is somebody signed in on this device already? (S3:1, what must always hold, 6)

import { end, isDefinite, reasonOfFailure, signIn } from '../ending.ts'
import { pauseWhenUnsent } from '../issuing.ts'
import type { Failure } from '../observation.ts'
import type { Starting } from '../state.ts'
import type { Step } from '../step.ts'
import { row } from '../table.ts'
import type { Millis } from '../vocabulary.ts'

const checks = 2
const pause = 1_000

const checking = (state: Starting) => state.step.kind === 'CHECK_ONLINE'

const failuresSoFar = ({ step }: Starting): number => (step.kind === 'CHECK_ONLINE' ? step.failures : 0)

const checkFailures = (state: Starting): number => failuresSoFar(state) + 1

const checkAgain = (state: Starting, failures: number, notBefore: Millis): Step => ({
  state: { ...state, step: { kind: 'CHECK_ONLINE', failures, notBefore } },
  events: [],
})

const prompt = (state: Starting, at: Millis, checked: boolean): Starting => ({
  ...state,
  checked,
  step: { kind: 'PROMPT', failures: 0, notBefore: at },
})

const failing = (state: Starting, failure: Failure) =>
  end(state, {
    reason: reasonOfFailure(failure.kind),
    upstreamCode: failure.upstreamCode,
    upstreamMessage: failure.upstreamMessage,
  })

export const onlineCheckRows = [
  row({
    name: 'somebody signed in already ends the login without a QR code and without a push',
    in: ['STARTING'],
    on: ['OnlineChecked'],
    when: (state, told) => checking(state) && told.profile !== null,
    to: (state, told) =>
      told.profile === null
        ? { state, events: [] }
        : signIn(state, told.profile, told.at, { reason: 'ALREADY_SIGNED_IN', confirmedBy: null }),
  }),
  row({
    name: 'nobody signed in: the prompt is next',
    in: ['STARTING'],
    on: ['OnlineChecked'],
    when: checking,
    to: (state, told) => ({ state: prompt(state, told.at, true), events: [] }),
  }),
  row({
    name: 'a check that was refused for good ends the login',
    in: ['STARTING'],
    on: ['OnlineCheckFailed'],
    when: (state, told) => checking(state) && isDefinite(told.failure.kind),
    to: (state, told) => failing(state, told.failure),
  }),
  row({
    name: 'a check that could not be sent says nothing: it is asked again until the deadline',
    in: ['STARTING'],
    on: ['OnlineCheckFailed'],
    when: (state, told) => checking(state) && told.unsent === true,
    to: (state, told) => checkAgain(state, failuresSoFar(state), told.at + pauseWhenUnsent),
  }),
  row({
    name: 'an unanswered check is asked once more',
    in: ['STARTING'],
    on: ['OnlineCheckFailed'],
    when: state => checking(state) && checkFailures(state) < checks,
    to: (state, told) => checkAgain(state, checkFailures(state), told.at + pause),
  }),
  row({
    name: 'unanswered twice while presence read ONLINE: nothing is sent to a device that may be signed in',
    in: ['STARTING'],
    on: ['OnlineCheckFailed'],
    when: state => checking(state) && state.terms.seenOnline,
    to: state => end(state, { reason: 'UPSTREAM_UNREACHABLE' }),
  }),
  row({
    name: 'unanswered twice: go on without knowing',
    in: ['STARTING'],
    on: ['OnlineCheckFailed'],
    when: checking,
    to: (state, told) => ({ state: prompt(state, told.at, false), events: [] }),
  }),
]
