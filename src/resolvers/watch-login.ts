// Watches one login from where the caller stands.

import { RequestError } from '../errors.ts'
import type { Context } from './context.ts'
import { idOf } from './global-id.ts'
import { demand } from './viewer.ts'
import type { Watch } from './watch.ts'

/** Throws RequestError before the first item: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, TOO_MANY_SUBSCRIPTIONS. */
export const watchLogin = async (
  { viewer, services }: Context,
  id: string,
  after: number | null,
): Promise<Watch> => {
  demand(viewer, 'LOGIN_READ')
  if (after !== null && after < 0) throw new RequestError('BAD_USER_INPUT', 'Events are numbered from 1.')
  const loginId = idOf('Login', id)
  if (loginId === null) throw new RequestError('NOT_FOUND', 'There is no such login.')
  return services.feeds.watch(viewer, loginId, after)
}
