// What the rest of Gatehouse may ask of an upstream, in our words. One folder per dialect stands behind it; nothing
// above this file knows a dialect by name.

import type { CodeAnswer, PollAnswer, PushAnswer } from '../login/observation.ts'
import type { Capabilities } from '../login/terms.ts'
import type { DeviceType, FailureKind, Profile } from '../login/vocabulary.ts'
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
  close(): Promise<void>
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
