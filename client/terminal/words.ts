// The sentences that a person reads, English first and Chinese beside it where the person at the phone reads along.
// A word of the contract that is not here is shown as it came. Refuses to know where on the screen they go.

import type { LoginEvent } from './answers.ts'

export interface Said {
  readonly en: string
  readonly zh: string
}

const NEXT_STEPS: Readonly<Record<string, Said>> = {
  WAIT: { en: 'Wait a moment', zh: '请稍候' },
  SCAN_QR_CODE: { en: 'Scan this code with the phone', zh: '请用手机扫描二维码' },
  CONFIRM_ON_PHONE: { en: 'Confirm on the phone', zh: '请在手机上确认登录' },
  ENTER_CODE: { en: 'Type the code that the phone shows', zh: '请输入手机上显示的验证码' },
  SOLVE_SLIDER: { en: 'Open the link and solve the slider', zh: '请打开链接完成滑块验证' },
  START_AGAIN: { en: 'Start again: run the same command', zh: '请重新登录' },
  START_AGAIN_WITH_QR_CODE: { en: 'Start again with --strategy QR_CODE', zh: '请重新扫码登录' },
  START_AGAIN_AS_MAC: { en: 'Start again with --device-type MAC', zh: '请以 Mac 方式重新登录' },
  RESET_DEVICE: { en: 'The device must be reset before it can be used again', zh: '设备需要先重置' },
  CHECK_PROXY: { en: 'Check the proxy or the province of the device', zh: '请检查代理或地区' },
  LOG_OUT_FIRST: { en: 'Log out the account that is signed in there', zh: '请先退出已登录的账号' },
  CONTACT_OPERATOR: { en: 'Ask whoever runs this gateway', zh: '请联系管理员' },
}

/** Null where nothing is to be done. */
export function nextStepSaid(nextStep: string): Said | null {
  if (nextStep === 'NONE') return null
  return NEXT_STEPS[nextStep] ?? { en: nextStep, zh: '' }
}

const METHODS: Readonly<Record<string, Said>> = {
  QR_CODE: { en: 'a QR code', zh: '二维码' },
  PUSH: { en: 'a push to the phone', zh: '手机推送' },
}

function methodSaid(method: string | undefined): Said {
  return METHODS[method ?? ''] ?? { en: method ?? '', zh: method ?? '' }
}

/** One event in a few words. What the upstream said is in there as it came: whoever prints it cleans it. */
export function eventSaid(event: LoginEvent): Said {
  switch (event.__typename) {
    case 'LoginStarted': {
      const method = methodSaid(event.method)
      return { en: `Started, with ${method.en}`, zh: `开始登录（${method.zh}）` }
    }
    case 'QrCodeIssued':
      return event.generation === undefined || event.generation < 2
        ? { en: 'The QR code is there', zh: '二维码已生成' }
        : { en: `QR code ${event.generation} is there, the one before is void`, zh: '二维码已更新' }
    case 'PushSent':
      return { en: 'The phone is asked', zh: '已推送到手机' }
    case 'QrCodeScanned':
      return event.nickName
        ? { en: `Scanned by ${event.nickName}`, zh: '已扫码' }
        : { en: 'Scanned', zh: '已扫码' }
    case 'VerifyCodeRequired':
      return event.announcedBy === 'PERSON'
        ? { en: 'You reported that the phone asks for a code', zh: '手机要求输入验证码' }
        : { en: 'The phone asks for a code', zh: '手机要求输入验证码' }
    case 'VerifyCodePromptWithdrawn':
      return { en: 'No code after all', zh: '无需验证码' }
    case 'VerifyCodeSubmitted':
      return { en: 'The code is being verified', zh: '正在验证' }
    case 'VerifyCodeRejected':
      return { en: `The code was wrong${quoted(event.upstreamMessage)}; ${left(event)}`, zh: '验证码错误' }
    case 'VerifyCodeUnanswered':
      return { en: `The code got no answer; ${left(event)}`, zh: '验证无响应' }
    case 'SliderRequired':
      return { en: 'A slider is to be solved', zh: '需要滑块验证' }
    case 'SliderReportedSolved':
      return { en: 'You reported the slider as solved', zh: '已完成滑块验证' }
    case 'MethodChanged': {
      const method = methodSaid(event.method)
      const why = `${event.reason ?? 'changed'}${quoted(event.upstreamMessage)}`
      return { en: `Going on with ${method.en} (${why})`, zh: `改用${method.zh}` }
    }
    case 'PollingDegraded':
      return { en: `The upstream does not answer well: ${event.message ?? ''}`, zh: '上游响应异常' }
    case 'PollingRecovered':
      return { en: 'The upstream answers again', zh: '上游已恢复' }
    case 'LoginEnded':
      return event.state === 'CONFIRMED'
        ? { en: 'Signed in', zh: '已登录' }
        : { en: `Ended: ${event.outcome?.reason ?? event.state}`, zh: '已结束' }
    default:
      return { en: event.__typename, zh: '' }
  }
}

function left({ attemptsLeft }: LoginEvent): string {
  return attemptsLeft === 1 ? '1 try left' : `${attemptsLeft ?? '?'} tries left`
}

function quoted(text: string | null | undefined): string {
  return text ? ` (“${text}”)` : ''
}

/** Why a device cannot be used yet, by how its registration stands. */
export function registrationSaid(state: string): string {
  return state === 'PENDING'
    ? 'The upstream has not answered the registration yet, and is still being asked. Try again in a moment.'
    : 'The upstream did not answer the registration: whether it knows the device is unknown. Run this again to ask once more.'
}

const WAYS: Readonly<Record<string, string>> = {
  SCAN_CANNOT_BE_RULED_OUT: 'Wait until this code has ended, or cancel with q.',
  WRONG_ACCOUNT_SIGNED_IN: 'Log that account out on its own phone first.',
  PROVINCE_REQUIRED: 'Name one with --province.',
}

/** A rule that forbids one way leaves another; null: none that this command could name. */
export function waySaid(advisory: string): string | null {
  return WAYS[advisory] ?? (advisory.startsWith('PUSH_') ? 'Use --strategy QR_CODE.' : null)
}

/** Both languages on one line. */
export function both({ en, zh }: Said): string {
  return zh === '' ? en : `${en} · ${zh}`
}
