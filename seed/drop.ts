// When and why whoever is signed in on a device is gone: one by one, on the first day, or many at once. What is written of it is in
// sign-in.ts.

import type { PresenceReason } from '../src/login/presence.ts'
import type { Millis } from '../src/login/vocabulary.ts'
import { day, minute } from './calendar.ts'
import { type Device, keyName, operation } from './device.ts'
import { type Incident, strikes } from './incident.ts'
import { lotOf, type Random } from './random.ts'
import type { Rows } from './rows.ts'
import { drops } from './sign-in.ts'

const aDate = 'xxxx-xx-xx'

/** The popup on the phone, word for word (P 3.4). */
const popups: Readonly<Partial<Record<PresenceReason, string>>> = {
  SECURITY_CHECK: '为了你的账号安全，请重新登录',
  ENVIRONMENT_CHECK: '设备环境异常，请重新登录',
  NETWORK_CHECK: '设备网络异常，请重新登录',
  LOGGED_OUT_ON_PHONE: '你已退出微信',
  SIGNED_IN_ELSEWHERE: '在 Mac 设备上登录',
  PASSWORD_CHANGED: '在 xxxx-xx-xx 修改密码，请重新登录',
  PAYMENT_PASSWORD_CHANGED: '在 xxxx-xx-xx 修改支付密码，请重新登录',
  FACE_DATA_CHANGED: '在 xxxx-xx-xx 修改活体信息，请重新登录',
  OTHER: '账号状态异常',
}

const usual = lotOf<PresenceReason>([
  ['NO_POPUP', 24],
  ['SECURITY_CHECK', 17],
  ['ENVIRONMENT_CHECK', 10],
  ['NETWORK_CHECK', 9],
  ['LOGGED_OUT_ON_PHONE', 15],
  ['SIGNED_IN_ELSEWHERE', 11],
  ['LOGGED_OUT_BY_CALLER', 8],
  ['PASSWORD_CHANGED', 2],
  ['PAYMENT_PASSWORD_CHANGED', 1],
  ['FACE_DATA_CHANGED', 1],
  ['OTHER', 2],
])

const firstDay = lotOf<PresenceReason>([
  ['SECURITY_CHECK', 5],
  ['ENVIRONMENT_CHECK', 3],
  ['NO_POPUP', 2],
])

const words = (random: Random, reason: PresenceReason, at: Millis): string | null => {
  const popup = popups[reason] ?? null
  if (popup === null || !popup.includes(aDate)) return popup
  const date = new Date(at - random.below(3) * 86_400_000).toISOString().slice(0, 10)
  return popup.replace(aDate, date)
}

export interface Dropping {
  readonly random: Random
  readonly rows: Rows
  /** Moments at which many drop at once. */
  readonly bursts: readonly Incident[]
}

/** Some time before that moment whoever is signed in there is gone: somebody wants to sign in again. */
export const dropsBefore = (
  { random, rows, bursts }: Dropping,
  device: Device,
  before: Millis,
  isLoggedOut = false,
): void => {
  const { open, openOf } = device
  if (open === null || openOf === null) return
  const span = before - open.began
  const burst = bursts.find(
    one => one.from > open.began + 2 * minute && one.to < before && strikes(one, device.row),
  )
  const probation = openOf.account?.probationUntil ?? null
  let [at, reason] = [before - random.logNormal(25 * minute, 1.3, 30_000, span * 0.9), usual.draw(random)]
  if (isLoggedOut) {
    at = before - 20_000
    reason = 'LOGGED_OUT_BY_CALLER'
  } else if (burst !== undefined && random.chance(0.7)) {
    at = random.between(burst.from, burst.to)
    reason = random.chance(0.8) ? 'ENVIRONMENT_CHECK' : 'NO_POPUP'
  } else if (probation !== null && probation > open.began && random.chance(0.6)) {
    at = open.began + random.between(Math.min(10 * minute, span * 0.5), Math.min(day, span * 0.95))
    reason = firstDay.draw(random)
  } else if (random.chance(0.35)) at = open.began + span * random.between(0.15, 0.95)
  // Two presence looks agree before it is believed; nobody is gone before they came.
  const missed = Math.max(open.began + 5_000, Math.floor(at))
  if (missed >= before) return
  const seen = Math.max(open.began, missed - Math.round(random.between(5_000, 60_000)))
  if (reason === 'LOGGED_OUT_BY_CALLER')
    operation(random, rows, device, 'LOGOUT', keyName(random), missed, open.accountId)
  drops(rows, device, { at: missed, seen, reason, words: words(random, reason, missed) })
}

/** S2:33: gone within a minute, the upstream rejects where it came from. */
export const dropsAtOnce = ({ random, rows }: Dropping, device: Device): void => {
  if (device.open === null) return
  const at =
    device.open.began + Math.round(random.pick([20_000, 40_000, 60_000]) + random.between(200, 2_500))
  const reason: PresenceReason = random.chance(0.7) ? 'NETWORK_CHECK' : 'NO_POPUP'
  drops(rows, device, { at, seen: device.open.began, reason, words: words(random, reason, at) })
}
