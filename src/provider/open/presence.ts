// What the `open` dialect says of devices that nobody signs in on just now: who is online, and why not (P 3.2).
// Pure; the only error is ProviderError.

import { readEnvelope, unreadable } from '../envelope.ts'
import { readPopup } from '../popup.ts'
import type { OfflineReason, SignedInList } from '../port.ts'
import { refusalOf } from '../refusal.ts'
import type { Conceal } from '../text.ts'
import { deviceIdOf } from './workstations.ts'

/** queryLoginDevice: the ids of all devices that are online. A list that cannot be read to its end says nothing of anybody. */
export const readSignedIn = (status: number, body: Uint8Array, hide: Conceal): SignedInList => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) throw refusalOf(envelope)
  const listed = envelope.data?.deviceIds
  if (Array.isArray(listed)) return listOf(new Set(listed.flatMap(each => deviceIdOf(each) ?? [])))
  // Only what says in so many words that nobody is online is a list of nobody.
  if (!isNone(envelope.data?.total) || (listed ?? '') !== '') throw unreadable()
  return listOf(new Set())
}

const isNone = (total: unknown): boolean => total === 0 || total === '0'

const listOf = (online: ReadonlySet<string>): SignedInList => ({
  find: ({ upstreamId }) => (online.has(upstreamId) ? { online: true, handle: null } : { online: false }),
})

/** offlineReason (P 3.4): null is a drop without a popup. */
export const readOfflineReason = (status: number, body: Uint8Array, hide: Conceal): OfflineReason => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) throw refusalOf(envelope)
  const reason = envelope.data?.reason ?? null
  if (envelope.strange || (reason !== null && typeof reason !== 'string')) throw unreadable()
  return { kind: 'TOLD', ...readPopup(reason, hide) }
}
