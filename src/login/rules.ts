// The upstream's rules of thumb as code, each with its source: what they say of a device before a login starts.
// Facts in, advisories out; what follows from them is in `plan`.

import type { Capabilities, Limits } from './terms.ts'
import type { Advisory, LoginMethod, Millis, OutcomeReason } from './vocabulary.ts'

const hour = 3_600_000
const day = 24 * hour

export const rules = {
  /** S0:3: a device not signed in for 20 days is recycled; it is said from day 15. */
  recyclesAfter: 20 * day,
  recyclesSoonAfter: 15 * day,
  /** S0:7: a push to a device not seen signed in for this long is hopeless. */
  pushUnlikelyAfter: 15 * day,
  /** S0:7: two pushes in a row lapsed or refused: QR codes for a day. */
  pushesFailedUntilCoolDown: 2,
  pushCoolDown: day,
} as const

/** What a device has been through, as far as the rules ask. */
export interface DeviceFacts {
  /** Account of the last confirmed login here; null: none, or not since a reset. */
  readonly knownWcId: string | null
  readonly province: string | null
  readonly proxied: boolean
  readonly ttuid: string | null
  readonly resetRequired: boolean
  readonly lastSeenSignedIn: Millis | null
  readonly seenOnline: boolean
  readonly exitChangedSinceSignIn: boolean
  /** Starts of the last hour, oldest first. */
  readonly recentLogins: readonly Millis[]
  readonly recentQrCodes: readonly Millis[]
  /** The newest ones that lapsed or were refused, and when the last of them did. */
  readonly pushesFailedInARow: number
  readonly lastPushFailed: Millis | null
  readonly lastReason: OutcomeReason | null
  readonly scannedUnconfirmed: number
  /** Deadline of a prompt that may still be before a person though its login has ended. */
  readonly promptUntil: Millis | null
  /** The upstream's handles of the sign-ins that the device and its account have had last. */
  readonly knownHandles: readonly string[]
  /** End of the first day of its account on this device; null: over, or there is none. */
  readonly probationUntil: Millis | null
  /** Somebody else than the last confirmed login's account was seen signed in here within five minutes. */
  readonly wrongAccountSignedIn: boolean
  /** When an account was last gone at once after it had signed in here; null: never, or from another exit. */
  readonly exitRejected: Millis | null
}

const advisory = (code: Advisory['code'], until: Millis | null = null): Advisory => ({ code, until })

/** When the oldest of the last `limit` within the hour leaves it; null: one more is allowed (0: no limit). */
const hourlyLimit = (moments: readonly Millis[], limit: number, now: Millis): Millis | null => {
  if (limit === 0) return null
  const recent = moments.filter(moment => moment > now - hour)
  const oldestThatCounts = recent[recent.length - limit]
  return oldestThatCounts === undefined ? null : oldestThatCounts + hour
}

/** S2:31: frequent logins are limited by the upstream: five logins and six QR codes per device and hour. */
export const tooManyLogins = (facts: DeviceFacts, limits: Limits, now: Millis): Advisory | null => {
  const until = hourlyLimit(facts.recentLogins, limits.loginsPerHour, now)
  return until === null ? null : advisory('TOO_MANY_ATTEMPTS', until)
}

export const tooManyQrCodes = (facts: DeviceFacts, limits: Limits, now: Millis): Advisory | null => {
  const until = hourlyLimit(facts.recentQrCodes, limits.qrCodesPerHour, now)
  return until === null ? null : advisory('TOO_MANY_ATTEMPTS', until)
}

/** S0:7, S2:1: what was put before a person outlives its login. */
export const personIsActing = (facts: DeviceFacts, limits: Limits, now: Millis): Advisory | null => {
  if (facts.promptUntil === null || limits.promptHoldSeconds === 0) return null
  const until = Math.min(facts.promptUntil, now + limits.promptHoldSeconds * 1_000)
  return until > now ? advisory('PERSON_IS_ACTING', until) : null
}

/** S0:3: the upstream's word, never the clock's. */
export const resetRequired = (facts: DeviceFacts): Advisory | null =>
  facts.resetRequired ? advisory('RESET_REQUIRED') : null

/** Somebody else is signed in: every answer of the upstream would be about them. */
export const wrongAccountSignedIn = (facts: DeviceFacts): Advisory | null =>
  facts.wrongAccountSignedIn ? advisory('WRONG_ACCOUNT_SIGNED_IN') : null

/** S2:33: another exit first; scanning again from the same one is of no use. */
export const exitRejected = (
  { exitRejected: at }: Pick<DeviceFacts, 'exitRejected'>,
  { exitRejectedHours }: Limits,
  now: Millis,
): Advisory | null => {
  if (at === null || exitRejectedHours === 0) return null
  const until = at + exitRejectedHours * hour
  return until > now ? advisory('EXIT_REJECTED', until) : null
}

/** S2:31: a province, a proxy or a ttuid of the account's own region, or it is dropped at once. */
export const provinceRequired = (facts: DeviceFacts, required: boolean): Advisory | null =>
  required && facts.province === null && !facts.proxied && facts.ttuid === null
    ? advisory('PROVINCE_REQUIRED')
    : null

/** S0:3, counted from when it was last seen signed in. */
export const recyclesSoon = (lastSeenSignedIn: Millis | null, now: Millis): Advisory | null =>
  lastSeenSignedIn !== null && now - lastSeenSignedIn >= rules.recyclesSoonAfter
    ? advisory('RECYCLES_SOON', lastSeenSignedIn + rules.recyclesAfter)
    : null

/** Why a push would be hopeless or unwelcome; null: push first (S0:5, S2:3). */
export const againstPush = (
  facts: DeviceFacts,
  can: Pick<Capabilities, 'push' | 'pushOnFirstDay'>,
  now: Millis,
): Advisory | null => {
  if (!can.push || facts.knownWcId === null) return advisory('PUSH_NEEDS_A_KNOWN_ACCOUNT')
  if (facts.pushesFailedInARow >= rules.pushesFailedUntilCoolDown && facts.lastPushFailed !== null) {
    const until = facts.lastPushFailed + rules.pushCoolDown
    if (until > now) return advisory('PUSH_COOL_DOWN', until)
  }
  // S4:21: whoever drops on the first day scans again, with the wcId.
  if (!can.pushOnFirstDay && facts.probationUntil !== null && facts.probationUntil > now)
    return advisory('PUSH_UNLIKELY', facts.probationUntil)
  const isLongAgo = facts.lastSeenSignedIn !== null && now - facts.lastSeenSignedIn > rules.pushUnlikelyAfter
  return isLongAgo || facts.exitChangedSinceSignIn ? advisory('PUSH_UNLIKELY') : null
}

/** What `chosen` goes against, said without forbidding it. */
export const usePushFirst = (
  facts: DeviceFacts,
  chosen: LoginMethod,
  can: Pick<Capabilities, 'push' | 'pushOnFirstDay'>,
  now: Millis,
): Advisory | null =>
  chosen === 'QR_CODE' && againstPush(facts, can, now) === null ? advisory('USE_PUSH_FIRST') : null
