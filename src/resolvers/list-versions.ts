// The versions of one thing, a page at a time, newest first: a device's settings, an account's profile.

import type { AccountProfileRecord, AccountRecord, DeviceRecord, DeviceVersionRecord } from '../db/records.ts'
import type { Context } from './context.ts'
import { parseVersionCursor, versionCursor } from './cursor.ts'
import { type Connection, connectionOf, type ForwardArgs, pageOf } from './page.ts'
import { demand } from './viewer.ts'

/** A version of a profile, and whose. */
export interface ProfileView {
  readonly tenant: string
  readonly profile: AccountProfileRecord
}

/** Throws RequestError BAD_USER_INPUT. */
export const listDeviceVersions = async (
  { viewer, loaders }: Context,
  device: DeviceRecord,
  args: ForwardArgs,
): Promise<Connection<DeviceVersionRecord>> => {
  demand(viewer, 'HISTORY_READ')
  const page = pageOf(args, (text, given) => parseVersionCursor('settings', device.id, text, given))
  return connectionOf(page, await loaders.deviceVersions(device.id, page), {
    cursor: ({ number }: DeviceVersionRecord) => versionCursor('settings', device.id, number),
    node: version => version,
    count: uncounted,
  })
}

/** Throws RequestError BAD_USER_INPUT. */
export const listProfiles = async (
  { viewer, loaders }: Context,
  account: AccountRecord,
  args: ForwardArgs,
): Promise<Connection<ProfileView>> => {
  demand(viewer, 'HISTORY_READ')
  const page = pageOf(args, (text, given) => parseVersionCursor('profile', account.id, text, given))
  return connectionOf(page, await loaders.profiles(account.id, page), {
    cursor: ({ number }: AccountProfileRecord) => versionCursor('profile', account.id, number),
    node: profile => ({ tenant: account.tenant, profile }),
    count: uncounted,
  })
}

/** These connections have no totalCount. */
const uncounted = (): Promise<number> => Promise.reject(new Error('Nobody counts versions'))
