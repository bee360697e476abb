// Duty POLL, the hot path: one call in flight per login, nothing built for it that was built before, and an answer that
// was heard before in this very state is neither decoded nor judged again.

import type { Observation } from '../login/observation.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { PreparedPoll, RawAnswer } from '../provider/port.ts'
import { ProviderError } from '../provider/port.ts'
import { type Drive, readTarget, targetOf } from './driving.ts'
import { failureOf } from './failure.ts'
import type { Held } from './held.ts'
import { remembered } from './memo.ts'

/** In all, for a poll that returns; the sweep looks after it. */
export const patienceForPoll = 10_000

/** After a restart. Issuing a prompt prepares its polls by itself. */
export const preparePoll: Drive = async (held, driving) => {
  const found = await readTarget(held, driving)
  if (found !== null) held.prepared = held.provider.polling.prepare(targetOf(held, found))
}

export const sendPoll = (held: Held, prepared: PreparedPoll, now: number, at: Millis): void => {
  held.pace.lastPoll = at
  held.pollBegan = at
  held.pollSentAt = now
  held.pollCut = false
  held.pollIn = held.turn.state
  held.poll = held.provider.polling.send(prepared, held.settled)
}

/** Null: heard before, in this very state. Throws what is no failure of the upstream. */
export const observationOf = (held: Held, answer: RawAnswer, at: Millis): Observation | null => {
  const began = held.pollBegan
  if (answer.kind === 'FAILED') {
    // However the provider words it: it was cut for its silence.
    const failure = held.pollCut ? silence : failureOf(answer.error)
    return { kind: 'PollFailed', at, began, failure }
  }
  if (remembered(held, answer.status, answer.body)) return null
  try {
    return { kind: 'Polled', at, began, answer: held.provider.polling.read(answer.status, answer.body) }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return { kind: 'PollFailed', at, began, failure: failureOf(error) }
  }
}

const silence = { kind: 'TIMEOUT', upstreamCode: null, upstreamMessage: null } as const
