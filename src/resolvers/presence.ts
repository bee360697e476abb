// What is believed of an account at a moment: an answer grows old, and then nobody knows.

import type { AccountRecord } from '../db/records.ts'
import type { Millis, NextStep } from '../login/vocabulary.ts'

const reasons = [
  'SIGNED_IN',
  'FOUND_ONLINE',
  'LOGGED_OUT_BY_CALLER',
  'LOGGED_OUT_ON_PHONE',
  'SIGNED_IN_ELSEWHERE',
  'DEVICE_RESET',
  'SECURITY_CHECK',
  'ENVIRONMENT_CHECK',
  'NETWORK_CHECK',
  'PASSWORD_CHANGED',
  'PAYMENT_PASSWORD_CHANGED',
  'FACE_DATA_CHANGED',
  'NO_POPUP',
  'OTHER',
] as const

export type PresenceReason = (typeof reasons)[number]

export type PresenceState = AccountRecord['presence']['state']

export interface PresenceView {
  readonly state: PresenceState
  readonly nextStep: NextStep
  /** Null: not known. What a newer instance saved reads OTHER. */
  readonly reason: PresenceReason | null
  readonly told: AccountRecord['presence']
}

/** Not being able to ask is not being offline. */
const oldAfter = 300_000

export const presenceOf = (account: AccountRecord, now: Millis): PresenceView => {
  const told = account.presence
  const state = now - told.asOf > oldAfter ? 'UNKNOWN' : told.state
  return {
    state,
    nextStep: state === 'OFFLINE' ? 'START_AGAIN' : 'NONE',
    reason: reasonOf(told.reason),
    told,
  }
}

const reasonOf = (text: string | null): PresenceReason | null =>
  text === null ? null : (reasons.find(reason => reason === text) ?? 'OTHER')
