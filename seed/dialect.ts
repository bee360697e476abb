// What the machine must know of the two dialects to be played to: their capabilities, which a test holds against the adapters,
// and the words that such an upstream says. No calls.

import { type Capabilities, type Deadlines, deadlinesFor } from '../src/login/terms.ts'
import type { FailureKind } from '../src/login/vocabulary.ts'

export type DialectName = 'open' | 'ipad'

export interface Dialect {
  readonly name: DialectName
  readonly capabilities: Capabilities
  readonly deadlines: Deadlines
}

/** A configured upstream, by its name. */
export interface ProviderName {
  readonly name: string
  readonly dialect: DialectName
}

const open: Capabilities = {
  announcesScan: true,
  announcesCode: false,
  sliders: false,
  push: true,
  provinceRequired: true,
  qrCodeDies: 'BY_CLOCK',
  poll: 'RETURNS',
  pushAnsweredBy: 'POLL',
  pushOnFirstDay: true,
  recyclesDevices: true,
}

const ipad: Capabilities = {
  announcesScan: false,
  announcesCode: true,
  sliders: true,
  push: true,
  provinceRequired: true,
  qrCodeDies: 'BY_WORD',
  poll: 'HANGS',
  pushAnsweredBy: 'CALL',
  pushOnFirstDay: false,
  recyclesDevices: false,
}

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  open: { name: 'open', capabilities: open, deadlines: deadlinesFor(open) },
  ipad: { name: 'ipad', capabilities: ipad, deadlines: deadlinesFor(ipad) },
}

/** Code and text of an upstream's refusal; none where it could not be asked or read. */
export const refusals: Readonly<Record<FailureKind, readonly [string | null, string | null]>> = {
  UNREACHABLE: [null, null],
  TIMEOUT: [null, null],
  UNREADABLE: [null, null],
  UNAUTHORIZED: ['1002', 'Authorization无效，请重新登录'],
  DEVICE_UNKNOWN: ['1001', '设备不存在'],
  RESET_REQUIRED: ['1001', '设备已被回收，请重置设备'],
  PROXY_FAILED: ['1001', '代理连接失败，网络链接异常'],
  ERROR: ['1001', '系统失败,请重试'],
}

export const said = {
  pushRefused: '二次登录失败，请重新扫码登录',
  pushLapsed: '二次登录超时，请重新扫码登录',
  declined: '用户取消登录',
  expired: '二维码已过期',
  codeAsked: '请在iPad上输入验证码',
  wrongCode: '验证码错误',
} as const
