/**
 * Every Chinese text that the simulated upstream says, in both dialects, where each one comes from, and which of them are guesses.
 * Refuses to know when a text is said; the guesses can be replaced by switches.
 */

/** Nine ways to be put offline, with the popup that the phone shows, word for word (P 3.4; 7 and 8 are abbreviated there). */
export const POPUPS = {
  securityCheck: '为了你的账号安全，请重新登录',
  environmentCheck: '设备环境异常，请重新登录',
  networkCheck: '设备网络异常，请重新登录',
  loggedOutOnPhone: '你已退出微信',
  signedInElsewhere: '在 xxx 设备上登录',
  passwordChanged: '在 xxxx-xx-xx 修改密码，请重新登录',
  paymentPasswordChanged: '在 xxxx-xx-xx 修改支付密码，请重新登录',
  faceDataChanged: '在 xxxx-xx-xx 修改活体信息，请重新登录',
  noPopup: null,
} as const satisfies Record<string, string | null>

export type PopupName = keyof typeof POPUPS

/** One of the nine, or any text. */
export type Popup = PopupName | { readonly text: string | null }

/** What the phone shows; `filled`: with device and date in the place of the placeholders, as a real one would. */
export const popupText = (popup: Popup, filled: boolean, now: number): string | null => {
  if (typeof popup !== 'string') return popup.text
  const text = POPUPS[popup]
  if (text === null || !filled) return text
  return text.replace('xxxx-xx-xx', shanghaiTime(now).slice(0, 10)).replace('xxx', 'Mac')
}

/** How an offline reason reads where it comes as JSON inside a string, with XML inside that (P 2.6). */
export const nestedReason = (text: string): string =>
  JSON.stringify({
    baseResponse: {
      ret: -100,
      errMsg: {
        string: `<e><ShowType>1</ShowType><Content><![CDATA[${text}]]></Content><Action>4</Action></e>`,
      },
    },
  })

/** Texts that docs/open-dialect.md and docs/ipad-dialect.md quote. */
export const SAID = {
  success: '成功',
  handled: '处理成功',
  created: '设备创建成功',
  reset: '重置创建成功',
  tokenReset: '重置成功',
  online: '在线',
  offline: '已离线',
  unclear: '未知异常',
  reasonRead: '获取离线原因成功',
  failed: '失败',
  wrongPassword: '用户名或密码错误',
  /** S3: quoted in prose only; its code is a switch. */
  dead: '登录信息失效，请使用扫码登录',
  /** S1, P 2.3. */
  pushRefused: '二次登录失败，请重新扫码登录',
  /** P 1: the text of a QR issue on `ipad`, where nobody has logged in yet. */
  issued: '登录成功',
  /** S1:78. */
  systemFailed: '系统失败,请重试',
  /** P 2.2: matched by an integrator. */
  expired: '二维码已过期',
  /** S4:18, and the older page (P 2.2). */
  codeAsked: '请在iPad上输入验证码',
  codeAskedOlder: '请在ipad上输入验证码',
} as const

/** Texts that nobody wrote down (P 6): our guesses, each replaceable by a switch of the same name or by a fault. */
export const GUESSED = {
  unknownDevice: '设备不存在',
  duplicateDevice: '设备标识已存在',
  resetRequired: '设备已被回收，请重置设备',
  exitMissing: '请传入省份、代理或ttuid',
  proxyFailed: '代理连接失败，网络链接异常',
  unauthorized: 'Authorization无效，请重新登录',
  pushLapsed: '二次登录超时，请重新扫码登录',
  declined: '用户取消登录',
  codeWrong: '验证码错误，请重新输入',
  codeVoid: '验证码无效',
  codeNotAsked: '当前登录无需验证码',
  badParameters: '参数错误',
  notFound: '接口不存在',
} as const

/** What the phone's own screens say; only a person reads these. */
export const SCREENS = {
  nothing: '',
  scannable: '扫一扫',
  confirm: '登录 iPad 微信',
  push: '在 iPad 上登录微信？',
  code: '请在iPad上输入验证码',
  newDevice: '在新设备完成验证',
  slider: '在新设备完成验证',
  confirmed: '已确认，正在登录',
  signedIn: 'iPad 微信已登录',
  declined: '已取消登录',
  expired: '二维码已过期',
} as const

/** `2026-11-20 12:34:56` in Shanghai: the upstream's own clock, as far as anybody knows (P 6.3). */
export const shanghaiTime = (epochMs: number): string =>
  new Date(epochMs + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
