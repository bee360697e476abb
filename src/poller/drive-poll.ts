// Duty POLL, the hot path: one call in flight per login, nothing built for it that was built before, and an answer that
// was heard before in this very state is neither decoded nor judged again.

import type { Observation } from '../login/observation.ts'
import type { LoginState } from '../login/state.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { PreparedPoll, RawAnswer, Target } from '../provider/port.ts'
import { ProviderError } from '../provider/port.ts'
import { type Drive, handleOf, readTarget, targetOf } from './driving.ts'
import { failureOf } from './failure.ts'
import type { Held } from './held.ts'
import { remembered } from './memo.ts'

/** After a restart. Issuing a prompt prepares its polls by itself. */
export const preparePoll: Drive = async (held, driving) => {
  const found = await readTarget(held, driving)
  if (found !== null) prepareFor(held, targetOf(held, found))
}

export const prepareFor = (held: Held, target: Target): void => {
  held.prepared = held.provider.polling.prepare(target)
  held.preparedFor = target.handle
}

/** Whether what was prepared asks for the QR code that is out: a new one may bring a handle of its own. */
export const isPrepared = (held: Held): boolean =>
  held.prepared !== null && held.preparedFor === handleOf(held.turn.state)

/** The poll under way asks for a QR code that is not the one before the person any more. */
export const isOvertaken = (held: Held): boolean =>
  held.pollIn !== null && handleOf(held.pollIn) !== handleOf(held.turn.state)

export const sendPoll = (held: Held, prepared: PreparedPoll, now: number, at: Millis): void => {
  held.pace.lastPoll = at
  held.pollBegan = at
  held.pollSentAt = now
  held.pollCut = null
  held.pollIn = held.turn.state
  held.poll = held.provider.polling.send(prepared, held.settled)
}

/** `took`: milliseconds. Null: heard before, in this very state. Throws what is no failure of the upstream. */
export const observationOf = (
  held: Held,
  answer: RawAnswer,
  at: Millis,
  took: number,
): Observation | null => {
  if (answer.kind === 'FAILED') return failed(held, answer.error, at)
  if (remembered(held, answer.status, answer.body)) return null
  try {
    const read = held.provider.polling.read(answer.status, answer.body, took)
    const polled = { kind: 'Polled', at, began: held.pollBegan, answer: read } as const
    return held.missed !== null && held.missed === promptIn(held.pollIn)
      ? { ...polled, afterGap: true }
      : polled
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return failed(held, error, at)
  }
}

const failed = (held: Held, error: ProviderError, at: Millis): Observation => {
  if (error.sent && !error.answered) held.missed = promptIn(held.pollIn)
  // However the provider words it: it was cut for its silence.
  const failure = held.pollCut === 'SILENT' ? silence : failureOf(error)
  return { kind: 'PollFailed', at, began: held.pollBegan, failure }
}

const silence = { kind: 'TIMEOUT', upstreamCode: null, upstreamMessage: null } as const

/** The time of a last look ran out before there was a line for it. */
export const tellUnsent: Drive = async (held, { store, tell }) => {
  const at = store.clock.now()
  const failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null } as const
  await tell(held, { kind: 'PollFailed', at, began: at, failure })
}

/** By its intent; null: none is out. */
export const promptIn = (state: LoginState | null): string | null =>
  state !== null && 'prompt' in state ? state.prompt.intent : null
