/**
 * How the `ipad` dialect words an answer: profiles, sliders, failures inside and outside of a success (P 2, S1, S4).
 * Refuses to know when an answer is due.
 */
import { createHash } from 'node:crypto'
import type { Account } from '../account.ts'
import { envelope } from '../envelope.ts'
import type { Pictures } from '../pictures.ts'
import type { Switches } from '../settings.ts'
import { SAID } from '../words.ts'

/** `data` where there is nothing to say: in the shape that the switch names (P 1). */
export const nothing = (switches: Switches): unknown => {
  switch (switches.emptyAnswer) {
    case 'emptyString':
      return ''
    case 'space':
      return ' '
    case 'missingFields':
    case 'emptyFields':
      return {}
    default:
      return null
  }
}

/** S4:77. */
export const failed = (switches: Switches, message: string = SAID.failed): string =>
  envelope(switches, '1001', message, nothing(switches))

/** The QR code is dead, or nobody scanned within the window (P 2.2). */
export const expired = (switches: Switches): string => failed(switches, switches.expiredText)

/** S1:83: a failure inside a success. */
export const failedInside = (switches: Switches, message: string): string =>
  envelope(switches, '1000', SAID.success, { message, code: '1001', data: null })

/** S4:18: the same words, whether the phone shows a code or wants the new device verified. */
export const codeAsked = (switches: Switches): string =>
  failed(switches, switches.codePrompt === 'ipad' ? SAID.codeAskedOlder : SAID.codeAsked)

/** S4:45: a success, and nobody is signed in. */
export const slider = (switches: Switches, url: string): string =>
  envelope(switches, '1000', SAID.handled, { url }, 'codeFirst')

/** S4:53. */
export const profile = (
  switches: Switches,
  account: Account,
  wId: string | null,
  pictures: Pictures,
): string => {
  const { country, wAccount, city, signature, nickName, sex, wcId } = account
  const data = {
    country,
    wAccount,
    deviceType: phoneOf(account),
    city,
    signature,
    nickName,
    sex,
    headUrl: pictures.avatarUrl(account, 0),
    type: 2,
    smallHeadImgUrl: pictures.avatarUrl(account, 132),
    wcId,
    wId,
    mobilePhone: `1${digitsOf(account, 10)}`,
    uin: uinOf(account),
    status: 3,
    username: '18013350963',
  }
  return envelope(switches, '1000', SAID.handled, data, 'codeFirst')
}

/** S1:58: fewer fields. */
export const pushedProfile = (
  switches: Switches,
  account: Account,
  wId: string | null,
  pictures: Pictures,
): string => {
  const { wcId, wAccount, country, city, signature, nickName, sex } = account
  const data = {
    wcId,
    wAccount,
    country,
    wId,
    city,
    signature,
    nickName,
    sex,
    headUrl: pictures.avatarUrl(account, 0),
    smallHeadImgUrl: pictures.avatarUrl(account, 132),
    status: 3,
  }
  return envelope(switches, '1000', SAID.success, data)
}

const hashOf = (account: Account): Buffer => createHash('sha256').update(`phone:${account.wcId}`).digest()

/** The type of the phone that scanned, not of the client (P 2.2). */
const phoneOf = (account: Account): string => ((hashOf(account)[0] ?? 0) % 2 === 0 ? 'android' : 'iPhone')

/** Beyond 2^31 for everybody, as relatives have it (P 2.4). */
const uinOf = (account: Account): number => 2 ** 31 + 1 + (hashOf(account).readUInt32BE(4) % (2 ** 31 - 1))

const digitsOf = (account: Account, count: number): string =>
  String(BigInt(`0x${hashOf(account).toString('hex')}`) % 10n ** BigInt(count)).padStart(count, '3')
