// A new QR code in place of the one that is out. Whoever drives the login looks once first: a code that was scanned in
// the meantime must not be replaced (S2:1), so the answer waits for that look.

import { RefusedByRuleError } from '../errors.ts'
import { ended, type LiveState } from '../login/state.ts'
import type { Advisory } from '../login/vocabulary.ts'
import { act, type LoginPayload } from './act.ts'
import type { Context } from './context.ts'
import { viewLogin } from './login-view.ts'
import { until } from './until.ts'

const doNotReissue: Advisory = { code: 'DO_NOT_REISSUE_QR_CODE', until: null }

/** Where no scan is told, only the upstream's own word that the code is dead rules one out. */
const hidesScans = (live: LiveState): boolean =>
  live.kind === 'AWAITING_SCAN' && !live.terms.capabilities.announcesScan

const isScanned = (live: LiveState): boolean =>
  live.kind !== 'STARTING' && live.kind !== 'AWAITING_SCAN' && live.prompt.kind === 'QR_CODE'

/**
 * Throws RefusedByRuleError DO_NOT_REISSUE_QR_CODE where somebody has scanned, SCAN_CANNOT_BE_RULED_OUT where nobody can
 * tell, besides what `act` throws.
 */
export const refreshQrCode = async (context: Context, id: string): Promise<LoginPayload> => {
  const { login } = await act(context, id, {
    action: 'REFRESH_QR_CODE',
    observe: (_, at) => ({ kind: 'QrCodeRefreshAsked', at }),
    stands: (_, live) => live?.kind === 'AWAITING_SCAN' && live.renewal !== null,
    rule: live => {
      if (hidesScans(live)) return { code: 'SCAN_CANNOT_BE_RULED_OUT', until: live.deadline }
      return isScanned(live) ? doNotReissue : null
    },
  })
  return { login: (await lookedAt(context, login.record.id)) ?? login }
}

const lookedAt = ({ viewer, services }: Context, loginId: string) =>
  until({
    bus: services.bus,
    id: loginId,
    patience: services.patience,
    look: async () => {
      const record = await services.store.readLogin(viewer.tenant, loginId)
      if (record === null) return null
      const live = record.state !== null && !ended(record.state) ? record.state : null
      if (live?.kind === 'AWAITING_SCAN' && live.renewal?.kind === 'ASKED') return null
      if (live !== null && isScanned(live)) throw new RefusedByRuleError(doNotReissue)
      return viewLogin(services, record, null)
    },
  })
