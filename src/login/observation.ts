// The one thing that the machine is told at a time: by the upstream, by a caller, or by the clock. What answers a
// risky call names its intent, and a poll says when it began, so that a late answer is ignored by a row of the table.

import type { FailureKind, Millis, Profile } from './vocabulary.ts'

export type Observation = UpstreamObservation | CallerObservation | ClockObservation

export interface Failure {
  readonly kind: FailureKind
  readonly upstreamCode: string | null
  readonly upstreamMessage: string | null
}

/** What one poll said, in our words. */
export type PollAnswer =
  | { readonly kind: 'NOT_SCANNED' }
  | { readonly kind: 'SCANNED'; readonly nickName: string | null; readonly avatarUrl: string | null }
  | { readonly kind: 'SIGNED_IN'; readonly profile: Profile }
  | { readonly kind: 'DEAD'; readonly upstreamCode: string | null; readonly upstreamMessage: string | null }
  | {
      readonly kind: 'DECLINED'
      readonly upstreamCode: string | null
      readonly upstreamMessage: string | null
    }
  | { readonly kind: 'CODE_ASKED'; readonly upstreamMessage: string | null }
  /** Answered, and neither dead nor alive: a refusal without a reason, sooner than a code dies by itself. */
  | {
      readonly kind: 'UNCLEAR'
      readonly upstreamCode: string | null
      readonly upstreamMessage: string | null
    }
  | { readonly kind: 'SLIDER'; readonly url: string }

/** What can sign somebody in: kept beside the state, encrypted, and erased when nobody may use it any more. */
export interface QrSecret {
  /** As the upstream gave it, character by character. */
  readonly url: string | null
  /** data: URI of the picture. */
  readonly image: string | null
  /** What the code says. */
  readonly content: string | null
}

export type UpstreamObservation =
  | {
      readonly kind: 'OnlineChecked'
      readonly at: Millis
      readonly began: Millis
      readonly profile: Profile | null
      /** Handles of sign-ins that are on record by then, of this device and, wherever it signed in, of its account. */
      readonly known?: readonly string[]
    }
  | {
      readonly kind: 'OnlineCheckFailed'
      readonly at: Millis
      readonly began: Millis
      readonly failure: Failure
      /** Nobody was asked: nothing left. */
      readonly unsent?: true
    }
  | {
      readonly kind: 'QrCodeReceived'
      readonly at: Millis
      readonly intent: string
      /** The upstream's name for this attempt, by which it is polled; null: the device's name is enough. */
      readonly handle: string | null
      readonly secret: QrSecret
    }
  | {
      readonly kind: 'PushAnswered'
      readonly at: Millis
      readonly intent: string
      readonly answer: PushAnswer
    }
  | {
      readonly kind: 'CodeAnswered'
      readonly at: Millis
      readonly intent: string
      readonly answer: CodeAnswer
    }
  /** A risky call was answered with a refusal. */
  | { readonly kind: 'CallRefused'; readonly at: Millis; readonly intent: string; readonly failure: Failure }
  /** Sent, and nobody knows what it did: timed out, cut, unreadable, or found after a crash. */
  | {
      readonly kind: 'CallUnanswered'
      readonly at: Millis
      readonly intent: string
      readonly failure: Failure
    }
  /** The connection was refused: nothing was sent. */
  | { readonly kind: 'CallNotSent'; readonly at: Millis; readonly intent: string; readonly failure: Failure }
  | {
      readonly kind: 'Polled'
      readonly at: Millis
      readonly began: Millis
      readonly answer: PollAnswer
      /** The poll before it went unanswered, or whoever made it is gone: nobody knows what that one would have told. */
      readonly afterGap?: boolean
    }
  | { readonly kind: 'PollFailed'; readonly at: Millis; readonly began: Millis; readonly failure: Failure }

/** Who sent it believes a sign-in only where `Capabilities.pushAnsweredBy` is CALL (what must always hold, 6). */
export type PushAnswer =
  | { readonly kind: 'SIGNED_IN'; readonly profile: Profile }
  | { readonly kind: 'ACCEPTED' }
  | {
      readonly kind: 'REFUSED'
      readonly upstreamCode: string | null
      readonly upstreamMessage: string | null
    }
  | {
      readonly kind: 'DECLINED'
      readonly upstreamCode: string | null
      readonly upstreamMessage: string | null
    }
  | { readonly kind: 'LAPSED'; readonly upstreamCode: string | null; readonly upstreamMessage: string | null }

export type CodeAnswer =
  | { readonly kind: 'SIGNED_IN'; readonly profile: Profile }
  /** Success without a wcId: proves nothing. */
  | { readonly kind: 'UNPROVEN' }
  | { readonly kind: 'SLIDER'; readonly url: string }
  | { readonly kind: 'DEAD'; readonly upstreamCode: string | null; readonly upstreamMessage: string | null }
  | {
      readonly kind: 'REJECTED'
      readonly upstreamCode: string | null
      readonly upstreamMessage: string | null
    }

export type CallerObservation =
  | { readonly kind: 'CodePromptReported'; readonly at: Millis }
  | { readonly kind: 'CodePromptWithdrawn'; readonly at: Millis }
  | { readonly kind: 'CodeSubmitted'; readonly at: Millis; readonly mark: string; readonly code: string }
  | { readonly kind: 'SliderReported'; readonly at: Millis }
  | { readonly kind: 'NewDevicePromptReported'; readonly at: Millis }
  | { readonly kind: 'QrCodeRefreshAsked'; readonly at: Millis }
  | { readonly kind: 'CancelAsked'; readonly at: Millis; readonly by: 'CANCELLED_BY_CALLER' | 'SUPERSEDED' }

export type ClockObservation =
  /** A risky call is about to be sent by whoever records this. */
  | { readonly kind: 'Intended'; readonly at: Millis; readonly intent: string }
  | { readonly kind: 'DeadlinePassed'; readonly at: Millis }
