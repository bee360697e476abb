// What is shown of a device: its upstream's name for it, what the upstream's rules mean for it today, and until when it is
// kept.

import type { AccountRecord, DeviceRecord } from '../db/records.ts'
import { recyclesSoon, rules } from '../login/rules.ts'
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
  if (account !== null && account.deviceId === device.id && presenceOf(account, now).state === 'ONLINE')
    return null
  return device.lastSeenSignedIn + rules.recyclesAfter
}

export const deviceAdvisories = (
  device: DeviceRecord,
  recycles: boolean,
  now: Millis,
): readonly Advisory[] => {
  const soon = recycles ? recyclesSoon(device.lastSeenSignedIn, now) : null
  return [
    ...(device.resetRequired ? [{ code: 'RESET_REQUIRED', until: null } as const] : []),
    ...(soon === null ? [] : [soon]),
  ]
}
