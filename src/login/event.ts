// What happened in a login: numbered facts, never edited, without a QR code, a link, a verify code, a password or a
// person's data (who scanned is joined in when it is read).

import type { Outcome } from './state.ts'
import type {
  Announcer,
  DeviceType,
  FailureKind,
  LoginMethod,
  LoginStateName,
  LoginStrategy,
  Millis,
  OutcomeReason,
} from './vocabulary.ts'

/** `state` is the state that the event led to. The store adds number and moment. */
export type LoginEvent = { readonly state: LoginStateName } & EventBody

export type EventBody =
  | { readonly kind: 'LoginStarted'; readonly strategy: LoginStrategy; readonly method: LoginMethod }
  | { readonly kind: 'QrCodeIssued'; readonly generation: number; readonly expires: Millis }
  | { readonly kind: 'PushSent'; readonly expires: Millis }
  | { readonly kind: 'QrCodeScanned' }
  | { readonly kind: 'VerifyCodeRequired'; readonly announcedBy: Announcer }
  | { readonly kind: 'VerifyCodePromptWithdrawn' }
  | { readonly kind: 'VerifyCodeSubmitted' }
  | {
      readonly kind: 'VerifyCodeRejected'
      readonly attemptsLeft: number
      readonly upstreamMessage: string | null
    }
  | { readonly kind: 'VerifyCodeUnanswered'; readonly attemptsLeft: number }
  | { readonly kind: 'SliderRequired' }
  | { readonly kind: 'SliderReportedSolved' }
  | {
      readonly kind: 'MethodChanged'
      readonly method: LoginMethod
      readonly deviceType: DeviceType
      readonly reason: OutcomeReason
      readonly upstreamMessage: string | null
    }
  | { readonly kind: 'PollingDegraded'; readonly cause: FailureKind }
  | { readonly kind: 'PollingRecovered' }
  | { readonly kind: 'LoginEnded'; readonly outcome: Outcome; readonly confirmedBy: LoginMethod | null }
