// What a wish to sign in must look like, whatever the moment.

import type { DeviceType, LoginStrategy } from '../login/vocabulary.ts'
import { Problems } from './check-input.ts'

export interface StartLoginInput {
  readonly deviceId: string
  readonly strategy: LoginStrategy
  readonly deviceType?: DeviceType | null | undefined
  readonly expectedWcId?: string | null | undefined
  readonly continues?: string | null | undefined
  readonly reference?: string | null | undefined
  readonly idempotencyKey?: string | null | undefined
  readonly onConflict: 'RETURN_ACTIVE' | 'FAIL' | 'REPLACE'
}

/** Throws InvalidInputError. */
export const checkStartInput = (input: StartLoginInput): void => {
  const problems = new Problems()
  problems.text(['input', 'reference'], input.reference, 200)
  problems.text(['input', 'idempotencyKey'], input.idempotencyKey, 200)
  problems.text(['input', 'expectedWcId'], input.expectedWcId, 200)
  problems.raise()
}
