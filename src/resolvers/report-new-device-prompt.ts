// "My phone says: verify on the new device." The login goes on as MAC; on MAC there is nothing left to try.

import { act, type LoginPayload } from './act.ts'
import type { Context } from './context.ts'

export const reportNewDevicePrompt = (context: Context, loginId: string): Promise<LoginPayload> =>
  act(context, loginId, {
    action: 'REPORT_NEW_DEVICE_PROMPT',
    observe: (_, at) => ({ kind: 'NewDevicePromptReported', at }),
    stands: (login, live) =>
      login.record.outcome?.reason === 'NEW_DEVICE_VERIFICATION' ||
      (live?.kind === 'STARTING' && live.deviceType === 'MAC' && live.terms.deviceType === 'IPAD'),
  })
