// The piped form: one line per account as it stands, then one per change, in columns that stay as they are so that scripts
// can read them. Pure.

import { word } from '../terminal/line.ts'
import type { PresenceUpdate } from './documents.ts'

/** `time what wcId state next-step key=value…`: the moment of the change, or as of when it stands so. */
export function lineOf({ account, change }: PresenceUpdate): string {
  const { presence, wcId, nickName, device } = account
  const { reason, upstreamReason } = change ?? presence
  const told = {
    ...(change === null ? { since: presence.since } : { from: change.from }),
    reason,
    upstreamReason,
    name: nickName,
    device: device?.deviceKey ?? null,
  }
  return [
    ...[change?.at ?? presence.asOf, change === null ? 'Snapshot' : 'Change', wcId].map(word),
    ...[change?.to ?? presence.state, presence.nextStep].map(word),
    ...Object.entries(told)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}=${word(value)}`),
  ].join(' ')
}
