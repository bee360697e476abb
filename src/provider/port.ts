// What the rest of Gatehouse may ask of an upstream, in our words. One folder per dialect stands behind it; nothing
// above this file knows a dialect by name.

import type { CodeAnswer, PollAnswer, PushAnswer } from '../login/observation.ts'
import type { PresenceReason } from '../login/presence.ts'
import type { Capabilities } from '../login/terms.ts'
import type { DeviceType, FailureKind, Millis, Profile } from '../login/vocabulary.ts'
import type { DialectName } from './dialects.ts'

/**
 * Risky calls leave within the second that whoever asks keeps in hand of its lease, mostly in the very tick; where they would
 * have to wait longer, for pacing or for a free line, they fail unsent.
 */
export interface Provider {
  readonly name: string
  /** As the API's enum `Dialect` spells it. */
  readonly dialect: Uppercase<DialectName>
  /** Whether the device's id is the upstream's handle of the account, or each sign-in brings one of its own. */
  readonly handle: 'DEVICE' | 'SIGN_IN'
  readonly capabilities: Capabilities
  /** Null: nothing asked yet. False: the circuit is open. */
  readonly reachable: boolean | null
  /** The exact origin whose pictures may be fetched even where it is no public address. */
  readonly origin: string
  /** Creates the device upstream, where the dialect has devices. Throws ProviderError. */
  registerDevice(target: Target, signal: AbortSignal): Promise<void>
  /** Who is signed in on this device now; null: nobody. May complete a login, so never a mere question while a prompt is out (S2). */
  whoIsSignedIn(target: Target, signal: AbortSignal): Promise<Profile | null>
  /** Risky. The link to the picture of a new code. */
  issueQrCode(target: Target, signal: AbortSignal): Promise<IssuedQrCode>
  /** Risky. May block until the person answers. */
  sendPush(target: Target, signal: AbortSignal): Promise<PushAnswer>
  /** Risky. */
  sendCode(target: Target, code: string, signal: AbortSignal): Promise<CodeAnswer>
  readonly polling: Polling
  /** Everybody who is signed in upstream, in one answer. Throws ProviderError. */
  listSignedIn(signal: AbortSignal): Promise<SignedInList>
  /**
   * Whether the sign-in is on; `target.handle` is the upstream's name for it, where each has one of its own. Never completes a
   * login. Throws ProviderError for whatever does not say yes or no: not being able to ask is not being offline.
   */
  isSignedIn(target: Target, signal: AbortSignal): Promise<boolean>
  /** Why an account is offline. To be asked only while it is, and before its next login: the upstream forgets it then (P 3.2). */
  offlineReason(target: Target, signal: AbortSignal): Promise<OfflineReason>
  /** Risky. Resolves where the upstream took it, which may show minutes later (P 3.2). */
  logOut(target: Target, signal: AbortSignal): Promise<void>
  /** Risky. Makes the device new for every account, where the dialect has devices; else nothing is sent. */
  resetDevice(target: Target, signal: AbortSignal): Promise<void>
  /** Risky. Moves a signed-in account to the proxy of `target`. */
  changeProxy(target: Target, signal: AbortSignal): Promise<void>
  /** One page of what exists upstream; `page` null: the first. Only reads. Throws ProviderError, InvalidPageError. */
  listDevices(page: string | null, signal: AbortSignal): Promise<UpstreamPage>
  close(): Promise<void>
}

export interface SignedInList {
  /** As far as this gateway may know: by the names of a device and its account that are known here (what must always hold, 10). */
  find(
    target: Pick<Target, 'upstreamId' | 'wcId' | 'handle' | 'knownHandles'>,
  ): { readonly online: false } | { readonly online: true; readonly handle: string | null }
}

export type OfflineReason =
  /** `words`: the popup on the phone, word for word; null: there was none. */
  | { readonly kind: 'TOLD'; readonly reason: PresenceReason; readonly words: string | null }
  /** It says by this that the account is online (P 2.1). */
  | { readonly kind: 'ONLINE' }

/** The page that was asked for is none of this upstream's. */
export class InvalidPageError extends Error {
  override readonly name = 'InvalidPageError'
}

