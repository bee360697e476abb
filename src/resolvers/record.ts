// Tells a login what a caller says, and rings whoever drives and watches it.

import type { Recorded } from '../db/store.ts'
import type { CallerObservation } from '../login/observation.ts'
import type { Services } from './services.ts'

/** Any instance may record what a caller says: no epoch is asked for. */
export const recordCaller = async (
  { store, bus }: Services,
  loginId: string,
  observation: CallerObservation,
): Promise<Recorded> => {
  const recorded = await store.record(loginId, observation)
  if (recorded.kind === 'RECORDED')
    bus.ring({ id: loginId, sequence: recorded.turn.state.sequence, carried: recorded })
  return recorded
}
