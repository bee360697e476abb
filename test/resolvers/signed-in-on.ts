// An account signed in on a device by a login, as the upstream would tell it.

import type { AccountRecord, DeviceRecord } from '../../src/db/records.ts'
import { findDevice } from '../../src/resolvers/find.ts'
import type { Given } from './given.ts'

const profile = {
  wAccount: 'ada1815',
  nickName: 'Ada',
  avatarUrl: null,
  country: 'CN',
  city: null,
  signature: null,
  sex: 2,
  mobilePhone: '13812345678',
  instanceId: null,
}

/** A new device with that key. */
export const signedInOn = async (
  one: Given,
  key: string,
  wcId = 'wxid_ada',
): Promise<{ readonly device: DeviceRecord; readonly account: AccountRecord; readonly loginId: string }> => {
  const deviceId = await one.device(key)
  const { loginId } = await one.login(deviceId)
  await one.showQrCode(loginId)
  const began = one.store.clock.now()
  const answer = { kind: 'SIGNED_IN', profile: { ...profile, wcId } } as const
  await one.tell(loginId, { kind: 'Polled', began, answer })
  const device = await findDevice(one.context, deviceId)
  const account = device?.accountId == null ? null : await one.context.loaders.account(device.accountId)
  if (device === null || account === null) throw new Error('Nobody is signed in there')
  return { device, account, loginId }
}
