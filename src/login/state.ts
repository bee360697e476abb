// What is saved of a login under way, and of its end. Data only: what may follow is in `transition`, what is owed in
// `duty`, what a caller sees in `view`. Secrets (QR link, code, slider link) stand beside the state, never in it.

import type { Terms } from './terms.ts'
import type {
  Advisory,
  Announcer,
  DeviceType,
  EndName,
  FailureKind,
  LoginMethod,
  Millis,
  NextStep,
  OutcomeReason,
} from './vocabulary.ts'

/** A risky call, recorded before its socket opens. Its answer names it. */
export interface Intent {
  readonly id: string
  readonly recorded: Millis
}

/** `failures` in a row, counted until polling is called degraded and no further, so that an outage writes a bounded number of times. */
export interface Health {
  readonly failures: number
  readonly degraded: boolean
  readonly cause: FailureKind | null
  /** The last answer that could be read, as last recorded. */
  readonly asOf: Millis | null
}

/** What every live state has. */
export interface Course {
  readonly terms: Terms
  /** Number of the newest event. */
  readonly sequence: number
  readonly method: LoginMethod
  /** The method that was tried first; null: nothing was sent. */
  readonly firstMethod: LoginMethod | null
  readonly deviceType: DeviceType
  /** When the push of this login was sent; null: none was. */
  readonly pushed: Millis | null
  /** Moments at which a QR code of this login was asked for, each sent one counted. */
  readonly issues: readonly Millis[]
  /** QR codes that this login may ask for: three, and one more after MAC. */
  readonly issuesAllowed: number
  /** Verify codes that were wrong or unanswered: three at most. */
  readonly codesSpent: number
  readonly health: Health
  /** The state lapses then. */
  readonly deadline: Millis
  /** Set while one last look is owed before the lapse is believed. */
  readonly lastLook: LastLook | null
  /** A scan was seen or a push was sent: a person may be holding the phone. */
  readonly scanned: boolean
  /** Slider pages put before the person so far: three at most. */
  readonly sliders: number
  /** The online check before the first prompt was answered: whoever is signed in later signed in since. */
  readonly checked: boolean
  /** UNCLEAR answers in a row, and when the newest came. */
  readonly unclear: { readonly count: number; readonly at: Millis } | null
  /** Somebody may have signed in unheard: who is signed in is asked once. */
  readonly inquiry: Inquiry | null
}

export interface Inquiry {
  readonly since: Millis
  readonly failures: number
  /** What raised the question, and what follows where nobody is found. */
  readonly because: 'PUSH' | 'DEAD' | 'UNCLEAR'
  /** Asked: not asked again for the same reason. */
  readonly settled: boolean
  /** False: asked in vain, so that nobody can rule a sign-in out. */
  readonly sure: boolean
  readonly upstreamCode: string | null
  readonly upstreamMessage: string | null
}

/** `because` is what the state ends or goes on with when the look shows nothing new. */
export interface LastLook {
  /** A poll; after it, where polls hang, the question who is signed in. */
  readonly step: 'POLL' | 'ONLINE'
  readonly since: Millis
  /** How often it has gone unanswered. */
  readonly failures: number
  /** Polling was degraded already when it was owed. */
  readonly degraded: boolean
  readonly because: OutcomeReason
  readonly upstreamCode: string | null
  readonly upstreamMessage: string | null
}

export type Starting = Course & {
  readonly kind: 'STARTING'
  readonly step: StartingStep
}

export type StartingStep =
  | { readonly kind: 'CHECK_ONLINE'; readonly failures: number; readonly notBefore: Millis }
  | { readonly kind: 'PROMPT'; readonly failures: number; readonly notBefore: Millis }
  | { readonly kind: 'ISSUING'; readonly failures: number; readonly intent: Intent }
  /** A QR issue went unanswered: one poll before the next one. */
  | { readonly kind: 'LOOK'; readonly failures: number; readonly notBefore: Millis }

