// What is shown of a device: its upstream's name for it, what the upstream's rules mean for it today, and until when it is
// kept.

import type { DeviceStanding } from '../db/presence-store.ts'
import type { AccountRecord, DeviceRecord } from '../db/records.ts'
import { presenceRules } from '../login/presence.ts'
import { exitRejected, recyclesSoon, rules } from '../login/rules.ts'
import type { Limits } from '../login/terms.ts'
import type { Advisory, Millis } from '../login/vocabulary.ts'
import { presenceOf } from './presence.ts'
import type { Services } from './services.ts'

/** Null: its upstream knows no devices, and was never told of the id that is kept here; or is not configured any more. */
export const upstreamIdOf = (device: DeviceRecord, services: Services): string | null =>
  services.providers.get(device.provider)?.handle === 'DEVICE' ? device.upstreamId : null

/** Null: it is signed in, was never seen signed in, or the upstream recycles nothing (S0:3). */
export const recycledAt = (
  device: DeviceRecord,
  account: AccountRecord | null,
  recycles: boolean,
  now: Millis,
): Millis | null => {
  if (!recycles || device.lastSeenSignedIn === null) return null
  if (account !== null && account.deviceId === device.id && presenceOf(account, now, null).state === 'ONLINE')
    return null
  return device.lastSeenSignedIn + rules.recyclesAfter
}

/** What is known of a device besides its own row. */
export interface Around {
  /** Who is signed in there, or was last. */
  readonly account: AccountRecord | null
  readonly standing: DeviceStanding | null
}

export const deviceAdvisories = (
  device: DeviceRecord,
  { account, standing }: Around,
  recycles: boolean,
  limits: Limits,
  now: Millis,
): readonly Advisory[] => {
  const soon = recycles ? recyclesSoon(device.lastSeenSignedIn, now) : null
  const rejected = standing === null ? null : exitRejected(standing, limits, now)
  return [
    ...(device.resetRequired ? [always('RESET_REQUIRED')] : []),
    ...(rejected === null ? [] : [rejected]),
    ...(soon === null ? [] : [soon]),
    ...(standing?.open === true ? ofSignIn(standing, account?.presence.probationUntil ?? null, now) : []),
  ]
}

const always = (code: Advisory['code']): Advisory => ({ code, until: null })

/** `probationUntil`: the first day of the account on this device, as long as it is known. */
const ofSignIn = (
  { foundBy }: DeviceStanding,
  probationUntil: Millis | null,
  now: Millis,
): readonly Advisory[] => {
  const restricted =
    probationUntil === null ? null : probationUntil - presenceRules.firstDay + presenceRules.momentsRestricted
  return [
    ...(foundBy === 'WRONG_ACCOUNT' ? [always('WRONG_ACCOUNT_SIGNED_IN')] : []),
    ...(foundBy === 'AFTER_END' ? [always('SIGNED_IN_AFTER_END')] : []),
    ...(probationUntil !== null && probationUntil > now
      ? [{ code: 'FIRST_DAY_DROP_EXPECTED', until: probationUntil } as const]
      : []),
    ...(restricted !== null && restricted > now
      ? [{ code: 'MOMENTS_RESTRICTED', until: restricted } as const]
      : []),
    always('OTHER_CLIENTS_KICK'),
  ]
}
