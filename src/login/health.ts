// How well the upstream can be asked, as far as a login's watchers care: failures in a row, counted up to the event
// that says so and no further, so that an outage of an hour writes three times.

import type { LoginEvent } from './event.ts'
import type { Failure, Observation } from './observation.ts'
import type { Health, LiveState } from './state.ts'

const failuresUntilDegraded = 3
/** A time-out is ten seconds of silence already. */
const timeoutsUntilDegraded = 2

export const healthy: Health = { failures: 0, degraded: false, cause: null, asOf: null }

type Heard = Extract<Observation, { kind: 'Polled' }>

export interface Checked {
  readonly state: LiveState
  readonly events: readonly LoginEvent[]
}

/** An answer that could be read: the same state object where nothing had failed. */
export const heard = (state: LiveState, { at, answer }: Heard): Checked => {
  const unclear = answer.kind === 'UNCLEAR' ? state.unclear : null
  if (state.health.failures === 0 && unclear === state.unclear) return { state, events: [] }
  return {
    state: { ...state, unclear, health: { ...healthy, asOf: at } },
    events: state.health.degraded ? [{ kind: 'PollingRecovered', state: state.kind }] : [],
  }
}

export const failed = (state: LiveState, failure: Failure): Checked => {
  const { health, lastLook } = state
  // A long poll that was given its last seconds was cut by us.
  if (lastLook !== null && failure.kind === 'TIMEOUT' && state.terms.capabilities.poll === 'HANGS')
    return { state, events: [] }
  if (health.degraded) {
    // A token that died decides how the login ends, so it is worth a write.
    if (failure.kind !== 'UNAUTHORIZED' || health.cause === 'UNAUTHORIZED') return { state, events: [] }
    return { state: { ...state, health: { ...health, cause: failure.kind } }, events: [] }
  }
  const failures = health.failures + 1
  const limit = failure.kind === 'TIMEOUT' ? timeoutsUntilDegraded : failuresUntilDegraded
  const degraded = failure.kind === 'UNAUTHORIZED' || failures >= limit
  return {
    state: { ...state, health: { ...health, failures, degraded, cause: failure.kind } },
    events: degraded ? [{ kind: 'PollingDegraded', state: state.kind, cause: failure.kind }] : [],
  }
}
