// What is shown of an account to whom.

import type { AccountRecord } from '../db/records.ts'
import type { Loaders } from './loaders.ts'
import type { Services } from './services.ts'

/** Where the device is the handle, the account takes that of the device that it is on. */
export const instanceIdOf = async (
  account: AccountRecord,
  services: Services,
  loaders: Loaders,
): Promise<string | null> => {
  if (services.providers.get(account.provider)?.handle !== 'DEVICE') return account.instanceId
  const device = account.deviceId === null ? null : await loaders.device(account.deviceId)
  return device?.upstreamId ?? account.instanceId
}

/** The first three and the last two stay, as people know their numbers. */
export const maskPhone = (phone: string): string =>
  phone.length <= 5
    ? '*'.repeat(phone.length)
    : `${phone.slice(0, 3)}${'*'.repeat(phone.length - 5)}${phone.slice(-2)}`
