// What of an end outlives it: the prompt that may still be before the person.

import { expect, it } from 'vitest'
import { promptUntil } from '../../src/db/milestone.ts'
import { transition } from '../../src/login/transition.ts'
import { awaitingScan, cancelled, reach, said, scanned, second, submitted } from '../login/states.ts'

const heldAfterCancel = (state: ReturnType<typeof scanned>) =>
  promptUntil(state, transition(state, cancelled(50 * second)).state) !== null

it('holds a code page before the person, also where no poll had told of the scan (S2:1)', () => {
  const asked = reach(awaitingScan(), said('CodePromptReported', 20 * second))
  expect(heldAfterCancel(asked)).toBe(true)
  expect(heldAfterCancel(reach(asked, submitted(30 * second)))).toBe(true)
  expect(heldAfterCancel(scanned())).toBe(true)
  expect(heldAfterCancel(awaitingScan())).toBe(false)
})
