// What was fixed when a login started: the caller's wish, the provider's capabilities, the deadlines and what the
// device had been through. Saved with the login, so that a later configuration never changes a login under way.

import type { DeviceType, LoginMethod, LoginStrategy, Millis } from './vocabulary.ts'

/** What a dialect can do; the machine knows these and no dialect by name. */
export interface Capabilities {
  /** The poll tells of a scan before the confirmation (P 3.3); false: the confirmation is the first sign. */
  readonly announcesScan: boolean
  /** The upstream says that a code is asked for; false: only the person at the phone can (S3). */
  readonly announcesCode: boolean
  readonly sliders: boolean
  readonly push: boolean
  readonly provinceRequired: boolean
  /** BY_CLOCK: dead a fixed time after its issue (P 3.2). BY_WORD: when the upstream says so, with the clock as an upper bound. */
  readonly qrCodeDies: 'BY_CLOCK' | 'BY_WORD'
  /** RETURNS: answers at once. HANGS: a long poll. */
  readonly poll: 'RETURNS' | 'HANGS'
  /** Who learns how a push was answered: the poll beside it, or the call that sent it. */
  readonly pushAnsweredBy: 'POLL' | 'CALL'
  /** Whether an account that dropped on its first day is asked by a push, or needs another QR code (S4:21). */
  readonly pushOnFirstDay: boolean
  /** A device that is not signed in for 20 days is taken away and must be reset (S0:3). */
  readonly recyclesDevices: boolean
}

/** How long each state may last, in milliseconds. */
export interface Deadlines {
  readonly starting: number
  readonly qrCode: number
  /** As it is shown to the person: an estimate where the upstream says by word when a code is dead. */
  readonly qrCodeShown: number
  readonly push: number
  readonly confirmationAtLeast: number
  readonly code: number
  readonly verifying: number
  readonly slider: number
  readonly afterSlider: number
  readonly whole: number
}

/** The rules that a number can switch off (0), as LOGIN_LIMITS gives them. */
export interface Limits {
  readonly loginsPerHour: number
  readonly qrCodesPerHour: number
  readonly promptHoldSeconds: number
  /** Gone so soon after a sign-in: the upstream rejects where the account came from (S2:33). */
  readonly earlyDropSeconds: number
  readonly exitRejectedHours: number
}

export interface Terms {
  readonly strategy: LoginStrategy
  readonly firstMethod: LoginMethod
  readonly deviceType: DeviceType
  readonly expectedWcId: string | null
  readonly started: Millis
  readonly capabilities: Capabilities
  readonly deadlines: Deadlines
  /** No account had signed in on this device, or not since a reset. */
  readonly firstOnDevice: boolean
  /** 0: no limit. */
  readonly qrCodesPerHour: number
  /** When this device's QR codes of the last hour were asked for, oldest first. */
  readonly recentQrCodes: readonly Millis[]
  /** Presence read ONLINE within five minutes of the start: then an unanswered online check is no reason to go on. */
  readonly seenOnline: boolean
  /** The device's last login ended CODE_REJECTED: polling pauses at the scan until the person speaks. */
  readonly pauseAtScan: boolean
  /** How many logins in a row, up to this one, were scanned and not confirmed (S2:42). */
  readonly scannedUnconfirmed: number
  /** The upstream's handles of earlier sign-ins here, where each sign-in brings its own: another one is news. */
  readonly knownHandles: readonly string[]
}

/** P 3.2: a QR code of 215 s. */
export const defaultDeadlines: Deadlines = {
  starting: 90_000,
  qrCode: 215_000,
  qrCodeShown: 215_000,
  push: 180_000,
  confirmationAtLeast: 60_000,
  code: 180_000,
  verifying: 30_000,
  slider: 180_000,
  afterSlider: 255_000,
  whole: 900_000,
}

/** P 2.7: no lifetime is told; a poll hangs for 250 s, relatives count down from 225 to 240 s. */
const byWord = { qrCode: 260_000, qrCodeShown: 225_000 } as const
/** S4:20: the call that carries the code hangs like a poll. */
const hanging = { verifying: 255_000 } as const

/** What is usual for such an upstream, and `given` in place of it. */
export const deadlinesFor = (capabilities: Capabilities, given: Partial<Deadlines> = {}): Deadlines => ({
  ...defaultDeadlines,
  ...(capabilities.qrCodeDies === 'BY_WORD' ? byWord : {}),
  ...(capabilities.poll === 'HANGS' ? hanging : {}),
  ...(given.qrCode === undefined ? {} : { qrCodeShown: given.qrCode }),
  ...given,
})

export const defaultLimits: Limits = {
  loginsPerHour: 5,
  qrCodesPerHour: 6,
  promptHoldSeconds: 215,
  earlyDropSeconds: 60,
  exitRejectedHours: 8,
}

export const noLimits: Limits = {
  loginsPerHour: 0,
  qrCodesPerHour: 0,
  promptHoldSeconds: 0,
  earlyDropSeconds: 0,
  exitRejectedHours: 0,
}
