// What can be done with accounts.

import { checkPresence } from '../resolvers/check-presence.ts'
import { type AccountPayload as Done, logoutAccount } from '../resolvers/logout-account.ts'
import { builder } from './builder.ts'
import { DeviceOperation } from './device-operation.ts'
import { Account } from './refs.ts'
import {
  DeviceBusyError,
  NotFoundError,
  RateLimitedError,
  RefusedByRuleError,
  UpstreamError,
} from './refusals.ts'

const AccountPayload = builder.objectRef<Done>('AccountPayload').implement({
  description: 'An account as it is now.',
  fields: t => ({
    account: t.expose('account', { type: Account, description: 'The account.' }),
    operation: t.expose('operation', {
      type: DeviceOperation,
      nullable: true,
      description:
        'What was asked of the upstream: PENDING after ten seconds without an answer. Null: nothing but a question.',
    }),
  }),
})

const CheckPresenceResult = builder.errorUnion('CheckPresenceResult', {
  description: 'The account with what was just learnt, or why nobody could be asked.',
  types: [AccountPayload, NotFoundError, UpstreamError, RateLimitedError],
  resolveType: () => 'AccountPayload',
})

const LogoutAccountResult = builder.errorUnion('LogoutAccountResult', {
  description: 'The account, or why it was not signed out.',
  types: [
    AccountPayload,
    NotFoundError,
    DeviceBusyError,
    RefusedByRuleError,
    UpstreamError,
    RateLimitedError,
  ],
  resolveType: () => 'AccountPayload',
})

builder.mutationFields(t => ({
  checkPresence: t.field({
    type: CheckPresenceResult,
    args: { accountId: t.arg.id({ required: true, description: 'Which account.' }) },
    description:
      'Asks the upstream now whether an account is signed in. Two agreeing answers make it OFFLINE; not being able to ask changes nothing.',
    resolve: (_, { accountId }, context) => checkPresence(context, accountId),
  }),
  logoutAccount: t.field({
    type: LogoutAccountResult,
    args: { accountId: t.arg.id({ required: true, description: 'Which account.' }) },
    description:
      'Signs an account out of its device. The upstream takes a minute or two to show it; the device does nothing else meanwhile. One that is signed out already answers as it is.',
    resolve: (_, { accountId }, context) => logoutAccount(context, accountId),
  }),
}))
