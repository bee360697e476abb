// What the upstream's rules mean for a device today, and until when it is kept.

import type { AccountRecord, DeviceRecord } from '../db/records.ts'
import { recyclesSoon, rules } from '../login/rules.ts'
import type { Advisory, Millis } from '../login/vocabulary.ts'
import { presenceOf } from './presence.ts'

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
