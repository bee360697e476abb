// What is believed of an account at a moment: an answer grows old, and then nobody knows.

import type { AccountRecord } from '../db/records.ts'
import {
  nextStepAfterDrop,
  type PresenceReason,
  type PresenceState,
  presenceReasons,
  presenceRules,
} from '../login/presence.ts'
import type { Capabilities } from '../login/terms.ts'
import type { Millis, NextStep } from '../login/vocabulary.ts'

export interface PresenceView {
  readonly state: PresenceState
  readonly nextStep: NextStep
  /** Null: not known. What a newer instance saved reads OTHER. */
  readonly reason: PresenceReason | null
  readonly told: AccountRecord['presence']
}

/** `can`: of its provider; null where that is not configured any more. */
export const presenceOf = (account: AccountRecord, now: Millis, can: Capabilities | null): PresenceView => {
  const told = account.presence
  const state = now - told.asOf > presenceRules.holds ? 'UNKNOWN' : told.state
  const reason = reasonOf(told.reason)
  const nextStep = state === 'OFFLINE' ? nextStepAfterDrop(reason, told.dropTags, can) : 'NONE'
  return { state, nextStep, reason, told }
}

export const reasonOf = (text: string | null): PresenceReason | null =>
  text === null ? null : (presenceReasons.find(reason => reason === text) ?? 'OTHER')
