// One messenger account, known once a login has succeeded.

import { instanceIdOf, maskPhone } from '../resolvers/account-view.ts'
import { listLogins } from '../resolvers/list-logins.ts'
import { listPresenceChangesOf } from '../resolvers/list-presence-changes.ts'
import { listSignInsOfAccount } from '../resolvers/list-sign-ins.ts'
import { listProfiles } from '../resolvers/list-versions.ts'
import { presenceOf } from '../resolvers/presence.ts'
import { may } from '../resolvers/viewer.ts'
import { AccountProfileConnection } from './account-profile.ts'
import { connectionType } from './connection.ts'
import { forwardArgs, pageArgs } from './list-args.ts'
import { LoginConnection } from './login.ts'
import { LoginWhere } from './login-where.ts'
import { Node } from './node.ts'
import { Presence } from './presence.ts'
import { PresenceChangeConnection } from './presence-change.ts'
import { Account, Device } from './refs.ts'
import { SignInConnection } from './sign-in.ts'

Account.implement({
  description:
    'One messenger account, known once a login has succeeded. Its `wcId` never changes, everything else may.',
  interfaces: [Node],
  fields: t => ({
    wcId: t.exposeString('wcId', { description: "The messenger's own id of it." }),
    instanceId: t.string({
      nullable: true,
      description:
        "The upstream's handle for everything beyond login: `wId` or `deviceId`. A `wId` changes at every sign-in. Null without the scope INSTANCE_READ.",
      resolve: (account, _, { viewer, services, loaders }) =>
        may(viewer, 'INSTANCE_READ') ? instanceIdOf(account, services, loaders) : null,
    }),
    wAccount: t.string({
      nullable: true,
      description: 'The visible number; it may change. Null: not told.',
      resolve: ({ profile }) => profile?.wAccount ?? null,
    }),
    nickName: t.string({
      nullable: true,
      description: 'What the account calls itself; null: not told.',
      resolve: ({ profile }) => profile?.nickName ?? null,
    }),
    avatarUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'Its picture, served by this gateway through a signed link that lives an hour; null: none.',
      resolve: ({ profile, tenant }, _, { services }) =>
        profile?.pictureId == null ? null : services.pictureUrl(tenant, profile.pictureId),
    }),
    country: t.string({
      nullable: true,
      description: 'Country by its profile; null: not told.',
      resolve: ({ profile }) => profile?.country ?? null,
    }),
    city: t.string({
      nullable: true,
      description: 'City by its profile; null: not told.',
      resolve: ({ profile }) => profile?.city ?? null,
    }),
    signature: t.string({
      nullable: true,
      description: 'What it says of itself; null: not told.',
      resolve: ({ profile }) => profile?.signature ?? null,
    }),
    sex: t.int({
      nullable: true,
      description: "The upstream's number: 1 male, 2 female, 0 not said. Null: not told.",
      resolve: ({ profile }) => profile?.sex ?? null,
    }),
    mobilePhone: t.string({
      nullable: true,
      description: 'Phone number, masked without the scope PERSONAL_READ; null: not told.',
      resolve: ({ profile }, _, { viewer }) =>
        profile?.mobilePhone == null || may(viewer, 'PERSONAL_READ')
          ? (profile?.mobilePhone ?? null)
          : maskPhone(profile.mobilePhone),
    }),
    profileAsOf: t.expose('profileAsOf', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the profile was learnt: at a sign-in only. Null for an account found, not signed in here.',
    }),
    erasedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its personal data was erased; null: it was not.',
      resolve: () => null,
    }),
    presence: t.field({
      type: Presence,
      description: 'Whether it is believed to be signed in.',
      resolve: (account, _, { services }) =>
        presenceOf(
          account,
          services.store.clock.now(),
          services.providers.get(account.provider)?.capabilities ?? null,
        ),
    }),
    device: t.field({
      type: Device,
      nullable: true,
      description: 'The device that it is signed in on, or was last; null: none is known.',
      resolve: (account, _, { loaders }) =>
        account.deviceId === null ? null : loaders.device(account.deviceId),
    }),
    logins: t.field({
      type: LoginConnection,
      args: { where: t.arg({ type: LoginWhere, description: 'Which of them.' }), ...pageArgs },
      description: 'The logins that signed it in, newest first.',
      resolve: (account, args, context) => listLogins(context, args, { account: account.id }),
    }),
    profileHistory: t.field({
      type: AccountProfileConnection,
      args: forwardArgs,
      description: 'Each version of its profile, newest first; a profile is learnt at sign-ins only.',
      resolve: (account, args, context) => listProfiles(context, account, args),
    }),
    presenceHistory: t.field({
      type: PresenceChangeConnection,
      args: forwardArgs,
      description: 'When it came and went, newest first.',
      resolve: (account, args, context) => listPresenceChangesOf(context, account.id, args),
    }),
    signIns: t.field({
      type: SignInConnection,
      args: forwardArgs,
      description: 'On which device it was signed in, from when to when, newest first.',
      resolve: (account, args, context) => listSignInsOfAccount(context, account.id, args),
    }),
  }),
})

export const AccountConnection = connectionType('Account', Account, {
  one: 'account',
  many: 'accounts',
  counted: true,
})
