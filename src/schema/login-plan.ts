// What `startLogin` would do now.

import type { Plan } from '../login/plan.ts'
import { Advisory } from './advisory.ts'
import { builder } from './builder.ts'
import { DeviceTypeEnum, LoginMethodEnum } from './enums.ts'

export const LoginPlan = builder.objectRef<Plan>('LoginPlan').implement({
  description: 'What `startLogin` would do now, and why.',
  fields: t => ({
    method: t.expose('method', {
      type: LoginMethodEnum,
      nullable: true,
      description: 'What it would begin with; null: nothing would begin.',
    }),
    deviceType: t.expose('deviceType', { type: DeviceTypeEnum, description: 'What it would sign in as.' }),
    expectedWcId: t.exposeString('expectedWcId', {
      nullable: true,
      description: 'The account that it would have to end with; null: anybody.',
    }),
    possible: t.exposeBoolean('possible', { description: 'Whether it would start.' }),
    reasons: t.field({
      type: [Advisory],
      description: 'The rules that decided it, and those worth knowing.',
      resolve: plan => plan.reasons,
    }),
    blockedUntil: t.expose('blockedUntil', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the rule that forbids it stops to hold; null: nothing forbids it, or not by the clock.',
    }),
  }),
})
