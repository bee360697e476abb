// The time that an account stayed signed in on a device.

import type { AccountRecord, DeviceRecord, SignInRecord } from '../db/records.ts'
import { knownDropTags } from '../resolvers/history-view.ts'
import { reasonOf } from '../resolvers/presence.ts'
import { demand } from '../resolvers/viewer.ts'
import { builder } from './builder.ts'
import { connectionType } from './connection.ts'
import { DeviceTypeEnum, DropTagEnum, PresenceReasonEnum } from './enums.ts'
import { Account, Device, Login } from './refs.ts'

const SignIn = builder.objectRef<SignInRecord>('SignIn').implement({
  description: 'The time that an account stayed signed in on a device.',
  fields: t => ({
    account: t.field({
      type: Account,
      description: 'Who was signed in. It needs the scope LOGIN_READ.',
      resolve: async ({ accountId }, _, { viewer, loaders }) => {
        demand(viewer, 'LOGIN_READ')
        return there<AccountRecord>(await loaders.account(accountId))
      },
    }),
    device: t.field({
      type: Device,
      description: 'Where. It needs the scope LOGIN_READ.',
      resolve: async ({ deviceId }, _, { viewer, loaders }) => {
        demand(viewer, 'LOGIN_READ')
        return there<DeviceRecord>(await loaders.device(deviceId))
      },
    }),
    login: t.field({
      type: Login,
      nullable: true,
      description:
        'The login that began it; null where it was found, not made. It needs the scope LOGIN_READ.',
      resolve: ({ loginId }, _, { viewer, loaders }) => {
        demand(viewer, 'LOGIN_READ')
        return loginId === null ? null : loaders.login(loginId)
      },
    }),
    from: t.expose('began', { type: 'DateTime', description: 'Since when.' }),
    to: t.expose('ended', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when, as far as could be seen; null: it is still on, as far as known.',
    }),
    endReason: t.field({
      type: PresenceReasonEnum,
      nullable: true,
      description: 'Why it ended; null: it did not, or nobody could say.',
      resolve: ({ endReason }) => reasonOf(endReason),
    }),
    dropTags: t.field({
      type: [DropTagEnum],
      description: 'What kind of drop it ended with; empty where somebody meant it.',
      resolve: ({ dropTags }) => knownDropTags(dropTags),
    }),
  }),
})

/** Rows of its own tenant point at what is there. */
const there = <Thing>(thing: Thing | null): Thing => {
  if (thing === null) throw new Error('A sign-in points at nothing')
  return thing
}

export const SignInConnection = connectionType('SignIn', SignIn, {
  one: 'sign-in',
  many: 'sign-ins',
  counted: false,
})

export const SignInWhere = builder.inputType('SignInWhere', {
  description: 'Which sign-ins: everything given must fit, a list fits with any of its values.',
  fields: t => ({
    provider: t.stringList({ description: 'Through one of these upstreams.' }),
    deviceType: t.field({
      type: [DeviceTypeEnum],
      description: 'What the device was at the sign-in: one of these.',
    }),
    firstOnDevice: t.boolean({
      description:
        'Whether no account had signed in on the device before. Where that was not kept, it fits neither.',
    }),
    dropTag: t.field({ type: [DropTagEnum], description: 'Ended with one of these kinds of drop.' }),
    endReason: t.field({
      type: [PresenceReasonEnum],
      description: 'Ended for one of these reasons; OTHER: also for one that is not known here.',
    }),
    ended: t.boolean({ description: 'Whether it has ended.' }),
    from: t.field({ type: 'DateTime', description: 'Begun then or later.' }),
    to: t.field({ type: 'DateTime', description: 'Begun before then.' }),
  }),
})