export interface UpstreamPage {
  readonly devices: readonly UpstreamDevice[]
  /** Of all pages; null: not told. */
  readonly total: number | null
  /** Null: this was the last. */
  readonly nextPage: string | null
}

export interface UpstreamDevice {
  /** What the upstream calls it; its account's wcId where there are no devices. */
  readonly upstreamId: string
  /** Who is signed in, or was last; null: nobody, or not told. */
  readonly wcId: string | null
  readonly handle: string | null
  readonly online: boolean
  /** Null: never, or not told in a way that can be read. */
  readonly lastLogin: Millis | null
}

/** The hot path: nothing here is built per poll that could be built per login. */
export interface Polling {
  /** No line is free: ask again when a call has settled. */
  readonly full: boolean
  /** Whether the upstream has slowed down or fails: polls come every three seconds then. */
  readonly slow: boolean
  /** Milliseconds in all that a poll may take. */
  readonly patience: number
  prepare(target: Target): PreparedPoll
  /** `settled` is called exactly once, never before `send` has returned. */
  send(poll: PreparedPoll, settled: (answer: RawAnswer) => void): PollCall
  /** Pure. Throws ProviderError for what cannot be read and for what refuses. `took`: milliseconds that the poll hung. */
  read(status: number, body: Uint8Array, took: number): PollAnswer
}

/** Opaque: made by `prepare`, understood by `send`. */
export interface PreparedPoll {
  readonly provider: string
}

export interface PollCall {
  /** A poll that hangs settles once its connection is closed, so that the next call finds nobody in the way. */
  abort(reason: Error): void
}

export type RawAnswer =
  | { readonly kind: 'ANSWERED'; readonly status: number; readonly body: Uint8Array }
  | { readonly kind: 'FAILED'; readonly error: ProviderError }

export interface IssuedQrCode {
  readonly url: string
  /** The upstream's name for this attempt, by which it is polled; null: the device's name is enough. */
  readonly handle: string | null
}

/** What an upstream must be told of a device. */
export interface Target {
  readonly upstreamId: string
  readonly deviceType: DeviceType
  readonly province: string | null
  readonly city: string | null
  readonly proxy: Proxy | null
  readonly ttuid: string | null
  /** The account that last signed in here; null: none, or not since a reset. */
  readonly wcId: string | null
  /** Of the QR code that is out, as its issue told; null: none is, or the device's name is enough. */
  readonly handle: string | null
  /** The upstream's handles of earlier sign-ins here, where each sign-in brings its own. */
  readonly knownHandles: readonly string[]
}

export interface Proxy {
  readonly host: string
  readonly port: number
  readonly username: string | null
  readonly password: string | null
}

/**
 * The only error that leaves `src/provider`.
 * `sent`: false where the connection was refused, so that a risky call may be tried again.
 * `answered`: the upstream understood and refused, or, unsent, the adapter did where the dialect cannot say it; otherwise what
 * the call did is unknown (or, unsent, nothing).
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly kind: FailureKind
  readonly sent: boolean
  readonly answered: boolean
  /** Of the answer, where it alone told what was wrong; null: there was no answer, or its envelope told. */
  readonly httpStatus: number | null
  readonly upstreamCode: string | null
  readonly upstreamMessage: string | null

  constructor(options: {
    kind: FailureKind
    sent: boolean
    answered: boolean
    httpStatus?: number | null
    upstreamCode?: string | null
    upstreamMessage?: string | null
    cause?: unknown
  }) {
    super(`${options.kind}${options.upstreamMessage ? `: ${options.upstreamMessage}` : ''}`, {
      cause: options.cause,
    })
    this.kind = options.kind
    this.sent = options.sent
    this.answered = options.answered
    this.httpStatus = options.httpStatus ?? null
    this.upstreamCode = options.upstreamCode ?? null
    this.upstreamMessage = options.upstreamMessage ?? null
  }
}

/** Why a call came to nothing, as far as it may be told to those who made it and to the log. */
export type CallFailure = Pick<ProviderError, 'kind' | 'httpStatus'>
