// What a wish to sign in must look like, whatever the moment.

import { Problems } from './check-input.ts'
import type { StartLoginInput } from './start-login.ts'

/** Throws InvalidInputError. */
export const checkStartInput = (input: StartLoginInput): void => {
  const problems = new Problems()
  problems.text(['input', 'reference'], input.reference, 200)
  problems.text(['input', 'idempotencyKey'], input.idempotencyKey, 200)
  problems.text(['input', 'expectedWcId'], input.expectedWcId, 200)
  problems.raise()
}
