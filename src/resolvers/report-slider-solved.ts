// "I have solved the slider." Nothing here solves it: the person does, in the upstream's page.

import { act, type LoginPayload } from './act.ts'
import type { Context } from './context.ts'

export const reportSliderSolved = (context: Context, loginId: string): Promise<LoginPayload> =>
  act(context, loginId, {
    action: 'REPORT_SLIDER_SOLVED',
    observe: (_, at) => ({ kind: 'SliderReported', at }),
    stands: (_, live) => live?.kind === 'AWAITING_CONFIRMATION' && live.sliders > 0,
  })
