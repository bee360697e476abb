// What can be watched.

import { eventCursor } from '../resolvers/cursor.ts'
import type { LoginUpdate as Update } from '../resolvers/update.ts'
import { watchLogin } from '../resolvers/watch-login.ts'
import { builder } from './builder.ts'
import { live } from './live.ts'
import { LoginEvent } from './login-event.ts'
import { Login } from './refs.ts'

export const LoginUpdate = builder.objectRef<Update>('LoginUpdate').implement({
  description: 'A change of a login, or the login as it is.',
  fields: t => ({
    sequence: t.exposeInt('sequence', {
      description: 'Number of the event, or of the newest one on a snapshot.',
    }),
    event: t.expose('event', {
      type: LoginEvent,
      nullable: true,
      description: 'What happened; null on a snapshot.',
    }),
    login: t.expose('login', {
      type: Login,
      description: 'Whole and as it is now, so that a client can skip or lose an update and still be right.',
    }),
    resync: t.exposeBoolean('resync', {
      description: 'True where `after` was unknown or no longer kept: take `login` as the new start.',
    }),
    cursor: t.string({
      description: 'The place of this update, opaque.',
      resolve: ({ login, sequence, cursor }) => cursor ?? eventCursor(login.record.id, sequence),
    }),
    serverTime: t.expose('serverTime', {
      type: 'DateTime',
      description: "When it was made: count down from this, not from the phone's clock.",
    }),
  }),
})

builder.subscriptionType({
  description: 'What can be watched, over WebSocket and SSE alike.',
  fields: t => ({
    loginProgress: t.field({
      type: LoginUpdate,
      extensions: live,
      args: {
        loginId: t.arg.id({ required: true, description: 'Which login.' }),
        after: t.arg.int({ description: 'Number of the last event that you have; 0: from the first.' }),
      },
      description: [
        'One login as it goes. Without `after`: first the login as it is now (`event: null`), then each event as it happens.',
        'With `after: n`: every event numbered above n, in order, none twice, none missing, then the live ones. With the newest',
        'number nothing comes until the next event, or it completes at once where the login has ended; above the newest: one',
        'snapshot with `resync: true`. What changes without an event comes as a snapshot with the newest number, once a second',
        'at most. Completes after the final event.',
      ].join('\n'),
      subscribe: (_, { loginId, after }, context) => watchLogin(context, loginId, after ?? null),
      resolve: update => update,
    }),
  }),
})
