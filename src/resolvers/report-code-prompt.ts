// "My phone asks for a code." On `open` nobody else can know (S3).

import { act, type LoginPayload } from './act.ts'
import type { Context } from './context.ts'

export const reportCodePrompt = (context: Context, loginId: string): Promise<LoginPayload> =>
  act(context, loginId, {
    action: 'REPORT_CODE_PROMPT',
    observe: (_, at) => ({ kind: 'CodePromptReported', at }),
    stands: (_, live) => live?.kind === 'AWAITING_CODE' || live?.kind === 'VERIFYING_CODE',
  })
