// A risky call in three steps that no crash can reorder: recorded, sent by its recorder in the tick that learns of it,
// answered. Whoever finds the record without an answer never sends (what must always hold, 3).

import { randomUUID } from 'node:crypto'
import type { Observation } from '../login/observation.ts'
import type { Driving } from './driving.ts'
import { failureOfIntent } from './failure.ts'
import type { Held } from './held.ts'

export interface Risky<Answer> {
  /** Milliseconds in all; cut to what the login has left, and `grace` beyond that. */
  readonly within: number
  readonly grace?: number
  readonly send: (signal: AbortSignal) => Promise<Answer>
  /** Goes on to whatever the answer still needs. */
  readonly answered: (answer: Answer, intent: string) => Promise<Observation>
  /** Hangs beside the login's turns, which go on once it was sent. */
  readonly beside?: boolean
}

/** Sends nothing where the intent was not recorded. */
export const sendOnce = async <Answer>(
  held: Held,
  driving: Driving,
  { within, grace = 0, send, answered, beside }: Risky<Answer>,
): Promise<void> => {
  const { calls, store, tell } = driving
  const intent = randomUUID()
  held.intents.add(intent)

  const call = async () => {
    let keep = false
    try {
      // Where the answer changes nothing, the intent may stay open in the state: it was answered all the same.
      keep = (await tell(held, await observe())) === 'UNCHANGED'
    } finally {
      if (!keep) held.intents.delete(intent)
    }
  }
  const observe = async (): Promise<Observation> => {
    try {
      const left = deadlineOf(held) + grace - store.clock.now()
      const answer = await calls.ask({ held, intent, within: Math.min(within, left) }, send)
      return await answered(answer, intent)
    } catch (error) {
      return failureOfIntent(error, intent, store.clock.now())
    }
  }

  let sent = false
  try {
    const told = await tell(held, { kind: 'Intended', at: store.clock.now(), intent })
    if (told !== 'RECORDED') return
    sent = true
  } finally {
    // Written or not: whoever reads it next knows that nobody here sends it.
    if (!sent) held.intents.delete(intent)
  }
  // No await between that record and the socket: the lease is looked at in the tick of the sending.
  if (beside) driving.beside(held, call)
  else await call()
}

const deadlineOf = ({ turn: { state } }: Held): number =>
  'deadline' in state ? state.deadline : Number.POSITIVE_INFINITY
