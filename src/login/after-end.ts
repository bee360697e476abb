// What is still owed to the truth about a device once a login there has ended (what must always hold, 4): somebody may
// have confirmed a prompt that nobody was looking at any more.

import { type Ended, ended, type LoginState } from './state.ts'

/** Not after a login that is known to have signed somebody in, nor where no prompt can have been answered. */
export const owesLooks = (before: LoginState, end: Ended): boolean => {
  if (ended(before) || end.kind === 'CONFIRMED' || end.outcome.reason === 'WRONG_ACCOUNT') return false
  // Where a scan is never shown, any code that was out may have been scanned.
  return before.scanned || (!before.terms.capabilities.announcesScan && before.issues.length > 0)
}

/** The upstream's name of the attempt that was before the person; null: there was none, or the device's is enough. */
export const handleOut = (before: LoginState): string | null =>
  'prompt' in before && before.prompt.kind === 'QR_CODE' ? before.prompt.handle : null
