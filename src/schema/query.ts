// What can be read.

import { findAccount, findDevice, findLogin, findNode, findNodes } from '../resolvers/find.ts'
import { listAccounts } from '../resolvers/list-accounts.ts'
import { listDevices } from '../resolvers/list-devices.ts'
import { listLogins } from '../resolvers/list-logins.ts'
import { listPresenceChanges } from '../resolvers/list-presence-changes.ts'
import { listProviders } from '../resolvers/list-providers.ts'
import { listSignIns } from '../resolvers/list-sign-ins.ts'
import { loginPlan } from '../resolvers/login-plan.ts'
import { AccountConnection } from './account.ts'
import { builder } from './builder.ts'
import { DeviceConnection } from './device.ts'
import { LoginOrderEnum, LoginStrategyEnum } from './enums.ts'
import { forwardArgs, pageArgs } from './list-args.ts'
import { LoginConnection } from './login.ts'
import { LoginPlan } from './login-plan.ts'
import { AccountWhere, DeviceWhere, LoginWhere } from './login-where.ts'
import { Node } from './node.ts'
import { PresenceChangeConnection, PresenceChangeWhere } from './presence-change.ts'
import { Provider } from './provider.ts'
import { Account, Device, Login } from './refs.ts'
import { SignInConnection, SignInWhere } from './sign-in.ts'
import { Viewer } from './viewer.ts'

builder.queryType({
  description: 'What can be read.',
  fields: t => ({
    node: t.field({
      type: Node,
      nullable: true,
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      description: 'The thing with this id; null: there is none, or it is somebody else’s.',
      resolve: (_, { id }, context) => findNode(context, id),
    }),
    nodes: t.field({
      type: [Node],
      nullable: { list: false, items: true },
      args: { ids: t.arg.idList({ required: true, description: 'Their ids, 100 at most.' }) },
      description: 'The things with these ids, in their order; null where there is none.',
      resolve: (_, { ids }, context) => findNodes(context, ids),
    }),
    viewer: t.field({
      type: Viewer,
      description: 'Who is asking.',
      resolve: (_parent, _args, { viewer }) => viewer,
    }),
    providers: t.field({
      type: [Provider],
      description: 'The upstreams that the caller may use.',
      resolve: (_parent, _args, context) => listProviders(context),
    }),
    login: t.field({
      type: Login,
      nullable: true,
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      description: 'One login; null: there is none with this id.',
      resolve: (_, { id }, context) => findLogin(context, id),
    }),
    device: t.field({
      type: Device,
      nullable: true,
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      description: 'One device; null: there is none with this id.',
      resolve: (_, { id }, context) => findDevice(context, id),
    }),
    account: t.field({
      type: Account,
      nullable: true,
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      description: 'One account; null: there is none with this id.',
      resolve: (_, { id }, context) => findAccount(context, id),
    }),
    logins: t.field({
      type: LoginConnection,
      args: {
        where: t.arg({ type: LoginWhere, description: 'Which of them.' }),
        orderBy: t.arg({
          type: LoginOrderEnum,
          defaultValue: 'STARTED_AT_DESC',
          description: 'In which order.',
        }),
        ...pageArgs,
      },
      description: 'Logins, live ones and ended ones.',
      resolve: (_, args, context) => listLogins(context, args),
    }),
    devices: t.field({
      type: DeviceConnection,
      args: { where: t.arg({ type: DeviceWhere, description: 'Which of them.' }), ...pageArgs },
      description: 'Devices, newest first.',
      resolve: (_, args, context) => listDevices(context, args),
    }),
    accounts: t.field({
      type: AccountConnection,
      args: { where: t.arg({ type: AccountWhere, description: 'Which of them.' }), ...pageArgs },
      description: 'Accounts, newest first.',
      resolve: (_, args, context) => listAccounts(context, args),
    }),
    signIns: t.field({
      type: SignInConnection,
      args: { where: t.arg({ type: SignInWhere, description: 'Which of them.' }), ...forwardArgs },
      description: 'Who was signed in where, from when to when, newest first.',
      resolve: (_, args, context) => listSignIns(context, args),
    }),
    presenceChanges: t.field({
      type: PresenceChangeConnection,
      args: { where: t.arg({ type: PresenceChangeWhere, description: 'Which of them.' }), ...forwardArgs },
      description: 'Who came and went, newest first.',
      resolve: (_, args, context) => listPresenceChanges(context, args),
    }),
    loginPlan: t.field({
      type: LoginPlan,
      nullable: true,
      args: {
        deviceId: t.arg.id({ required: true, description: 'On which device.' }),
        strategy: t.arg({
          type: LoginStrategyEnum,
          defaultValue: 'AUTO',
          description: 'With which strategy.',
        }),
      },
      description: 'What `startLogin` would do now, and why. It changes nothing. Null: no such device.',
      resolve: (_, { deviceId, strategy }, context) => loginPlan(context, deviceId, strategy ?? 'AUTO'),
    }),
  }),
})
