// Lives of made-up logins, told to a real store. Their stories have a moment of their own; a store lives now.

import type { Observation } from '../../src/login/observation.ts'
import { observe, type tale } from '../login/lives.ts'
import { start } from '../login/states.ts'
import type { Given } from './given.ts'

export type Story = typeof tale extends { generate(...of: never[]): { value: infer Value } } ? Value : never

/** Tells all of it, or until the login has ended; gives each observation that is to be recorded next, as it is now. */
export const living = async function* (
  { store }: Given,
  loginId: string,
  story: Story,
): AsyncGenerator<Observation, undefined> {
  const began = store.clock.now()
  let now = 0
  for (const [index, { told, later, ago }] of story.entries()) {
    // Quick ones, so that it is not the clock that ends them.
    now += Math.round(later / 20)
    const turn = await store.readTurn(loginId)
    if (turn === null) return
    yield moved(observe(turn.state, told, { now, ago, index }), began - start)
  }
}

const moved = (observation: Observation, by: number): Observation => ({
  ...observation,
  at: observation.at + by,
  ...('began' in observation ? { began: observation.began + by } : {}),
})
