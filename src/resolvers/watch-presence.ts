// Watches the presence of one account, or of everybody.

import { RequestError } from '../errors.ts'
import type { Context } from './context.ts'
import { idOf } from './global-id.ts'
import { demand } from './viewer.ts'
import type { PresenceUpdate } from './watch-presence-accounts.ts'

/** Null: every account of the tenant. Throws RequestError: NOT_FOUND, FORBIDDEN, TOO_MANY_SUBSCRIPTIONS, UNAVAILABLE. */
export const watchPresence = async (
  { viewer, services }: Context,
  id: string | null,
): Promise<AsyncIterable<PresenceUpdate>> => {
  demand(viewer, 'LOGIN_READ')
  const accountId = id === null ? null : idOf('Account', id)
  if (id !== null && accountId === null) throw new RequestError('NOT_FOUND', 'There is no such account.')
  return services.feeds.watchPresence(viewer, accountId)
}
