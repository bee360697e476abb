// Takes the code that the phone showed. What is kept of it to know it again is a keyed mark; the code itself is sent
// once by whoever drives the login, and erased.

import { InvalidInputError } from '../errors.ts'
import { act, type LoginPayload } from './act.ts'
import type { Context } from './context.ts'
import { idOf } from './global-id.ts'

const fourToEightDigits = /^\d{4,8}$/

/** Throws InvalidInputError besides what `act` throws. */
export const submitVerifyCode = async (context: Context, id: string, code: string): Promise<LoginPayload> => {
  if (!fourToEightDigits.test(code))
    throw new InvalidInputError([{ path: ['code'], message: 'A verify code has 4 to 8 digits.' }])
  const loginId = idOf('Login', id)
  const mark = loginId === null ? '' : context.services.markOf(loginId, code)
  return act(context, id, {
    action: 'SUBMIT_CODE',
    observe: (_, at) => ({ kind: 'CodeSubmitted', at, mark, code }),
    stands: (_, live) => live?.kind === 'VERIFYING_CODE' && live.mark === mark,
  })
}
