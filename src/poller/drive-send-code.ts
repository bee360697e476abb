// Duty SEND_CODE: the code that the person typed, sent once. It comes up only after the open poll has settled and its
// answer was recorded, since a confirming call under way can void the code (P 3.2); where polls hang, so does this call.

import type { CodeAnswer } from '../login/observation.ts'
import { type Drive, readTarget, targetOf } from './driving.ts'
import { GivenUpError } from './failure.ts'
import { sendOnce } from './send-once.ts'

/** The login's own deadline for an answer comes first. */
const patience = { RETURNS: 60_000, HANGS: 260_000 } as const

export const sendCode: Drive = async (held, driving) => {
  const found = await readTarget(held, driving)
  if (found === null) return
  const { code } = found
  const target = targetOf(held, found)
  await sendOnce<CodeAnswer>(held, driving, {
    within: patience[held.provider.capabilities.poll],
    // A wish whose code is lost goes the way of one that was not answered: the person is asked again.
    send: signal =>
      code === null ? Promise.reject(new GivenUpError()) : held.provider.sendCode(target, code, signal),
    answered: async (answer, intent) => ({
      kind: 'CodeAnswered',
      at: driving.store.clock.now(),
      intent,
      answer,
    }),
  })
}
