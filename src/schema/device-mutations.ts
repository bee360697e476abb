// What can be done with devices.

import { type RegisterDevicePayload as Registered, registerDevice } from '../resolvers/register-device.ts'
import { resetDevice } from '../resolvers/reset-device.ts'
import { retireDevice } from '../resolvers/retire-device.ts'
import { type DevicePayload as Updated, updateDevice } from '../resolvers/update-device.ts'
import { builder } from './builder.ts'
import { DeviceOperation } from './device-operation.ts'
import { DeviceTypeEnum } from './enums.ts'
import { Device } from './refs.ts'
import {
  DeviceBusyError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
  RefusedByRuleError,
  UpstreamError,
} from './refusals.ts'

const ProxyInput = builder.inputType('ProxyInput', {
  description: "A socks5 proxy of the account's own province.",
  fields: t => ({
    host: t.string({ required: true, description: 'Host name or address, without scheme and port.' }),
    port: t.int({ required: true, description: '1 to 65535.' }),
    username: t.string({ description: 'User name, where one is needed.' }),
    password: t.string({ description: 'Password; it is encrypted at rest and never shown again.' }),
  }),
})

const RegisterDeviceInput = builder.inputType('RegisterDeviceInput', {
  description: 'A new device.',
  fields: t => ({
    provider: t.string({ required: true, description: 'Name of the configured upstream.' }),
    deviceKey: t.string({
      required: true,
      description: 'Your own name for it: 1 to 128 letters, digits or any of `. _ : @ / -`.',
    }),
    upstreamDeviceId: t.string({
      description:
        'Take over one that exists upstream; scope ADMIN, and on `open` alone. Otherwise its upstream id is made here.',
    }),
    label: t.string({ description: 'A name for people, 200 characters at most.' }),
    deviceType: t.field({
      type: DeviceTypeEnum,
      defaultValue: 'IPAD',
      description: 'What accounts see it as.',
    }),
    province: t.string({
      description: 'Where its accounts live: one of the 34 provinces, such as 广东 or 广东省.',
    }),
    city: t.string({ description: 'City within the province.' }),
    proxy: t.field({ type: ProxyInput, description: 'Its own exit to the network.' }),
    ttuid: t.string({ description: "From the upstream's helper app; it stays with the device." }),
  }),
})

const UpdateDeviceInput = builder.inputType('UpdateDeviceInput', {
  description: 'Changes to a device. What is absent stays as it was, null removes.',
  fields: t => ({
    deviceId: t.id({ required: true, description: 'Which device.' }),
    label: t.string({ description: 'A name for people, 200 characters at most.' }),
    province: t.string({ description: 'One of the 34 provinces.' }),
    city: t.string({ description: 'City within the province.' }),
    proxy: t.field({ type: ProxyInput, description: 'Its own exit to the network.' }),
    ttuid: t.string({ description: "From the upstream's helper app." }),
  }),
})

const RegisterDevicePayload = builder.objectRef<Registered>('RegisterDevicePayload').implement({
  description: 'A registered device.',
  fields: t => ({
    device: t.expose('device', { type: Device, description: 'The device.' }),
    created: t.exposeBoolean('created', {
      description: 'False: the key was known with the same input, and this is its device.',
    }),
    operation: t.expose('operation', {
      type: DeviceOperation,
      nullable: true,
      description:
        'What was asked of the upstream: PENDING after ten seconds without an answer. Null: nothing was asked, as on `ipad`, which knows no devices.',
    }),
  }),
})

const DevicePayload = builder.objectRef<Updated>('DevicePayload').implement({
  description: 'A changed device.',
  fields: t => ({
    device: t.expose('device', { type: Device, description: 'The device as it is now.' }),
    operation: t.expose('operation', {
      type: DeviceOperation,
      nullable: true,
      description:
        'What was asked of the upstream: PENDING after ten seconds without an answer. Null: nothing was asked.',
    }),
  }),
})

const RegisterDeviceResult = builder.errorUnion('RegisterDeviceResult', {
  description: 'The device, or why there is none.',
  types: [RegisterDevicePayload, InvalidInputError, UpstreamError, RateLimitedError],
  resolveType: () => 'RegisterDevicePayload',
})

const UpdateDeviceResult = builder.errorUnion('UpdateDeviceResult', {
  description: 'The changed device, or why it was not changed.',
  types: [DevicePayload, InvalidInputError, NotFoundError, DeviceBusyError, UpstreamError, RateLimitedError],
  resolveType: () => 'DevicePayload',
})

const ResetDeviceResult = builder.errorUnion('ResetDeviceResult', {
  description: 'The device that was made new, or why it was not.',
  types: [DevicePayload, NotFoundError, DeviceBusyError, RefusedByRuleError, UpstreamError, RateLimitedError],
  resolveType: () => 'DevicePayload',
})

const RetireDeviceResult = builder.errorUnion('RetireDeviceResult', {
  description: 'The retired device, or why it is still in use.',
  types: [DevicePayload, NotFoundError, DeviceBusyError, RefusedByRuleError, RateLimitedError],
  resolveType: () => 'DevicePayload',
})

builder.mutationFields(t => ({
  registerDevice: t.field({
    type: RegisterDeviceResult,
    args: { input: t.arg({ type: RegisterDeviceInput, required: true, description: 'The device.' }) },
    description:
      'Makes a device known, and creates it upstream where the dialect has devices. A known key with the same input answers with its device.',
    resolve: (_, { input }, context) => registerDevice(context, input),
  }),
  updateDevice: t.field({
    type: UpdateDeviceResult,
    args: { input: t.arg({ type: UpdateDeviceInput, required: true, description: 'The changes.' }) },
    description:
      'Changes the settings of a device. The next login is told of them; an account that is signed in moves to its new proxy at once.',
    resolve: (_, { input }, context) => updateDevice(context, input),
  }),
  resetDevice: t.field({
    type: ResetDeviceResult,
    args: { deviceId: t.arg.id({ required: true, description: 'Which device.' }) },
    description:
      'Makes a device new for every account: it forgets who was on it, that it was a Mac, and what came of earlier pushes. Refused while an account is signed in.',
    resolve: (_, { deviceId }, context) => resetDevice(context, deviceId),
  }),
  retireDevice: t.field({
    type: RetireDeviceResult,
    args: { deviceId: t.arg.id({ required: true, description: 'Which device.' }) },
    description:
      'Takes a device out of use: its history stays, its key is free again. Refused while an account is signed in. Nothing is asked of the upstream.',
    resolve: (_, { deviceId }, context) => retireDevice(context, deviceId),
  }),
}))
