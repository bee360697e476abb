// Sentences for a person, in English and Chinese: why a login ended, what a rule of the upstream means, why polling
// is degraded. The words that they explain are made elsewhere.

import type { AdvisoryCode, FailureKind, OutcomeReason } from '../login/vocabulary.ts'
import type { Language } from '../resolvers/viewer.ts'

type Sentence = Readonly<Record<Language, string>>

const outcomes: Readonly<Record<OutcomeReason, Sentence>> = {
  SIGNED_IN: { en: 'Signed in.', zh: '登录成功。' },
  ALREADY_SIGNED_IN: {
    en: 'The account was already signed in on this device.',
    zh: '该账号已在此设备上登录。',
  },
  QR_CODE_EXPIRED: {
    en: 'The QR code expired before the login was confirmed.',
    zh: '二维码已过期，登录未确认。',
  },
  PUSH_EXPIRED: {
    en: 'Nobody answered the prompt on the phone in time.',
    zh: '手机上的登录提示未及时确认。',
  },
  CODE_EXPIRED: { en: 'No verify code was entered in time.', zh: '未及时输入验证码。' },
  SLIDER_EXPIRED: { en: 'The slider was not solved in time.', zh: '未及时完成滑块验证。' },
  TIMED_OUT: { en: 'The login took too long.', zh: '登录超时。' },
  DECLINED_ON_PHONE: { en: 'The login was declined on the phone.', zh: '手机上已拒绝登录。' },
  PUSH_REFUSED: { en: 'The prompt was refused.', zh: '登录提示被拒绝。' },
  CANCELLED_BY_CALLER: { en: 'The login was cancelled.', zh: '登录已取消。' },
  SUPERSEDED: { en: 'A newer login took the place of this one.', zh: '已被新的登录取代。' },
  WRONG_ACCOUNT: { en: 'Another account than the expected one signed in.', zh: '登录的不是预期的账号。' },
  CODE_REJECTED: { en: 'The verify code was wrong three times.', zh: '验证码三次错误。' },
  DEVICE_UNKNOWN: { en: 'The upstream does not know this device.', zh: '上游不认识此设备。' },
  DEVICE_RESET_REQUIRED: {
    en: 'The device must be reset before it can sign in.',
    zh: '设备需要重置后才能登录。',
  },
  NEW_DEVICE_VERIFICATION: {
    en: 'The phone insists on verifying this account as on a new device.',
    zh: '手机要求在新设备上验证此账号。',
  },
  PROXY_FAILED: { en: 'The proxy of this device could not be used.', zh: '此设备的代理无法使用。' },
  UPSTREAM_UNAUTHORIZED: {
    en: 'The upstream does not accept the credentials of this gateway.',
    zh: '上游拒绝了本网关的凭证。',
  },
  UPSTREAM_UNREACHABLE: { en: 'The upstream could not be reached.', zh: '无法连接上游服务。' },
  UPSTREAM_ERROR: { en: 'The upstream answered with an error.', zh: '上游返回错误。' },
  UPSTREAM_UNREADABLE: { en: 'The answers of the upstream could not be read.', zh: '无法识别上游的应答。' },
}

