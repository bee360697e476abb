// Time passes, callers stop, and new-device prompts turn a login to MAC: what can happen in nearly every state.

import { changeMethod, isWholeOver, pollHangs } from '../course.ts'
import { end, reasonOfFailure } from '../ending.ts'
import { issuingStep } from '../issuing.ts'
import { isLastLook, lapseUnseen, looked, oweLookAtDeadline } from '../lapse.ts'
import type { LiveState } from '../state.ts'
import { row } from '../table.ts'

const everywhere = [
  'STARTING',
  'AWAITING_SCAN',
  'AWAITING_CONFIRMATION',
  'AWAITING_CODE',
  'VERIFYING_CODE',
  'AWAITING_SLIDER',
] as const
const prompted = ['AWAITING_SCAN', 'AWAITING_CONFIRMATION', 'AWAITING_CODE', 'AWAITING_SLIDER'] as const
const phoneInHand = ['AWAITING_SCAN', 'AWAITING_CONFIRMATION', 'AWAITING_CODE'] as const

const isOver = (state: LiveState, told: { readonly at: number }): boolean =>
  told.at >= state.deadline && state.lastLook === null

export const timeRows = [
  row({
    name: 'the caller says stop',
    in: everywhere,
    on: ['CancelAsked'],
    to: (state, told) => end(state, { reason: told.by }),
  }),
  row({
    name: 'the whole login has taken too long before anything was put before the person',
    in: ['STARTING'],
    on: ['DeadlinePassed'],
    when: (state, told) => isOver(state, told) && isWholeOver(state, told.at),
    to: state => end(state, { reason: 'TIMED_OUT' }),
  }),
  row({
    name: 'no prompt could be had in time, the first or a later one',
    in: ['STARTING', 'AWAITING_SCAN'],
    on: ['DeadlinePassed'],
    when: (state, told) => isOver(state, told) && (state.kind === 'STARTING' || issuingStep(state) !== null),
    to: state => end(state, { reason: reasonOfFailure(state.health.cause ?? 'UNREACHABLE') }),
  }),
  row({
    name: 'a deadline owes one last look before it is believed',
    in: prompted,
    on: ['DeadlinePassed'],
    when: isOver,
    to: (state, told) => oweLookAtDeadline(state, told.at),
  }),
  row({
    name: 'a code that was never answered in time is looked after',
    in: ['VERIFYING_CODE'],
    on: ['DeadlinePassed'],
    when: (state, told) => isOver(state, told) && !isWholeOver(state, told.at) && state.step.kind === 'SENT',
    to: (state, told) => ({
      state: { ...state, step: { kind: 'LOOK', notBefore: told.at } },
      events: [],
      secrets: { code: null },
    }),
  }),
  row({
    name: 'a code waits for too long, or the whole login runs out meanwhile: one last look',
    in: ['VERIFYING_CODE'],
    on: ['DeadlinePassed'],
    when: (state, told) => isOver(state, told) && state.step.kind !== 'LOOK',
    to: (state, told) => ({ ...oweLookAtDeadline(state, told.at), secrets: { code: null } }),
  }),
  row({
    name: 'the last look goes unanswered',
    in: ['AWAITING_SCAN', 'AWAITING_CONFIRMATION', 'AWAITING_CODE', 'VERIFYING_CODE', 'AWAITING_SLIDER'],
    on: ['PollFailed'],
    when: isLastLook,
    to: (state, told) =>
      pollHangs(state) ? looked(state, told.at) : lapseUnseen(state, told.at, told.failure),
  }),
  row({
    name: 'a new-device prompt on MAC leaves nothing to try',
    in: phoneInHand,
    on: ['NewDevicePromptReported'],
    when: state => state.deviceType === 'MAC',
    to: state => end(state, { reason: 'NEW_DEVICE_VERIFICATION' }),
  }),
  row({
    name: 'a new-device prompt turns the login to MAC with a QR code of its own',
    in: phoneInHand,
    on: ['NewDevicePromptReported'],
    to: (state, told) =>
      changeMethod({ ...state, scanned: true }, told.at, {
        deviceType: 'MAC',
        reason: 'NEW_DEVICE_VERIFICATION',
        upstreamMessage: null,
        oneMore: true,
      }),
  }),
]
