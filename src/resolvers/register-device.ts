// Makes a device known here, and upstream where that has devices. Its upstream id is random and ours, so that nobody can
// take over a device by naming it; taking over an existing one is for ADMIN.

import { randomBytes } from 'node:crypto'
import type { DeviceRecord, OperationRecord } from '../db/records.ts'
import { InvalidInputError } from '../errors.ts'
import type { DeviceType } from '../login/vocabulary.ts'
import { Problems } from './check-input.ts'
import type { Context } from './context.ts'
import { checkSettings, type ProxyInput } from './device-settings.ts'
import { inputHash } from './input-hash.ts'
import { demand } from './viewer.ts'
import { settledOperation } from './wait-for-operation.ts'

export interface RegisterDeviceInput {
  readonly provider: string
  readonly deviceKey: string
  readonly upstreamDeviceId?: string | null | undefined
  readonly label?: string | null | undefined
  readonly deviceType?: DeviceType | null | undefined
  readonly province?: string | null | undefined
  readonly city?: string | null | undefined
  readonly proxy?: ProxyInput | null | undefined
  readonly ttuid?: string | null | undefined
}

export interface RegisterDevicePayload {
  readonly device: DeviceRecord
  readonly created: boolean
  /** Null: nothing was asked of the upstream. */
  readonly operation: OperationRecord | null
}

const deviceKeyForm = /^[\p{L}\p{N}][\p{L}\p{N}._:@/-]{0,127}$/u
const upstreamIdForm = /^[\x21-\x7e]{1,128}$/

/** Throws InvalidInputError, UpstreamError. */
export const registerDevice = async (
  context: Context,
  input: RegisterDeviceInput,
): Promise<RegisterDevicePayload> => {
  const { viewer, services } = context
  demand(viewer, 'LOGIN_WRITE')
  if (input.upstreamDeviceId != null) demand(viewer, 'ADMIN')
  const problems = new Problems()
  const provider = services.providers.get(input.provider)
  if (provider === undefined)
    problems.add(
      ['input', 'provider'],
      `There is no provider of this name. Configured: ${[...services.providers.keys()].join(', ')}.`,
    )
  if (!deviceKeyForm.test(input.deviceKey))
    problems.add(
      ['input', 'deviceKey'],
      'A key has 1 to 128 letters, digits or any of . _ : @ / -, and begins with a letter or digit.',
    )
  if (input.upstreamDeviceId != null && provider?.handle === 'SIGN_IN')
    problems.add(
      ['input', 'upstreamDeviceId'],
      'This provider has no devices to take over: each sign-in brings an id of its own. Leave it out.',
    )
  else if (input.upstreamDeviceId != null && !upstreamIdForm.test(input.upstreamDeviceId))
    problems.add(['input', 'upstreamDeviceId'], 'An upstream id has 1 to 128 visible ASCII characters.')
  const settings = checkSettings(input, problems)
  problems.raise()

  const registered = await take(context, {
    provider: input.provider,
    deviceKey: input.deviceKey,
    upstreamId: input.upstreamDeviceId ?? `gh-${randomBytes(16).toString('hex')}`,
    create: input.upstreamDeviceId == null && provider?.handle === 'DEVICE',
    settings: {
      label: settings.label ?? null,
      deviceType: input.deviceType ?? 'IPAD',
      province: settings.province ?? null,
      city: settings.city ?? null,
      proxy: settings.proxy ?? null,
      ttuid: settings.ttuid ?? null,
    },
    // As it was brought to our words: 广东省 is the same input as 广东.
    inputHash: inputHash({ ...input, deviceType: input.deviceType ?? 'IPAD', ...settings }),
    changedBy: viewer.name,
  })
  if (!registered.sameInput)
    throw new InvalidInputError([
      { path: ['input', 'deviceKey'], message: otherSettings(registered.device, input, settings) },
    ])
  const { device, created, operation } = registered
  return {
    device,
    created,
    operation: operation && (await settledOperation(context, operation, device.provider)),
  }
}

/** By their names: some of them are secrets. They are compared as they are now, so that none may be left to name. */
const otherSettings = (
  device: DeviceRecord,
  { upstreamDeviceId, deviceType }: RegisterDeviceInput,
  { label, province, city, proxy, ttuid }: ReturnType<typeof checkSettings>,
): string => {
  const exit = (given: { host: string; port: number; username: string | null } | null | undefined) =>
    given ? `${given.username ?? ''}@${given.host}:${given.port}` : null
  const differs = {
    label: (label ?? null) !== device.label,
    deviceType: (deviceType ?? 'IPAD') !== device.deviceType,
    province: (province ?? null) !== device.province,
    city: (city ?? null) !== device.city,
    proxy: exit(proxy) !== exit(device.proxy),
    ttuid: (ttuid ?? null) !== device.ttuid,
    upstreamDeviceId: upstreamDeviceId != null && upstreamDeviceId !== device.upstreamId,
  }
  const names = Object.entries(differs).flatMap(([name, is]) => (is ? [name] : []))
  return `This key belongs to a device with other settings${names.length === 0 ? '' : `: ${names.join(', ')}`}.`
}

const take = async (
  { viewer, services }: Context,
  input: Omit<Parameters<Context['services']['store']['registerDevice']>[0], 'tenant'>,
) => {
  try {
    return await services.store.registerDevice({ tenant: viewer.tenant, ...input })
  } catch (error) {
    // By name: the classes of the store are none of this folder's.
    if (!(error instanceof Error) || error.name !== 'UpstreamIdTakenError') throw error
    throw new InvalidInputError([
      {
        path: ['input', 'upstreamDeviceId'],
        message: 'A device with this upstream id is registered already.',
      },
    ])
  }
}
