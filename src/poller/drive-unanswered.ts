// An open intent that nobody here waits for: its sender died, or lost the answer. That is told first; the machine then
// looks before it decides, and nothing is sent twice.

import { openIntent } from '../login/intent.ts'
import type { Drive } from './driving.ts'
import { unanswered } from './failure.ts'
import type { Held } from './held.ts'

export const isOrphaned = (held: Held): boolean => {
  const open = openIntent(held.turn.state)
  return open !== null && !held.intents.has(open.id)
}

export const tellUnanswered: Drive = async (held, { store, tell }) => {
  const open = openIntent(held.turn.state)
  if (open === null) return
  const told = await tell(held, unanswered(open.id, store.clock.now()))
  // The machine knows already, and owes something else first: that is not to be held up.
  if (told === 'UNCHANGED') held.intents.add(open.id)
}
