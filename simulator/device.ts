/**
 * A device of the upstream (a "workstation": one account signs in on it) and the attempt to sign in that is under way there.
 * Data only: what happens to it is `phone.ts` (the person) and each dialect's calls (the developer).
 */
import type { Account } from './account.ts'
import type { Settings, Switches, Timings } from './settings.ts'

export type Dialect = 'open' | 'ipad'

/**
 * `code`, `newDevice`: a page on the phone, which no answer of `open` announces (P 3.3). `slider`: the phone waits for a page
 * elsewhere (S4:19). `done`: a confirming call completed it (S2:18).
 */
export type QrPhase =
  | 'waiting'
  | 'scanned'
  | 'code'
  | 'newDevice'
  | 'slider'
  | 'confirmed'
  | 'declined'
  | 'dead'
  | 'done'

export type QrAttempt = {
  readonly kind: 'qr'
  readonly generation: number
  /** What the code says. */
  readonly content: string
  readonly url: string
  readonly deviceType: 'ipad' | 'mac'
  readonly issued: number
  expires: number
  phase: QrPhase
  /** Who scanned. */
  account: Account | null
  /** What the code page shows. */
  code: string | null
  codeVoid: boolean
  /** A confirming poll was made since the issue. */
  polled: boolean
  /** The person put the phone away; the upstream does not know. */
  away: boolean
  /** A poll was answered with the scan; `scanSeen`: and that answer got through. */
  scanTold: boolean
  scanSeen: boolean
  /** `ipad`: sliders that are still to be solved after the scan, and the page of the one that was handed out. */
  sliders: number
  sliderPage: string | null
  /** `ipad`: an answer that asks for a code got through. */
  codeTold: boolean
}

/** A code that was issued just now. */
export const newQrAttempt = (
  issued: Pick<QrAttempt, 'generation' | 'content' | 'url' | 'deviceType' | 'issued' | 'expires'> &
    Partial<QrAttempt>,
): QrAttempt => ({
  kind: 'qr',
  phase: 'waiting',
  account: null,
  code: null,
  codeVoid: false,
  polled: false,
  away: false,
  scanTold: false,
  scanSeen: false,
  sliders: 0,
  sliderPage: null,
  codeTold: false,
  ...issued,
})

export type PushPhase = 'shown' | 'confirmed' | 'declined' | 'lapsed' | 'refused' | 'done'

export type PushAttempt = {
  readonly kind: 'push'
  readonly issued: number
  readonly expires: number
  readonly account: Account
  away: boolean
  phase: PushPhase
}

export type Attempt = QrAttempt | PushAttempt

export type Device = {
  readonly id: string
  /** Whose slot it is. On `ipad` there are no devices: a slot stands for a phone and what signs in from it. */
  readonly dialect: Dialect
  readonly created: number
  /** The person who holds the phone unless a scenario or a call names another. */
  person: Account
  /** Who is signed in or, while offline, was last; null on a new or reset device. */
  account: Account | null
  online: boolean
  /** Why it is offline, as the phone shows it; null without a popup. Lost at the next sign-in (P 3.2). */
  popup: string | null
  activated: boolean
  activeUntil: number
  lastLogin: number | null
  recycled: boolean
  attempt: Attempt | null
  /** QR codes issued since the last sign-in, reset or start of a scenario. */
  generation: number
  /** `ipad`: the handle of the sign-in (P 2.4); null on `open` and before the first. */
  wId: string | null
  /** Handles of its newest sign-ins, of now last: what callbacks name (P 2.6, P 3.5). */
  handles: readonly string[]
  /** Nobody has signed in since it was made, reset or recycled (S2:70). */
  fresh: boolean
  /** `ipad`: signed in, and yet `queryLoginWx` does not list it (switch `forgetsHandle`). */
  unlisted: boolean
  proxy: { readonly ip: string; readonly user: string; readonly password: string } | null
  overrides: Settings
  switches: Switches
  timings: Timings
  readonly watch: Watch
  /** Rung at every change: calls that hang look again. */
  readonly hanging: Set<() => void>
  /** The answer of `checkLoginShort` as long as nothing changes. */
  cached: { readonly body: string; readonly until: number; readonly idle: boolean } | null
}

/** What a well-behaved client keeps at zero. */
export type Watch = {
  /** Confirming polls after success, which get accounts dropped (S3:2). Begins anew with each sign-in. */
  pollsAfterSuccess: number
  /** Confirming polls closer than `pollGapMs` (S3:1). */
  pollsTooSoon: number
  /** Confirming polls begun while another was under way. */
  pollsOverlapping: number
  /** QR codes issued while somebody was between scan and sign-in, or signed in (S2:1). */
  qrCodesWhileActing: number
  /** Boxes put on the phone while one was there. */
  pushesOverlapping: number
  /** `ipad`: polls without a code after an answer that asked for one. */
  pollsWhileCodeAsked: number
  /** `ipad`: polls after an answer with a slider that nobody has solved. */
  pollsWhileSliderShown: number
  pollsUnderWay: number
  lastPoll: number
}

const newWatch = (): Watch => ({
  pollsAfterSuccess: 0,
  pollsTooSoon: 0,
  pollsOverlapping: 0,
  qrCodesWhileActing: 0,
  pushesOverlapping: 0,
  pollsWhileCodeAsked: 0,
  pollsWhileSliderShown: 0,
  pollsUnderWay: 0,
  lastPoll: Number.NEGATIVE_INFINITY,
})

/** One on which nobody has signed in. */
export const newDevice = (
  given: Pick<Device, 'id' | 'dialect' | 'created' | 'person' | 'switches' | 'timings'>,
): Device => ({
  account: null,
  online: false,
  popup: null,
  activated: false,
  activeUntil: 0,
  lastLogin: null,
  recycled: false,
  attempt: null,
  generation: 0,
  wId: null,
  handles: [],
  fresh: true,
  unlisted: false,
  proxy: null,
  overrides: {},
  watch: newWatch(),
  hanging: new Set(),
  cached: null,
  ...given,
})

/** Somebody scanned and is not signed in yet: a page is before a person. */
export const isActing = (attempt: Attempt | null): boolean =>
  attempt?.kind === 'qr'
    ? attempt.phase === 'scanned' ||
      attempt.phase === 'code' ||
      attempt.phase === 'newDevice' ||
      attempt.phase === 'slider' ||
      attempt.phase === 'confirmed'
    : attempt?.phase === 'shown' || attempt?.phase === 'confirmed'

/** An attempt that a person or a confirming call can still move. */
export const isLive = (attempt: Attempt | null): boolean =>
  attempt !== null && (isActing(attempt) || (attempt.kind === 'qr' && attempt.phase === 'waiting'))

/** Who is signed in on it; null: nobody. */
export const whoIsOn = ({ online, account }: Device): string | null =>
  online ? (account?.wcId ?? null) : null

/** By what its sign-in of now, or its last one, is known. */
export const namesOn = ({ account, handles }: Device) => ({
  wcId: account?.wcId ?? null,
  wId: handles.at(-1) ?? null,
})
