// One upstream slot that an account signs in on.

import { deviceAdvisories, recycledAt, upstreamIdOf } from '../resolvers/device-view.ts'
import { listLogins } from '../resolvers/list-logins.ts'
import { listSignInsOnDevice } from '../resolvers/list-sign-ins.ts'
import { listDeviceVersions } from '../resolvers/list-versions.ts'
import { may } from '../resolvers/viewer.ts'
import { Advisory } from './advisory.ts'
import { connectionType } from './connection.ts'
import { DeviceOperation } from './device-operation.ts'
import { DeviceVersionConnection } from './device-version.ts'
import { DeviceTypeEnum } from './enums.ts'
import { forwardArgs, pageArgs } from './list-args.ts'
import { LoginConnection } from './login.ts'
import { LoginWhere } from './login-where.ts'
import { Node } from './node.ts'
import { ProxySummary } from './proxy-summary.ts'
import { Account, Device, Login } from './refs.ts'
import { SignInConnection } from './sign-in.ts'

Device.implement({
  description: 'One upstream slot that an account signs in on. It lives for months.',
  interfaces: [Node],
  fields: t => ({
    provider: t.exposeString('provider', { description: 'Name of the configured upstream.' }),
    deviceKey: t.exposeString('deviceKey', {
      description: "The tenant's own name for it, unique per tenant and provider.",
    }),
    upstreamId: t.string({
      nullable: true,
      description:
        'What the upstream calls it (`deviceId` on `open`); null on `ipad`, and without the scope INSTANCE_READ.',
      resolve: (device, _, { viewer, services }) =>
        may(viewer, 'INSTANCE_READ') ? upstreamIdOf(device, services) : null,
    }),
    label: t.exposeString('label', {
      nullable: true,
      description: 'A name for people; null: none was given.',
    }),
    deviceType: t.expose('deviceType', {
      type: DeviceTypeEnum,
      description: 'What accounts see it as. Once a login succeeded as MAC, later ones keep it.',
    }),
    province: t.exposeString('province', {
      nullable: true,
      description:
        'Where its accounts seem to sign in from: one of 34 names without 省 or 市. Null: not told.',
    }),
    city: t.exposeString('city', {
      nullable: true,
      description: 'City within the province; null: not told.',
    }),
    proxy: t.expose('proxy', {
      type: ProxySummary,
      nullable: true,
      description: 'Its own exit to the network; null: the upstream chooses one.',
    }),
    account: t.field({
      type: Account,
      nullable: true,
      description: 'Who is signed in on it, or was last; null: nobody yet.',
      resolve: (device, _, { loaders }) =>
        device.accountId === null ? null : loaders.account(device.accountId),
    }),
    lastLoginAt: t.expose('lastLogin', {
      type: 'DateTime',
      nullable: true,
      description: 'When a login on it was last confirmed; null: never.',
    }),
    recycledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the upstream recycles it: on `open` 20 days after it was last seen signed in. Null while it is signed in, and where nothing is recycled.',
      resolve: async (device, _, { loaders, services }) =>
        recycledAt(
          device,
          device.accountId === null ? null : await loaders.account(device.accountId),
          services.providers.get(device.provider)?.capabilities.recyclesDevices ?? false,
          services.store.clock.now(),
        ),
    }),
    resetRequired: t.exposeBoolean('resetRequired', {
      description:
        'Whether the upstream said that it must be reset before it can sign in; never by the clock alone.',
    }),
    retiredAt: t.expose('retired', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was retired; null: it is in use.',
    }),
    activeLogin: t.field({
      type: Login,
      nullable: true,
      description: 'The login that is under way on it; null: none.',
      resolve: async (device, _, { loaders }) => {
        const loginId = await loaders.activeLoginId(device.id)
        return loginId === null ? null : loaders.login(loginId)
      },
    }),
    operation: t.field({
      type: DeviceOperation,
      nullable: true,
      description: 'The operation that is under way on it, or the last; null: there was none.',
      resolve: (device, _, { loaders }) => loaders.newestOperation(device.id),
    }),
    advisories: t.field({
      type: [Advisory],
      description: "What the upstream's rules mean for it today.",
      resolve: async (device, _, { loaders, services }) =>
        deviceAdvisories(
          device,
          {
            account: device.accountId === null ? null : await loaders.account(device.accountId),
            standing: await loaders.standing(device.id),
          },
          services.providers.get(device.provider)?.capabilities.recyclesDevices ?? false,
          services.limits,
          services.store.clock.now(),
        ),
    }),
    logins: t.field({
      type: LoginConnection,
      args: { where: t.arg({ type: LoginWhere, description: 'Which of them.' }), ...pageArgs },
      description: 'The logins on it, newest first.',
      resolve: (device, args, context) => listLogins(context, args, { device: device.id }),
    }),
    history: t.field({
      type: DeviceVersionConnection,
      args: forwardArgs,
      description: 'Each version of its settings, newest first.',
      resolve: (device, args, context) => listDeviceVersions(context, device, args),
    }),
    signIns: t.field({
      type: SignInConnection,
      args: forwardArgs,
      description: 'Which account was signed in on it, from when to when, newest first.',
      resolve: (device, args, context) => listSignInsOnDevice(context, device.id, args),
    }),
  }),
})

export const DeviceConnection = connectionType('Device', Device, {
  one: 'device',
  many: 'devices',
  counted: true,
})
