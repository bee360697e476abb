/**
 * A messenger account: the person's side of a phone. Made from a seed, so that the same device meets the same person each time.
 * Refuses to know devices, logins and HTTP.
 */
import { createHash } from 'node:crypto'

/** The fields of a profile answer, as S0 and S3 spell them. */
export type Account = {
  readonly wcId: string
  readonly wAccount: string
  readonly nickName: string
  readonly country: string
  readonly city: string
  readonly signature: string
  readonly sex: number
}

const NAMES = [
  '售前客服',
  '贝塔同学',
  '小诺',
  '阿明',
  '海棠',
  '木木',
  '晚风',
  '老陈',
  '豆豆',
  '青山',
  '拾光',
  '北北',
] as const
const CITIES = [
  'Beijing',
  'Nanjing',
  'Shenzhen',
  'Hangzhou',
  'Chengdu',
  'Guangzhou',
  'Wuhan',
  'Xiamen',
] as const
const SIGNATURES = ['大家有问题可以找我', '我的签名如风一样难以琢磨', '', '慢慢来', '🌊 在海边'] as const

const pick = <T>(from: readonly [T, ...T[]], by: number): T => from[by % from.length] ?? from[0]

/** The account that a seed stands for: the same seed, the same person. */
export const accountOf = (seed: string): Account => {
  const bytes = createHash('sha256').update(seed).digest()
  const letters = BigInt(`0x${bytes.subarray(0, 9).toString('hex')}`)
    .toString(36)
    .padStart(14, '0')
    .slice(0, 12)
  return {
    wcId: `wxid_${letters}22`,
    wAccount: `sim${letters.slice(0, 7)}`,
    nickName: `${pick(NAMES, bytes[10] ?? 0)}${bytes[11] ?? 0}`,
    country: 'CN',
    city: pick(CITIES, bytes[12] ?? 0),
    signature: pick(SIGNATURES, bytes[13] ?? 0),
    sex: 1 + ((bytes[14] ?? 0) % 2),
  }
}
