// Duty LAPSE: a deadline has passed. What follows is for the machine to say.

import type { Drive } from './driving.ts'

export const lapse: Drive = async (held, { store, tell }) => {
  await tell(held, { kind: 'DeadlinePassed', at: store.clock.now() })
}
