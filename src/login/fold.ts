// The public part of a login from its events alone: what a client that keeps nothing but the log can know. A property
// holds it against the states, so that no change of a login ever happens without an event that tells of it.

import { codesAtMost } from './course.ts'
import type { LoginEvent } from './event.ts'
import { ended, type LoginState, type Outcome } from './state.ts'
import type { Terms } from './terms.ts'
import type { Announcer, DeviceType, LoginMethod, LoginStateName, Millis } from './vocabulary.ts'

export interface PublicPart {
  readonly state: LoginStateName
  readonly sequence: number
  readonly method: LoginMethod
  readonly deviceType: DeviceType
  /** Of the prompt that is before the person; 0: none, or a push. */
  readonly generation: number
  readonly expires: Millis | null
  readonly announcedBy: Announcer | null
  readonly attemptsLeft: number
  readonly degraded: boolean
  readonly outcome: Outcome | null
  readonly confirmedBy: LoginMethod | null
}

export const publicPartOf = (state: LoginState): PublicPart => {
  const common = {
    state: state.kind,
    sequence: state.sequence,
    method: state.method,
    deviceType: state.deviceType,
  }
  if (ended(state)) return { ...common, ...noPrompt, outcome: state.outcome, confirmedBy: state.confirmedBy }
  const prompt = state.kind === 'STARTING' ? null : state.prompt
  const announcedBy =
    state.kind === 'AWAITING_CODE' || state.kind === 'VERIFYING_CODE' ? state.announcedBy : null
  return {
    ...common,
    generation: prompt?.kind === 'QR_CODE' ? prompt.generation : 0,
    expires: prompt?.expires ?? null,
    announcedBy,
    attemptsLeft: codesAtMost - state.codesSpent,
    degraded: state.health.degraded,
    outcome: null,
    confirmedBy: null,
  }
}

const noPrompt = { generation: 0, expires: null, announcedBy: null, attemptsLeft: 0, degraded: false }

export const fold = (terms: Terms, events: readonly LoginEvent[]): PublicPart =>
  events.reduce<PublicPart>(apply, {
    ...noPrompt,
    state: 'STARTING',
    sequence: 0,
    method: terms.firstMethod,
    deviceType: terms.deviceType,
    attemptsLeft: codesAtMost,
    outcome: null,
    confirmedBy: null,
  })

const apply = (before: PublicPart, event: LoginEvent): PublicPart => {
  const part: PublicPart = { ...before, state: event.state, sequence: before.sequence + 1 }
  switch (event.kind) {
    case 'LoginStarted':
      return { ...part, method: event.method }
    case 'QrCodeIssued':
      return { ...part, generation: event.generation, expires: event.expires }
    case 'PushSent':
      return { ...part, expires: event.expires }
    case 'VerifyCodeRequired':
      return { ...part, announcedBy: event.announcedBy }
    case 'VerifyCodePromptWithdrawn':
      return { ...part, announcedBy: null }
    case 'VerifyCodeRejected':
    case 'VerifyCodeUnanswered':
      return { ...part, attemptsLeft: event.attemptsLeft }
    case 'MethodChanged':
      return {
        ...part,
        method: event.method,
        deviceType: event.deviceType,
        generation: 0,
        expires: null,
        announcedBy: null,
      }
    case 'PollingDegraded':
      return { ...part, degraded: true }
    case 'PollingRecovered':
      return { ...part, degraded: false }
    case 'LoginEnded':
      return { ...part, ...noPrompt, outcome: event.outcome, confirmedBy: event.confirmedBy }
    case 'QrCodeScanned':
    case 'VerifyCodeSubmitted':
    case 'SliderRequired':
    case 'SliderReportedSolved':
      return part
  }
}