/** A QR code that is out, or a push prompt that is on the phone. */
export type Prompt =
  | {
      readonly kind: 'QR_CODE'
      readonly intent: string
      readonly generation: number
      /** The upstream's name for the attempt, by which it is polled; null: the device's name is enough. */
      readonly handle: string | null
      readonly sent: Millis
      readonly issued: Millis
      readonly expires: Millis
    }
  | {
      readonly kind: 'PUSH'
      readonly intent: string
      readonly sent: Millis
      readonly expires: Millis
      readonly answer: 'OWED' | 'UNKNOWN' | 'ACCEPTED'
      readonly deadAnswers: number
    }

export type QrPrompt = Extract<Prompt, { kind: 'QR_CODE' }>

export type AwaitingScan = Course & {
  readonly kind: 'AWAITING_SCAN'
  readonly prompt: QrPrompt
  /** The old code is being replaced: by the clock, or because somebody asked for it. */
  readonly renewal: Renewal | null
}

export type Renewal =
  /** Asked for by a caller: one poll first. */
  { readonly kind: 'ASKED'; readonly since: Millis } | Exclude<StartingStep, { kind: 'CHECK_ONLINE' }>

export type AwaitingConfirmation = Course & {
  readonly kind: 'AWAITING_CONFIRMATION'
  readonly prompt: Prompt
  /** Polling waits for the person's word on a code prompt (see `Terms.pauseAtScan`). */
  readonly paused: boolean
}

export type AwaitingCode = Course & {
  readonly kind: 'AWAITING_CODE'
  readonly prompt: Prompt
  readonly announcedBy: Announcer
  readonly requested: Millis
  readonly back: WayBack
}

/** The state that a code prompt was reported from, for its withdrawal. */
export type WayBack =
  | {
      readonly kind: 'AWAITING_SCAN' | 'AWAITING_CONFIRMATION'
      readonly deadline: Millis
      readonly scanned: boolean
    }
  | {
      readonly kind: 'AWAITING_SLIDER'
      readonly deadline: Millis
      readonly scanned: boolean
      readonly requested: Millis
    }

export type VerifyingCode = Course & {
  readonly kind: 'VERIFYING_CODE'
  readonly prompt: Prompt
  readonly announcedBy: Announcer
  readonly requested: Millis
  readonly back: WayBack
  /** A keyed mark of the code, so that the same code again is known without keeping it. */
  readonly mark: string
  /** Until when the code is worth sending: the time of its prompt, or a minute. */
  readonly lapses: Millis
  readonly step: VerifyingStep
}

export type VerifyingStep =
  /** Recorded by whoever received it; sent once the open poll has answered. `failures`: tries that could not be sent. */
  | { readonly kind: 'WISH'; readonly since: Millis; readonly failures: number }
  | { readonly kind: 'SENT'; readonly intent: Intent; readonly failures: number }
  /** Sent and unanswered: look who is online, never by a poll. */
  | { readonly kind: 'LOOK'; readonly notBefore: Millis }

export type AwaitingSlider = Course & {
  readonly kind: 'AWAITING_SLIDER'
  readonly prompt: Prompt
  readonly requested: Millis
}

export interface Ended {
  readonly kind: EndName
  readonly terms: Terms
  readonly sequence: number
  readonly method: LoginMethod
  readonly firstMethod: LoginMethod | null
  readonly deviceType: DeviceType
  readonly confirmedBy: LoginMethod | null
  readonly outcome: Outcome
  readonly advisories: readonly Advisory[]
}

export interface Outcome {
  readonly reason: OutcomeReason
  readonly upstreamCode: string | null
  readonly upstreamMessage: string | null
  readonly nextStep: NextStep
}

export type LiveState =
  | Starting
  | AwaitingScan
  | AwaitingConfirmation
  | AwaitingCode
  | VerifyingCode
  | AwaitingSlider
export type LoginState = LiveState | Ended

export const ended = (state: LoginState): state is Ended => 'outcome' in state