const advisories: Readonly<Record<AdvisoryCode, Sentence>> = {
  RECYCLES_SOON: {
    en: 'This device is recycled by the upstream when nobody signs in on it for 20 days.',
    zh: '此设备 20 天未登录将被上游回收。',
  },
  FIRST_DAY_DROP_EXPECTED: {
    en: 'On a new device one drop within the first 24 hours is to be expected.',
    zh: '新设备首次登录后 24 小时内可能掉线一次。',
  },
  MOMENTS_RESTRICTED: {
    en: 'Do not use Moments for the first 72 hours on a new device.',
    zh: '新设备登录后 72 小时内请勿使用朋友圈。',
  },
  OTHER_CLIENTS_KICK: {
    en: 'Signing in on another secondary client signs this one out.',
    zh: '在其他副设备上登录会使本设备下线。',
  },
  USE_PUSH_FIRST: {
    en: 'This device has signed in before: a push is safer than a new QR code.',
    zh: '此设备曾经登录过，优先使用弹窗登录而非扫码。',
  },
  WRONG_ACCOUNT_SIGNED_IN: {
    en: 'Another account than the expected one is signed in on this device: log it out first.',
    zh: '此设备上登录了非预期的账号，请先退出。',
  },
  ALREADY_SIGNED_IN: { en: 'An account is signed in on this device already.', zh: '此设备上已有账号登录。' },
  PUSH_COOL_DOWN: {
    en: 'Two pushes in a row came to nothing: QR codes only for a day.',
    zh: '弹窗连续两次未成功，24 小时内仅可扫码。',
  },
  PUSH_NEEDS_A_KNOWN_ACCOUNT: {
    en: 'A push needs an account that has signed in on this device before.',
    zh: '弹窗登录需要此设备曾登录过的账号。',
  },
  PUSH_UNLIKELY: {
    en: 'A push would hardly come through: the device was away too long, its exit has changed, or its first day is not over.',
    zh: '弹窗很可能无效：设备离线过久、出口已变更，或首次登录未满 24 小时。',
  },
  TOO_MANY_ATTEMPTS: {
    en: 'Too many attempts on this device within an hour.',
    zh: '此设备一小时内尝试次数过多。',
  },
  RESET_REQUIRED: { en: 'The device must be reset first.', zh: '请先重置设备。' },
  EXIT_REJECTED: {
    en: 'An account was signed out at once from where this device connects: change its proxy or province, do not scan again.',
    zh: '此设备的网络出口导致账号登录后立即掉线，请更换代理或省份，勿再次扫码。',
  },
  SIGNED_IN_DEVICE: {
    en: 'An account is signed in on this device: log it out first.',
    zh: '此设备上有账号在线，请先退出。',
  },
  SIGNED_IN_AFTER_END: {
    en: 'The account was signed in after its login had ended here.',
    zh: '账号在登录流程结束之后才完成登录。',
  },
  PROVINCE_REQUIRED: {
    en: 'A QR code needs the province, a proxy or the ttuid of this device.',
    zh: '扫码登录需要设备的省份、代理或 ttuid。',
  },
  DO_NOT_REISSUE_QR_CODE: {
    en: 'Somebody has scanned the QR code: a new one now would break the login.',
    zh: '二维码已被扫描，此时不可刷新。',
  },
  SCAN_CANNOT_BE_RULED_OUT: {
    en: 'This upstream tells of no scan: somebody may have scanned the QR code, so it stays until it lapses.',
    zh: '上游不提示扫码状态，二维码可能已被扫描，失效前不可更换。',
  },
  PERSON_IS_ACTING: {
    en: 'A prompt is still before the person at the phone: let it be answered or lapse first.',
    zh: '手机上仍有待处理的提示，请先处理或等待其失效。',
  },
}

const failures: Readonly<Record<FailureKind, Sentence>> = {
  UNREACHABLE: { en: 'The upstream cannot be reached.', zh: '无法连接上游服务。' },
  TIMEOUT: { en: 'The upstream does not answer in time.', zh: '上游未及时应答。' },
  UNREADABLE: { en: 'The upstream answers what cannot be read.', zh: '无法识别上游的应答。' },
  UNAUTHORIZED: {
    en: 'The upstream does not accept the credentials of this gateway.',
    zh: '上游拒绝了本网关的凭证。',
  },
  DEVICE_UNKNOWN: { en: 'The upstream says that it does not know the device.', zh: '上游称不认识此设备。' },
  RESET_REQUIRED: { en: 'The upstream says that the device must be reset.', zh: '上游称设备需要重置。' },
  PROXY_FAILED: { en: 'The upstream cannot use the proxy of this device.', zh: '上游无法使用此设备的代理。' },
  ERROR: { en: 'The upstream answers with errors.', zh: '上游返回错误。' },
}

export const outcomeMessage = (reason: OutcomeReason, language: Language): string =>
  outcomes[reason][language]
export const failureMessage = (kind: FailureKind, language: Language): string => failures[kind][language]

/** A code saved by a newer instance is shown as it is. */
export const advisoryMessage = (code: AdvisoryCode, language: Language): string =>
  advisories[code]?.[language] ?? code
