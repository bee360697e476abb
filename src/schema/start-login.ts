// Starting a login.

import { type StartLoginPayload as Started, startLogin } from '../resolvers/start-login.ts'
import { builder } from './builder.ts'
import { DeviceTypeEnum, LoginConflictEnum, LoginStrategyEnum } from './enums.ts'
import { Login } from './refs.ts'
import {
  DeviceBusyError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
  RefusedByRuleError,
} from './refusals.ts'

const StartLoginInput = builder.inputType('StartLoginInput', {
  description: 'How to sign an account in.',
  fields: t => ({
    deviceId: t.id({ required: true, description: 'On which device.' }),
    strategy: t.field({ type: LoginStrategyEnum, defaultValue: 'AUTO', description: 'How to go about it.' }),
    deviceType: t.field({
      type: DeviceTypeEnum,
      description: 'What to sign in as, only where it should change.',
    }),
    expectedWcId: t.string({
      description:
        'The account that it must end with. Absent: the account of the last confirmed login on the device. Null: anybody, only on a device without an account.',
    }),
    continues: t.id({ description: 'The ended login of the same device that this one carries on from.' }),
    reference: t.string({ description: 'Your own mark, 200 characters at most.' }),
    idempotencyKey: t.string({
      description:
        'The same key within 24 hours answers with the same login; with another input it is an InvalidInputError.',
    }),
    onConflict: t.field({
      type: LoginConflictEnum,
      defaultValue: 'RETURN_ACTIVE',
      description: 'What to answer while the device has a login under way.',
    }),
  }),
})

const StartLoginPayload = builder.objectRef<Started>('StartLoginPayload').implement({
  description: 'A login that is under way.',
  fields: t => ({
    login: t.expose('login', { type: Login, description: 'The login.' }),
    created: t.exposeBoolean('created', { description: 'False: it had been started before.' }),
  }),
})

const StartLoginResult = builder.errorUnion('StartLoginResult', {
  description: 'The login, or why none was started.',
  types: [
    StartLoginPayload,
    InvalidInputError,
    NotFoundError,
    DeviceBusyError,
    RefusedByRuleError,
    RateLimitedError,
  ],
  resolveType: () => 'StartLoginPayload',
})

builder.mutationField('startLogin', t =>
  t.field({
    type: StartLoginResult,
    args: { input: t.arg({ type: StartLoginInput, required: true, description: 'How.' }) },
    description: 'Starts to sign an account in on a device. Watch it with the subscription `loginProgress`.',
    resolve: (_, { input }, context) =>
      startLogin(context, {
        ...input,
        strategy: input.strategy ?? 'AUTO',
        onConflict: input.onConflict ?? 'RETURN_ACTIVE',
      }),
  }),
)
