// The `{code, message, data}` that every answer of the `open` dialect comes in, in all the shapes that the vendor's pages
// and clients show (P 1). Pure and total: what cannot be read is a ProviderError.

import type { FailureKind } from '../../login/event.ts'
import { ProviderError } from '../port.ts'
import { spoken, textOf } from './text.ts'

export type Fields = Readonly<Record<string, unknown>>

export interface Envelope {
  /** A code of 1000 around no other one. */
  readonly succeeded: boolean
  readonly code: string
  readonly message: string | null
  /** The fields of `data`; null: it was null, absent, or a blank string (P 1), or `strange`. */
  readonly data: Fields | null
  /** `data` was a list, a bare text or a number: no emptiness, and nothing to find fields in. */
  readonly strange: boolean
}

const success = '1000'
const longestCode = 40

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** P 1: text in every example, a number in old tables. */
const codeOf = (value: unknown): string | null =>
  typeof value === 'number' && Number.isFinite(value) ? String(value) : textOf(value, longestCode)

/** Nobody can say what a call did whose answer was none. */
export const unreadable = (status = 200): ProviderError =>
  new ProviderError({
    // Behind a gateway, 502 to 504 are somebody else’s page saying that the upstream is not there.
    kind: status >= 502 && status <= 504 ? 'UNREACHABLE' : 'UNREADABLE',
    sent: true,
    answered: false,
  })

const utf8 = new TextDecoder('utf-8', { fatal: true })

const parse = (status: number, body: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8.decode(body))
  } catch {
    throw unreadable(status)
  }
}

/**
 * Throws UNAUTHORIZED for 401 and 403; UNREACHABLE or UNREADABLE for what is no envelope, and for a success under a status
 * that denies it. Other statuses mean nothing (P 1: failures come with 200): a refusal under 500 is read like any.
 */
export const readEnvelope = (status: number, body: Uint8Array): Envelope => {
  if (status === 401 || status === 403)
    throw new ProviderError({ kind: 'UNAUTHORIZED', sent: true, answered: true })
  const json = parse(status, body)
  if (!isObject(json)) throw unreadable(status)
  const code = codeOf(json.code)
  if (code === null || (code === success && status >= 300)) throw unreadable(status)
  const message = spoken(json.message) ?? spoken(json.msg)
  if (!isObject(json.data)) {
    const isBlank = typeof json.data === 'string' ? json.data.trim() === '' : json.data == null
    return { succeeded: code === success, code, message, data: null, strange: !isBlank }
  }
  const nested = codeOf(json.data.code)
  // P 1: an error wrapped in success.
  if (code === success && nested !== null && nested !== success) {
    const inner = spoken(json.data.message) ?? spoken(json.data.msg)
    return { succeeded: false, code: nested, message: inner, data: null, strange: false }
  }
  return { succeeded: code === success, code, message, data: json.data, strange: false }
}

/**
 * What a refusal is about, by its words: none of these texts is documented for this dialect (P 6), so they are matched by
 * what such texts say elsewhere. Whatever is none of them is an ERROR.
 */
const kinds: readonly (readonly [FailureKind, RegExp])[] = [
  ['UNAUTHORIZED', /authorization|token|未授权|认证失败|鉴权/iu],
  ['DEVICE_UNKNOWN', /设备(标识)?不存在|未找到设备/u],
  ['RESET_REQUIRED', /重置|回收/u],
  // Not the one that lists a proxy among the things that are missing (S2:31).
  ['PROXY_FAILED', /^(?!.*(ttuid|省份)).*代理|网络[链连]接异常/isu],
]

export const kindOf = ({ message }: Envelope): FailureKind =>
  kinds.find(([, words]) => message !== null && words.test(message))?.[0] ?? 'ERROR'

export const refusalOf = (envelope: Envelope): ProviderError =>
  new ProviderError({
    kind: kindOf(envelope),
    sent: true,
    answered: true,
    upstreamCode: envelope.code,
    upstreamMessage: envelope.message,
  })
