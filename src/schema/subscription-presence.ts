// Watching whether accounts are signed in.

import { watchPresence } from '../resolvers/watch-presence.ts'
import type { PresenceUpdate as Update } from '../resolvers/watch-presence-accounts.ts'
import { builder } from './builder.ts'
import { PresenceChange } from './presence-change.ts'
import { Account } from './refs.ts'

const PresenceUpdate = builder.objectRef<Update>('PresenceUpdate').implement({
  description: 'A change of the presence of an account, or how it stands.',
  fields: t => ({
    account: t.expose('account', { type: Account, description: 'Whole and as it is now.' }),
    change: t.expose('change', {
      type: PresenceChange,
      nullable: true,
      description: 'What changed between ONLINE and OFFLINE; null on a snapshot.',
    }),
  }),
})

builder.subscriptionField('accountPresence', t =>
  t.field({
    type: PresenceUpdate,
    args: { accountId: t.arg.id({ description: 'Which account; null: every one of the tenant.' }) },
    description: [
      'Whether accounts are signed in: first each as it stands, then each change as it happens, none missing. What else moves',
      'comes as a snapshot (`change: null`), as does a state that has become UNKNOWN since nobody could be asked for five minutes.',
      'That the upstream was merely asked again is told only to who watches that one account.',
    ].join('\n'),
    subscribe: (_, { accountId }, context) => watchPresence(context, accountId ?? null),
    resolve: update => update,
  }),
)
