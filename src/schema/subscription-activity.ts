// Watching every login at once, for a wall.

import { watchActivity } from '../resolvers/watch-activity.ts'
import { builder } from './builder.ts'
import { LoginWhere } from './login-where.ts'
import { LoginUpdate } from './subscription.ts'

builder.subscriptionField('loginActivity', t =>
  t.field({
    type: LoginUpdate,
    args: {
      where: t.arg({ type: LoginWhere, description: 'Which logins the wall shows.' }),
      after: t.arg.string({ description: 'Cursor of the last update that you have; null: a new wall.' }),
    },
    description: [
      'Every login of the tenant, for a wall: first a snapshot of each live one that fits `where` and, with `after`, of those',
      'that ended since, then each change. At least once, keyed by the id of the login and `sequence`; of two with one number the',
      'later `serverTime` is right. Steps between may be left out, since `login` is whole. One more update comes when a login no',
      'longer fits `where`; ask `where` of what comes, and let go what does not fit. A cursor older than a day begins anew, with',
      '`resync: true` on the first update: let go everything that you have. A wall that leaves too much unread ends with SLOW_CONSUMER.',
    ].join('\n'),
    subscribe: (_, { where, after }, context) => watchActivity(context, where ?? null, after ?? null),
    resolve: update => update,
  }),
)
