// How far logins got, and why the others ended.

import type { LoginFunnelView } from '../resolvers/login-funnel.ts'
import { loginFunnel } from '../resolvers/login-funnel.ts'
import { builder } from './builder.ts'
import { OutcomeReasonEnum } from './enums.ts'
import { LoginWhere } from './login-where.ts'

const ReasonCount = builder.objectRef<LoginFunnelView['reasons'][number]>('ReasonCount').implement({
  description: 'How many logins ended for one reason.',
  fields: t => ({
    reason: t.expose('reason', { type: OutcomeReasonEnum, description: 'Why they ended.' }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})

const LoginFunnel = builder.objectRef<LoginFunnelView>('LoginFunnel').implement({
  description:
    'How far logins got: `started` holds `prompted` holds `scanned` holds `confirmed`. `challenged` is a count aside. ' +
    'A login that found the account signed in already was started and never prompted: it stands in `reasons`.',
  fields: t => ({
    started: t.exposeInt('started', { description: 'All of them.' }),
    prompted: t.exposeInt('prompted', { description: 'A QR code or a push prompt was out.' }),
    scanned: t.exposeInt('scanned', {
      description:
        'The QR code was scanned: seen, or implied by what came later, since not every upstream tells of it. For a push: it was answered.',
    }),
    challenged: t.exposeInt('challenged', { description: 'Asked for a verify code or a slider.' }),
    confirmed: t.exposeInt('confirmed', { description: "Signed in by a person's act." }),
    live: t.exposeInt('live', {
      description: 'Under way: with `confirmed` and the counts in `reasons` they add up to `started`.',
    }),
    reasons: t.field({
      type: [ReasonCount],
      description: 'Why the others ended, the most frequent first.',
      resolve: ({ reasons }) => reasons,
    }),
  }),
})

builder.queryField('loginFunnel', t =>
  t.field({
    type: LoginFunnel,
    args: { where: t.arg({ type: LoginWhere, description: 'Which logins.' }) },
    description: 'How far logins got, and why they ended. Scope HISTORY_READ.',
    resolve: (_, { where }, context) => loginFunnel(context, where),
  }),
)
