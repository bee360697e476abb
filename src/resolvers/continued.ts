// A login as it reads after what was just recorded of it, without asking the store.

import type { LoginRecord } from '../db/records.ts'
import type { Carried } from '../db/store.ts'
import { ended } from '../login/state.ts'

/** Null where only a read can tell: something lies between the two, or it ended, which writes more than a turn. */
export const continued = (login: LoginRecord, carried: Carried): LoginRecord | null => {
  const { turn, events, at } = carried
  const { state } = turn
  if (login.ended !== null || ended(state)) return null
  if (turn.version !== login.version + 1 || state.sequence !== login.sequence + events.length) return null
  const happened = (kind: string) => events.find(({ body }) => body.kind === kind)?.at ?? null
  return {
    ...login,
    method: state.method,
    firstMethod: state.firstMethod,
    deviceType: state.deviceType,
    stateName: state.kind,
    sequence: state.sequence,
    version: turn.version,
    state,
    scanner:
      carried.scanner === undefined
        ? login.scanner
        : { nickName: carried.scanner.nickName, pictureId: login.scanner?.pictureId ?? null },
    updated: Math.max(login.updated, at),
    qrCodeIssued: login.qrCodeIssued ?? happened('QrCodeIssued'),
    scanned: login.scanned ?? happened('QrCodeScanned'),
  }
}
