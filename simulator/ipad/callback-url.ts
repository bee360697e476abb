/**
 * Whom this dialect calls back, in the raw form or in the optimised one, which begins with a test (P 2.1, P 2.6).
 */
import { envelope } from '../envelope.ts'
import { GUESSED, SAID } from '../words.ts'
import { failed, nothing } from './answers.ts'
import type { Handler } from './call.ts'

export const setHttpCallbackUrl: Handler = ({ world, params }) => {
  const { httpUrl = '', type = '1' } = params
  if (type !== '1' && type !== '2') return failed(world.switches, GUESSED.badParameters)
  try {
    world.callbacks.register('ipad', { url: httpUrl, form: type === '2' ? 2 : 1 })
    return envelope(world.switches, '1000', SAID.success, nothing(world.switches))
  } catch {
    return failed(world.switches, GUESSED.badParameters)
  }
}

export const cancelHttpCallbackUrl: Handler = ({ world }) => {
  world.callbacks.set('ipad', null)
  return envelope(world.switches, '1000', SAID.success, nothing(world.switches))
}

export const getHttpCallbackUrl: Handler = ({ world }) =>
  envelope(world.switches, '1000', SAID.success, { url: world.callbacks.address('ipad')?.url ?? null })
