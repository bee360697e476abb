// Lives of made-up logins, told to a real store. Their stories have a moment of their own; a store lives now.

import fc from 'fast-check'
import type { Observation } from '../../src/login/observation.ts'
import type { Terms } from '../../src/login/terms.ts'
import { anyTerms, observe, tale } from '../login/lives.ts'
import * as at from '../login/states.ts'
import type { Given } from './given.ts'

export type Story = typeof tale extends fc.Arbitrary<infer Value> ? Value : never

/** Quick ones, so that it is not the clock that ends them. */
const quick = tale.map(steps => steps.map(step => ({ ...step, later: Math.round(step.later / 20) })))

const duty = { what: 'duty' } as const
const shown = [duty, duty, duty]
const scan = { what: 'poll', answer: at.scan, afterGap: false } as const
const scanned = [...shown, scan]
const codeAsked = [...scanned, { what: 'said', kind: 'CodePromptReported' } as const]
const rescanned = [
  ...scanned,
  { what: 'said', kind: 'NewDevicePromptReported' } as const,
  ...[duty, duty, duty, scan],
]
const codeSent = [...codeAsked, { what: 'code' } as const, duty]
const sliding = [...shown, { what: 'poll', answer: at.slider, afterGap: false } as const]

/** Chance alone seldom gets far: each of these begins as a faithful poller and a patient person would have it. */
const beginnings: readonly (readonly Story[number]['told'][])[] = [
  [],
  shown,
  scanned,
  codeAsked,
  codeSent,
  rescanned,
  sliding,
]

/** The same ones each time, `count` of each beginning. */
export const madeUpLives = (count: number): readonly (readonly [Terms, Story])[] =>
  beginnings.flatMap((beginning, index) =>
    fc
      .sample(fc.tuple(anyTerms, quick), { numRuns: count, seed: 7 + index })
      .map(
        ([terms, story]) =>
          [terms, [...beginning.map(told => ({ told, later: 1_000, ago: 500 })), ...story]] as const,
      ),
  )

/** Tells all of it, or until the login has ended; gives each observation that is to be recorded next, as it is now. */
export const living = async function* (
  { store }: Given,
  loginId: string,
  story: Story,
): AsyncGenerator<Observation, undefined> {
  const began = store.clock.now()
  let now = 0
  for (const [index, { told, later, ago }] of story.entries()) {
    now += later
    const turn = await store.readTurn(loginId)
    if (turn === null) return
    yield moved(observe(turn.state, told, { now, ago, index }), began - at.start)
  }
}

const moved = (observation: Observation, by: number): Observation => ({
  ...observation,
  at: observation.at + by,
  ...('began' in observation ? { began: observation.began + by } : {}),
})
