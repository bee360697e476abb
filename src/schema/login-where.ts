// Which logins, devices and accounts a list holds. Everything given must fit; a list of values fits with any of them.

import { builder } from './builder.ts'
import {
  DeviceTypeEnum,
  LoginMethodEnum,
  LoginStateEnum,
  LoginStrategyEnum,
  OutcomeReasonEnum,
  PresenceStateEnum,
} from './enums.ts'

export const LoginWhere = builder.inputType('LoginWhere', {
  description: 'Which logins: everything given must fit, a list fits with any of its values.',
  fields: t => ({
    state: t.field({ type: [LoginStateEnum], description: 'In one of these states.' }),
    live: t.boolean({ description: 'Not ended (true), or ended (false).' }),
    reason: t.field({ type: [OutcomeReasonEnum], description: 'Ended for one of these reasons.' }),
    upstreamCode: t.stringList({ description: 'Ended with one of these codes of the upstream.' }),
    method: t.field({
      type: [LoginMethodEnum],
      description: 'With one of these methods in use, or in use last.',
    }),
    firstMethod: t.field({ type: [LoginMethodEnum], description: 'With one of these methods tried first.' }),
    strategy: t.field({ type: [LoginStrategyEnum], description: 'Started with one of these strategies.' }),
    provider: t.stringList({ description: 'Through one of these upstreams.' }),
    deviceType: t.field({ type: [DeviceTypeEnum], description: 'As one of these device types.' }),
    province: t.stringList({
      description: 'From one of these provinces, as their device had it: 广东, 广东省 or Guangdong.',
    }),
    firstOnDevice: t.boolean({ description: 'Whether no account had signed in on the device before.' }),
    startedBy: t.stringList({ description: 'Started with one of these keys, by name.' }),
    reference: t.string({ description: "With this mark of the caller's." }),
    device: t.id({ description: 'On this device.' }),
    account: t.id({ description: 'That signed this account in.' }),
    wcId: t.string({
      description: 'That signed in the account with this wcId, or were meant to and did not get there.',
    }),
    startedFrom: t.field({ type: 'DateTime', description: 'Started then or later.' }),
    startedTo: t.field({ type: 'DateTime', description: 'Started before then.' }),
    endedFrom: t.field({ type: 'DateTime', description: 'Ended then or later.' }),
    endedTo: t.field({ type: 'DateTime', description: 'Ended before then.' }),
  }),
})

export const DeviceWhere = builder.inputType('DeviceWhere', {
  description: 'Which devices: everything given must fit.',
  fields: t => ({
    provider: t.stringList({ description: 'Of one of these upstreams.' }),
    deviceKey: t.string({ description: 'With this key.' }),
    resetRequired: t.boolean({ description: 'Whether the upstream wants it reset.' }),
    retired: t.boolean({ defaultValue: false, description: 'Whether it is retired; null: either.' }),
  }),
})

export const AccountWhere = builder.inputType('AccountWhere', {
  description: 'Which accounts: everything given must fit.',
  fields: t => ({
    wcId: t.string({ description: 'With this wcId.' }),
    presence: t.field({ type: [PresenceStateEnum], description: 'Believed to be in one of these states.' }),
    search: t.string({ description: 'Whose wcId, visible number or nickname holds this text.' }),
  }),
})
