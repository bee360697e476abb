// Watches every login of the tenant that fits, from where the wall stands.

import type { Context } from './context.ts'
import { parseActivityCursor } from './cursor.ts'
import { filterOf, type LoginWhere } from './login-filter.ts'
import type { LoginUpdate } from './update.ts'
import { demand } from './viewer.ts'

/** A wall that was away for longer begins anew: what ended meanwhile is a list, not news. */
const keptFor = 86_400_000
/** Clocks of two instances differ, by less. */
const ahead = 60_000

/** Throws RequestError before the first item: FORBIDDEN, BAD_USER_INPUT, TOO_MANY_SUBSCRIPTIONS, UNAVAILABLE. */
export const watchActivity = async (
  { viewer, services }: Context,
  where: LoginWhere | null,
  after: string | null,
): Promise<AsyncIterable<LoginUpdate>> => {
  demand(viewer, 'LOGIN_READ')
  const place = after === null ? null : parseActivityCursor(after)
  const now = services.store.clock.now()
  const resync = place !== null && (place.at < now - keptFor || place.at > now + ahead)
  const asked = { where: filterOf(where ?? {}), after: resync ? null : place, resync }
  return services.feeds.watchActivity(viewer, asked)
}
