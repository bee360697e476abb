// The saved form of a login's state: a version number and the state itself. Reading is total: what this version does
// not know is an error that names the place, never a state with a hole in it.

import {
  byKind,
  flag,
  listOf,
  number,
  object,
  orElse,
  orNull,
  type Read,
  StateUnreadableError,
  text,
  word,
} from './shape.ts'
import type { LoginState } from './state.ts'
import { defaultDeadlines } from './terms.ts'

/** Rows of a higher one were written by a newer version. */
export const savedFormat = 1

const method = word('QR_CODE', 'PUSH')
const deviceType = word('IPAD', 'MAC')
const announcer = word('UPSTREAM', 'PERSON')
const failureKind = word(
  'UNREACHABLE',
  'TIMEOUT',
  'UNREADABLE',
  'UNAUTHORIZED',
  'DEVICE_UNKNOWN',
  'RESET_REQUIRED',
  'PROXY_FAILED',
  'ERROR',
)
const reason = word(
  'SIGNED_IN',
  'ALREADY_SIGNED_IN',
  'QR_CODE_EXPIRED',
  'PUSH_EXPIRED',
  'CODE_EXPIRED',
  'SLIDER_EXPIRED',
  'TIMED_OUT',
  'DECLINED_ON_PHONE',
  'PUSH_REFUSED',
  'CANCELLED_BY_CALLER',
  'SUPERSEDED',
  'WRONG_ACCOUNT',
  'CODE_REJECTED',
  'DEVICE_UNKNOWN',
  'DEVICE_RESET_REQUIRED',
  'NEW_DEVICE_VERIFICATION',
  'PROXY_FAILED',
  'UPSTREAM_UNAUTHORIZED',
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_ERROR',
  'UPSTREAM_UNREADABLE',
)
const nextStep = word(
  'NONE',
  'WAIT',
  'SCAN_QR_CODE',
  'CONFIRM_ON_PHONE',
  'ENTER_CODE',
  'SOLVE_SLIDER',
  'START_AGAIN',
  'START_AGAIN_WITH_QR_CODE',
  'START_AGAIN_AS_MAC',
  'RESET_DEVICE',
  'CHECK_PROXY',
  'LOG_OUT_FIRST',
  'CONTACT_OPERATOR',
)
const advisoryCode = word(
  'RECYCLES_SOON',
  'FIRST_DAY_DROP_EXPECTED',
  'MOMENTS_RESTRICTED',
  'OTHER_CLIENTS_KICK',
  'USE_PUSH_FIRST',
  'WRONG_ACCOUNT_SIGNED_IN',
  'ALREADY_SIGNED_IN',
  'PUSH_COOL_DOWN',
  'PUSH_NEEDS_A_KNOWN_ACCOUNT',
  'PUSH_UNLIKELY',
  'TOO_MANY_ATTEMPTS',
  'RESET_REQUIRED',
  'EXIT_REJECTED',
  'SIGNED_IN_DEVICE',
  'SIGNED_IN_AFTER_END',
  'PROVINCE_REQUIRED',
  'DO_NOT_REISSUE_QR_CODE',
  'SCAN_CANNOT_BE_RULED_OUT',
  'PERSON_IS_ACTING',
)

const terms = object({
  strategy: word('AUTO', 'QR_CODE', 'PUSH'),
  firstMethod: method,
  deviceType,
  expectedWcId: orNull(text),
  started: number,
  capabilities: object({
    announcesScan: flag,
    announcesCode: flag,
    sliders: flag,
    push: flag,
    provinceRequired: flag,
    qrCodeDies: word('BY_CLOCK', 'BY_WORD'),
    poll: word('RETURNS', 'HANGS'),
    pushAnsweredBy: word('POLL', 'CALL'),
    pushOnFirstDay: orElse(flag, true),
    recyclesDevices: flag,
  }),
  deadlines: object({
    starting: number,
    qrCode: number,
    qrCodeShown: orElse(number, defaultDeadlines.qrCodeShown),
    push: number,
    confirmationAtLeast: number,
    code: number,
    verifying: number,
    slider: number,
    afterSlider: number,
    whole: number,
  }),
  firstOnDevice: flag,
  qrCodesPerHour: number,
  recentQrCodes: listOf(number),
  seenOnline: flag,
  pauseAtScan: flag,
  scannedUnconfirmed: number,
  knownHandles: orElse(listOf(text), []),
})

