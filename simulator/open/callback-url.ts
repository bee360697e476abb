/**
 * Whom this dialect calls back: one address per developer, not per device (P 3.2).
 */
import { envelope, failure } from '../envelope.ts'
import { GUESSED, SAID } from '../words.ts'
import type { Handler } from './call.ts'

export const setHttpCallbackUrl: Handler = ({ world, params }) => {
  try {
    world.callbacks.register('open', { url: params.callbackUrl ?? '', form: 1 })
    return envelope(world.switches, '1000', SAID.handled, ' ')
  } catch {
    return failure(world.switches, GUESSED.badParameters)
  }
}

export const cancelHttpCallbackUrl: Handler = ({ world }) => {
  world.callbacks.set('open', null)
  return envelope(world.switches, '1000', SAID.handled, ' ')
}
