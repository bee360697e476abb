// What of a step shows in the narrow `login` row: a step that shows nothing there leaves that row alone.

import { ended, type LoginState, type Prompt } from '../login/state.ts'
import type { Step } from '../login/step.ts'
import type { Millis, OutcomeReason } from '../login/vocabulary.ts'

/** Whether filters, counts or timings of logins would see this step. */
export const isMilestone = (before: LoginState, step: Step): boolean =>
  step.scanner !== undefined ||
  before.kind !== step.state.kind ||
  before.method !== step.state.method ||
  before.firstMethod !== step.state.firstMethod ||
  step.events.some(event => event.kind === 'QrCodeIssued' || event.kind === 'QrCodeScanned') ||
  isChallenge(step)

/** The person was asked for a verify code or a slider. */
export const isChallenge = (step: Step): boolean =>
  step.events.some(event => event.kind === 'VerifyCodeRequired' || event.kind === 'SliderRequired')

/** When QR codes of this login were asked for; an end keeps what stood before it. */
export const qrCodesAsked = (before: LoginState, after: LoginState): readonly Millis[] => {
  if (!ended(after)) return after.issues
  return ended(before) ? [] : before.issues
}

/** Its push lapsed or was refused in this step. A decline by the person is neither. */
export const pushFailed = (before: LoginState, step: Step): boolean =>
  before.method === 'PUSH' &&
  step.events.some(event => {
    if (event.kind === 'MethodChanged') return event.method !== 'PUSH' && isPushFailure(event.reason)
    return event.kind === 'LoginEnded' && isPushFailure(event.outcome.reason)
  })

const isPushFailure = (reason: OutcomeReason): boolean =>
  reason === 'PUSH_EXPIRED' || reason === 'PUSH_REFUSED'

/** Ends after which nobody can still be looking at the prompt: the upstream called it dead, or somebody signed in. */
const promptIsOver: ReadonlySet<OutcomeReason> = new Set<OutcomeReason>([
  'SIGNED_IN',
  'ALREADY_SIGNED_IN',
  'WRONG_ACCOUNT',
  'QR_CODE_EXPIRED',
  'PUSH_EXPIRED',
  'PUSH_REFUSED',
  'DECLINED_ON_PHONE',
  'DEVICE_UNKNOWN',
  'DEVICE_RESET_REQUIRED',
])

/** Until when the prompt of a login that ends may still be before the person; null: it is not (S0:7, S2:1). */
export const promptUntil = (before: LoginState, after: LoginState): Millis | null => {
  if (ended(before) || !ended(after) || promptIsOver.has(after.outcome.reason)) return null
  const prompt: Prompt | null = before.kind === 'STARTING' ? null : before.prompt
  if (prompt === null) return null
  return prompt.kind === 'PUSH' || before.scanned ? prompt.expires : null
}