const course = {
  terms,
  sequence: number,
  method,
  firstMethod: orNull(method),
  deviceType,
  pushed: orNull(number),
  issues: listOf(number),
  issuesAllowed: number,
  codesSpent: number,
  health: object({ failures: number, degraded: flag, cause: orNull(failureKind), asOf: orNull(number) }),
  deadline: number,
  lastLook: orNull(
    object({
      step: orElse(word('POLL', 'ONLINE'), 'POLL'),
      since: number,
      failures: number,
      degraded: flag,
      because: reason,
      upstreamCode: orNull(text),
      upstreamMessage: orNull(text),
    }),
  ),
  scanned: flag,
  sliders: number,
  checked: orElse(flag, false),
  unclear: orNull(object({ count: number, at: number })),
  inquiry: orNull(
    object({
      since: number,
      failures: number,
      because: word('PUSH', 'DEAD', 'UNCLEAR'),
      settled: flag,
      sure: flag,
      upstreamCode: orNull(text),
      upstreamMessage: orNull(text),
    }),
  ),
}

const intent = object({ id: text, recorded: number })
const issuing = {
  PROMPT: object({ kind: word('PROMPT'), failures: number, notBefore: number }),
  ISSUING: object({ kind: word('ISSUING'), failures: number, intent }),
  LOOK: object({ kind: word('LOOK'), failures: number, notBefore: number }),
}
const qrPrompt = object({
  kind: word('QR_CODE'),
  intent: text,
  generation: number,
  handle: orNull(text),
  sent: number,
  issued: number,
  expires: number,
})
const prompt = byKind({
  QR_CODE: qrPrompt,
  PUSH: object({
    kind: word('PUSH'),
    intent: text,
    sent: number,
    expires: number,
    answer: word('OWED', 'UNKNOWN', 'ACCEPTED'),
    deadAnswers: number,
  }),
})
const back = byKind({
  AWAITING_SCAN: object({ kind: word('AWAITING_SCAN'), deadline: number, scanned: flag }),
  AWAITING_CONFIRMATION: object({ kind: word('AWAITING_CONFIRMATION'), deadline: number, scanned: flag }),
  AWAITING_SLIDER: object({
    kind: word('AWAITING_SLIDER'),
    deadline: number,
    scanned: flag,
    requested: number,
  }),
})
const coding = { prompt, announcedBy: announcer, requested: number, back }

const final = <Kind extends 'CONFIRMED' | 'EXPIRED' | 'REJECTED' | 'CANCELLED' | 'FAILED'>(kind: Kind) =>
  object({
    kind: word(kind),
    terms,
    sequence: number,
    method,
    firstMethod: orNull(method),
    deviceType,
    confirmedBy: orNull(method),
    outcome: object({ reason, upstreamCode: orNull(text), upstreamMessage: orNull(text), nextStep }),
    advisories: listOf(object({ code: advisoryCode, until: orNull(number) })),
  })

const state: Read<LoginState> = byKind({
  STARTING: object({
    ...course,
    kind: word('STARTING'),
    step: byKind({
      ...issuing,
      CHECK_ONLINE: object({ kind: word('CHECK_ONLINE'), failures: number, notBefore: number }),
    }),
  }),
  AWAITING_SCAN: object({
    ...course,
    kind: word('AWAITING_SCAN'),
    prompt: qrPrompt,
    renewal: orNull(byKind({ ...issuing, ASKED: object({ kind: word('ASKED'), since: number }) })),
  }),
  AWAITING_CONFIRMATION: object({ ...course, kind: word('AWAITING_CONFIRMATION'), prompt, paused: flag }),
  AWAITING_CODE: object({ ...course, ...coding, kind: word('AWAITING_CODE') }),
  VERIFYING_CODE: object({
    ...course,
    ...coding,
    kind: word('VERIFYING_CODE'),
    mark: text,
    lapses: number,
    step: byKind({
      WISH: object({ kind: word('WISH'), since: number, failures: number }),
      SENT: object({ kind: word('SENT'), intent, failures: number }),
      LOOK: object({ kind: word('LOOK'), notBefore: number }),
    }),
  }),
  AWAITING_SLIDER: object({ ...course, kind: word('AWAITING_SLIDER'), prompt, requested: number }),
  CONFIRMED: final('CONFIRMED'),
  EXPIRED: final('EXPIRED'),
  REJECTED: final('REJECTED'),
  CANCELLED: final('CANCELLED'),
  FAILED: final('FAILED'),
})

const saved = object({ format: number, state: value => value })

/** What is written to the database. */
export const encodeState = (state: LoginState): { readonly format: number; readonly state: LoginState } => ({
  format: savedFormat,
  state,
})

/** Throws StateUnreadableError for whatever `encodeState` of a version known here did not write. */
export const decodeState = (json: unknown): LoginState => {
  const read = saved(json, 'state')
  if (read.format !== savedFormat)
    throw new StateUnreadableError('state.format', `a format known here (${savedFormat})`)
  return state(read.state, 'state.state')
}
