// The popups of P 3.4 as phones may show them, with any device and any date.

import type { PopupName } from '../../simulator/words.ts'
import type { PresenceReason } from '../../src/login/presence.ts'

export interface PopupCase {
  readonly cites: string
  readonly name: PopupName
  readonly reason: PresenceReason
  /** As the page has it, then with any device and any date. */
  readonly texts: readonly string[]
}

export const popups: readonly PopupCase[] = [
  {
    cites: 'P 3.4, 1',
    name: 'securityCheck',
    reason: 'SECURITY_CHECK',
    texts: ['为了你的账号安全，请重新登录', '为了你的帐号安全，请重新登录。'],
  },
  {
    cites: 'P 3.4, 2',
    name: 'environmentCheck',
    reason: 'ENVIRONMENT_CHECK',
    texts: ['设备环境异常，请重新登录'],
  },
  {
    cites: 'P 3.4, 3',
    name: 'networkCheck',
    reason: 'NETWORK_CHECK',
    texts: ['设备网络异常，请重新登录'],
  },
  {
    cites: 'P 3.4, 4',
    name: 'loggedOutOnPhone',
    reason: 'LOGGED_OUT_ON_PHONE',
    texts: ['你已退出微信'],
  },
  {
    cites: 'P 3.4, 5',
    name: 'signedInElsewhere',
    reason: 'SIGNED_IN_ELSEWHERE',
    texts: ['在 xxx 设备上登录', '在 iPad Pro (安娜) 设备上登录', '在Mac设备上登录'],
  },
  {
    cites: 'P 3.4, 6',
    name: 'passwordChanged',
    reason: 'PASSWORD_CHANGED',
    texts: [
      '在 xxxx-xx-xx 修改密码，请重新登录',
      '在 2026-11-20 修改密码，请重新登录',
      '在2026年11月20日 12:34修改微信密码，请重新登录',
    ],
  },
  {
    cites: 'P 3.4, 7',
    name: 'paymentPasswordChanged',
    reason: 'PAYMENT_PASSWORD_CHANGED',
    texts: ['在 xxxx-xx-xx 修改支付密码，请重新登录', '在 2026-11-20 修改支付密码，请重新登录'],
  },
  {
    cites: 'P 3.4, 8',
    name: 'faceDataChanged',
    reason: 'FACE_DATA_CHANGED',
    texts: ['在 xxxx-xx-xx 修改活体信息，请重新登录', '在 2026-11-20 修改活体信息，请重新登录'],
  },
]
