// What the `ipad` dialect says of one sign-in: whether it is on, and why it is not (P 2.1). Pure; the only
// error is ProviderError.

import { readEnvelope, unreadable } from '../envelope.ts'
import { readPopup } from '../popup.ts'
import type { OfflineReason } from '../port.ts'
import { isOffline, refusalOf } from '../refusal.ts'
import type { Conceal } from '../text.ts'

/**
 * isOnline: a flag under a success in old answers, the code itself in the newer table. A failure is a no only where it says so:
 * 失败 alone is what any failure says (S4:77).
 */
export const readIsOnline = (status: number, body: Uint8Array, hide: Conceal): boolean => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) {
    if (isOffline(envelope)) return false
    throw refusalOf(envelope)
  }
  if (envelope.strange) throw unreadable()
  const flag = envelope.data?.isOnline ?? true
  if (flag === false || flag === 'false') return false
  if (isOffline(envelope) || (flag !== true && flag !== 'true')) throw unreadable()
  return true
}

/** offlineReason: a list; a reason of null means online. Only this account's entry counts. */
export const readOfflineReason = (
  status: number,
  body: Uint8Array,
  hide: Conceal,
  wcId: string,
): OfflineReason => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) throw refusalOf(envelope)
  for (const entry of envelope.list ?? []) {
    if (typeof entry !== 'object' || entry === null || !('wcId' in entry) || entry.wcId !== wcId) continue
    const reason = 'reason' in entry ? entry.reason : undefined
    if (reason === null) return { kind: 'ONLINE' }
    if (typeof reason !== 'string') throw unreadable()
    return { kind: 'TOLD', ...readPopup(reason, hide) }
  }
  throw unreadable()
}
