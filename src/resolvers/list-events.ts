// The log of a login, a page at a time, oldest first.

import type { RecordedEvent } from '../db/records.ts'
import { RequestError } from '../errors.ts'
import type { Context } from './context.ts'
import { eventCursor, parseEventCursor } from './cursor.ts'
import type { EventView, LoginView } from './login-view.ts'
import { type Connection, connectionOf, type PageArgs, pageOf } from './page.ts'

/** Throws RequestError BAD_USER_INPUT. */
export const listEvents = async (
  { loaders }: Context,
  login: LoginView,
  args: PageArgs & { readonly afterSequence?: number | null | undefined },
): Promise<Connection<EventView>> => {
  const page = pageOf(args, (text, given) => parseEventCursor(login.record.id, text, given))
  const afterSequence = args.afterSequence ?? 0
  if (afterSequence < 0)
    throw new RequestError('BAD_USER_INPUT', '`afterSequence` is negative: events are numbered from 1.')
  // The later of the two bounds; no bound at all is null.
  const after = Math.max(page.after ?? 0, afterSequence)
  const bounded = { ...page, after: after === 0 ? null : after }
  const rows = await loaders.events(login.record.id, bounded)
  return connectionOf(bounded, rows, {
    cursor: (row: RecordedEvent) => eventCursor(login.record.id, row.sequence),
    node: event => ({ event, login }),
    count: async () => login.record.sequence,
  })
}
