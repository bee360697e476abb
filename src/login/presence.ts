// The words of presence, and the upstream's rules about accounts that drop: what a drop is called, and what somebody should
// do about it. Pure; who was asked and when is the poller's.

import type { Capabilities } from './terms.ts'
import type { Millis, NextStep } from './vocabulary.ts'

export type PresenceState = 'UNKNOWN' | 'ONLINE' | 'OFFLINE'

export const presenceReasons = [
  'SIGNED_IN',
  'FOUND_ONLINE',
  'LOGGED_OUT_BY_CALLER',
  'LOGGED_OUT_ON_PHONE',
  'SIGNED_IN_ELSEWHERE',
  'DEVICE_RESET',
  'SECURITY_CHECK',
  'ENVIRONMENT_CHECK',
  'NETWORK_CHECK',
  'PASSWORD_CHANGED',
  'PAYMENT_PASSWORD_CHANGED',
  'FACE_DATA_CHANGED',
  'NO_POPUP',
  'OTHER',
] as const

export type PresenceReason = (typeof presenceReasons)[number]

export type DropTag = 'WITHIN_60_SECONDS' | 'FIRST_DAY'

/** Somebody says that an account may have gone, by whichever of its names the upstream used. */
export interface PresenceHint {
  readonly provider: string
  readonly wcId: string | null
  readonly handle: string | null
}

export const presenceRules = {
  /** Not being able to ask is not being offline: an older answer reads UNKNOWN. */
  holds: 300_000,
  /** S2:33: whoever is gone by the last of these came from an exit that the upstream rejects. */
  looksAfterSignIn: [20_000, 40_000, 60_000, 80_000],
  /** A look is late by so much at most before its answer says nothing of the exit any more. */
  lateLook: 15_000,
  /** S2:70, S4:21: one drop is to be expected. */
  firstDay: 24 * 3_600_000,
  /** S2:70, S4:21: no Moments on a new device for so long. */
  momentsRestricted: 72 * 3_600_000,
  /** When somebody may have confirmed behind the end of a login. */
  looksAfterEnd: [30_000, 240_000],
} as const

/** Somebody meant it: it says nothing of the device or of its exit. */
const meant: readonly PresenceReason[] = [
  'LOGGED_OUT_BY_CALLER',
  'LOGGED_OUT_ON_PHONE',
  'SIGNED_IN_ELSEWHERE',
  'DEVICE_RESET',
]

export interface Drop {
  readonly reason: PresenceReason
  /** Beginning of the sign-in that it ended; null: not known, since nobody saw it begin. */
  readonly began: Millis | null
  /** When it was first not there any more. */
  readonly missed: Millis
  /** End of its first day on this device; null: it was no first day. */
  readonly probationUntil: Millis | null
}

/** S2:33 and S2:70, S4:21. `earlyDropSeconds` 0: the upstream has no such rule. */
export const dropTagsOf = (drop: Drop, earlyDropSeconds: number): readonly DropTag[] => {
  if (meant.includes(drop.reason)) return []
  // A drop is seen by the next look, which the last of them is for one at the sixtieth second.
  const lastLook = Math.max(...presenceRules.looksAfterSignIn) - 60_000
  const seenWithin = earlyDropSeconds * 1_000 + lastLook + presenceRules.lateLook
  return [
    ...(earlyDropSeconds > 0 && drop.began !== null && drop.missed - drop.began <= seenWithin
      ? ['WITHIN_60_SECONDS' as const]
      : []),
    ...(drop.probationUntil !== null && drop.missed <= drop.probationUntil ? ['FIRST_DAY' as const] : []),
  ]
}

/** What somebody should do about an account that is offline. */
export const nextStepAfterDrop = (
  reason: PresenceReason | null,
  dropTags: readonly DropTag[],
  can: Pick<Capabilities, 'pushOnFirstDay'> | null,
): NextStep => {
  // S2:33: another exit first; scanning again from the same one makes it worse.
  if (dropTags.includes('WITHIN_60_SECONDS') || reason === 'NETWORK_CHECK') return 'CHECK_PROXY'
  if (reason === 'LOGGED_OUT_BY_CALLER') return 'NONE'
  if (reason === 'DEVICE_RESET') return 'START_AGAIN_WITH_QR_CODE'
  // S4:21: whoever drops on the first day scans again where a push is of no use.
  if (dropTags.includes('FIRST_DAY') && can?.pushOnFirstDay === false) return 'START_AGAIN_WITH_QR_CODE'
  return 'START_AGAIN'
}
