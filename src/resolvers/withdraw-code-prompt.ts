// "No, it does not ask for a code." Where no prompt stands, this is so already.

import { act, type LoginPayload } from './act.ts'
import type { Context } from './context.ts'

export const withdrawCodePrompt = (context: Context, loginId: string): Promise<LoginPayload> =>
  act(context, loginId, {
    action: 'WITHDRAW_CODE_PROMPT',
    observe: (_, at) => ({ kind: 'CodePromptWithdrawn', at }),
    stands: (_, live) =>
      live?.kind === 'AWAITING_SCAN' ||
      live?.kind === 'AWAITING_SLIDER' ||
      (live?.kind === 'AWAITING_CONFIRMATION' && !live.paused),
  })
