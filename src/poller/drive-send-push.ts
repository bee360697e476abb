// Duty SEND_PUSH: a prompt on the phone that signed in here before. The call may block until the person answers, so that
// turns go on beside it; what it answers is told, and whether that confirms is for the machine to say.

import { patienceForLastLook } from '../login/duty.ts'
import type { PushAnswer } from '../login/observation.ts'
import { prepareFor } from './drive-poll.ts'
import { type Drive, readTarget, targetOf } from './driving.ts'
import { sendOnce } from './send-once.ts'

/** P 3.2: it lapses after three minutes; the login's own deadline comes first. */
const patience = 190_000

export const sendPush: Drive = async (held, driving) => {
  const found = await readTarget(held, driving)
  if (found === null) return
  const target = targetOf(held, found)
  const isHeardByCall = held.provider.capabilities.pushAnsweredBy === 'CALL'
  if (!isHeardByCall) prepareFor(held, target)
  await sendOnce<PushAnswer>(held, driving, {
    within: isHeardByCall ? Number.POSITIVE_INFINITY : patience,
    // Nobody but its call hears of it, so that this is its last look.
    grace: isHeardByCall ? patienceForLastLook : 0,
    send: signal => held.provider.sendPush(target, signal),
    answered: async (answer, intent) => ({
      kind: 'PushAnswered',
      at: driving.store.clock.now(),
      intent,
      answer,
    }),
    beside: true,
  })
}
