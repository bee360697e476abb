// What is believed of a signed-in account.

import type { PresenceView } from '../resolvers/presence.ts'
import { builder } from './builder.ts'
import { NextStepEnum, PresenceReasonEnum, PresenceStateEnum } from './enums.ts'

export const Presence = builder.objectRef<PresenceView>('Presence').implement({
  description: 'What is believed of a signed-in account. Not being able to ask is not being offline.',
  fields: t => ({
    state: t.expose('state', { type: PresenceStateEnum, description: 'What is believed now.' }),
    since: t.field({
      type: 'DateTime',
      description: 'Since when it was ONLINE or OFFLINE.',
      resolve: ({ told }) => told.since,
    }),
    asOf: t.field({
      type: 'DateTime',
      description: 'When the upstream last told; older than five minutes reads UNKNOWN.',
      resolve: ({ told }) => told.asOf,
    }),
    reason: t.field({
      type: PresenceReasonEnum,
      nullable: true,
      description: 'Why it is so; null: not known.',
      resolve: ({ reason }) => reason,
    }),
    upstreamReason: t.string({
      nullable: true,
      description: 'The popup on the phone, word for word; null: none was told.',
      resolve: ({ told }) => told.upstreamReason,
    }),
    probationUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The first 24 hours of an account on a new device, in which one drop is to be expected; else null.',
      resolve: ({ told }) => told.probationUntil,
    }),
    nextStep: t.expose('nextStep', { type: NextStepEnum, description: 'What somebody should do about it.' }),
  }),
})
