// A change of what is believed of a signed-in account.

import type { AccountRecord, PresenceChangeRecord } from '../db/records.ts'
import { knownDropTags } from '../resolvers/history-view.ts'
import { reasonOf } from '../resolvers/presence.ts'
import { demand } from '../resolvers/viewer.ts'
import { builder } from './builder.ts'
import { connectionType } from './connection.ts'
import { DropTagEnum, PresenceReasonEnum, PresenceStateEnum } from './enums.ts'
import { Account } from './refs.ts'

export const PresenceChange = builder.objectRef<PresenceChangeRecord>('PresenceChange').implement({
  description: 'That an account was found signed in, or gone.',
  fields: t => ({
    account: t.field({
      type: Account,
      description: 'Whose. It needs the scope LOGIN_READ.',
      resolve: async ({ accountId }, _, { viewer, loaders }): Promise<AccountRecord> => {
        demand(viewer, 'LOGIN_READ')
        const account = await loaders.account(accountId)
        if (account === null) throw new Error('A change of presence points at nobody')
        return account
      },
    }),
    from: t.expose('before', { type: PresenceStateEnum, description: 'What was believed before.' }),
    to: t.expose('after', { type: PresenceStateEnum, description: 'What is believed since.' }),
    reason: t.field({
      type: PresenceReasonEnum,
      nullable: true,
      description: 'Why; null: nobody could say.',
      resolve: ({ reason }) => reasonOf(reason),
    }),
    upstreamReason: t.exposeString('upstreamReason', {
      nullable: true,
      description: 'The popup on the phone, word for word; null: none was told.',
    }),
    dropTags: t.field({
      type: [DropTagEnum],
      description: 'What kind of drop it was; empty where it was none, or somebody meant it.',
      resolve: ({ dropTags }) => knownDropTags(dropTags),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was first seen so.' }),
  }),
})

export const PresenceChangeConnection = connectionType('PresenceChange', PresenceChange, {
  one: 'change',
  many: 'changes',
  counted: false,
})

export const PresenceChangeWhere = builder.inputType('PresenceChangeWhere', {
  description: 'Which changes of presence: everything given must fit, a list fits with any of its values.',
  fields: t => ({
    provider: t.stringList({ description: 'Of accounts of one of these upstreams.' }),
    to: t.field({ type: [PresenceStateEnum], description: 'To one of these states.' }),
    reason: t.field({ type: [PresenceReasonEnum], description: 'For one of these reasons.' }),
    dropTag: t.field({ type: [DropTagEnum], description: 'Of one of these kinds of drop.' }),
    from: t.field({ type: 'DateTime', description: 'Then or later.' }),
    until: t.field({ type: 'DateTime', description: 'Before then.' }),
  }),
})
