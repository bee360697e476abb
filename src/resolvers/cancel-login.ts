// "Stop." Recorded first, so that it wins over whatever the upstream answers meanwhile.

import { act, type LoginPayload } from './act.ts'
import type { Context } from './context.ts'

export const cancelLogin = (context: Context, loginId: string): Promise<LoginPayload> =>
  act(context, loginId, {
    action: 'CANCEL',
    observe: (_, at) => ({ kind: 'CancelAsked', at, by: 'CANCELLED_BY_CALLER' }),
    stands: login => login.record.stateName === 'CANCELLED',
  })
