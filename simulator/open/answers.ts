/**
 * How the `open` dialect words an answer: profiles, and each way of saying nothing (P 3.3, S0, S3).
 * Refuses to know when an answer is due.
 */
import { randomUUID } from 'node:crypto'
import type { Account } from '../account.ts'
import type { Device } from '../device.ts'
import { envelope, failure } from '../envelope.ts'
import type { Pictures } from '../pictures.ts'
import type { Switches } from '../settings.ts'
import { SAID } from '../words.ts'

/** The QR code or session is dead (S3: 若返回提示登录信息失效…). */
export const dead = (switches: Switches): string =>
  envelope(switches, switches.deadCode, switches.deadText, null)

/** Who is signed in, in full (S3). */
export const profile = (switches: Switches, account: Account, pictures: Pictures): string =>
  envelope(switches, '1000', SAID.success, { ...whole(account, pictures), status: 3, type: 1 })

/** The same from `loginAgain`, with an instance id (S0). */
export const pushedProfile = (device: Device, account: Account, pictures: Pictures): string => {
  const { wcId, ...rest } = whole(account, pictures)
  // The one that callbacks name (P 3.5).
  const wId = device.handles.at(-1) ?? randomUUID()
  return envelope(device.switches, '1000', SAID.success, { wcId, wId, ...rest, status: 3 })
}

const whole = (account: Account, pictures: Pictures) => ({
  wcId: account.wcId,
  wAccount: account.wAccount,
  country: account.country,
  city: account.city,
  signature: account.signature,
  nickName: account.nickName,
  sex: account.sex,
  headUrl: pictures.avatarUrl(account, 0),
  smallHeadImgUrl: pictures.avatarUrl(account, 132),
})

const FIELDS = [
  'wcId',
  'wAccount',
  'country',
  'city',
  'signature',
  'nickName',
  'sex',
  'headUrl',
  'smallHeadImgUrl',
  'status',
  'type',
] as const

const emptyFields = (switches: Switches): Record<string, unknown> => {
  switch (switches.emptyAnswer) {
    case 'nullFields':
      return Object.fromEntries(FIELDS.map(field => [field, null]))
    case 'emptyFields':
      return Object.fromEntries(FIELDS.map(field => [field, '']))
    default:
      return {}
  }
}

/** Nobody has scanned (S3: 用户扫码前，所有数据返回均为空): in the shape that the switch names. */
export const empty = (switches: Switches): string => {
  const data = { nullData: null, emptyString: '', space: ' ' } as const
  const shape = switches.emptyAnswer
  const value =
    shape === 'nullData' || shape === 'emptyString' || shape === 'space' ? data[shape] : emptyFields(switches)
  return envelope(switches, '1000', SAID.success, value)
}

/** Somebody scanned: the avatar and nothing else is promised (P 3.3). */
export const scanned = (switches: Switches, account: Account, pictures: Pictures): string => {
  const data = emptyFields(switches)
  const url = pictures.avatarUrl(account, 132)
  if (switches.avatarField !== 'smallHeadImageUrl') data.smallHeadImgUrl = url
  if (switches.avatarField !== 'smallHeadImgUrl') data.smallHeadImageUrl = url
  if (switches.scanShowsNickName) data.nickName = account.nickName
  return envelope(switches, '1000', SAID.success, data)
}

export const unknownDevice = (switches: Switches): string => failure(switches, switches.unknownDeviceText)

export const resetRequired = (device: Device): string =>
  failure(device.switches, device.switches.resetRequiredText)
