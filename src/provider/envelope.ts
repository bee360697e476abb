// The `{code, message, data}` that every answer of either dialect comes in, in all the shapes that the vendor's pages
// and clients show (P 1). Pure and total: what cannot be read is a ProviderError.

import { ProviderError } from './port.ts'
import { type Conceal, spoken, textOf } from './text.ts'

export type Fields = Readonly<Record<string, unknown>>

export interface Envelope {
  /** A code of 1000 around no other one. */
  readonly succeeded: boolean
  /** Like `message` without what must not travel. */
  readonly code: string
  readonly message: string | null
  /** The fields of `data`; null: it was null, absent, a blank text (P 1) or an empty list, or `strange`. */
  readonly data: Fields | null
  /** `data`, where it was a list; null: it was none. */
  readonly list: readonly unknown[] | null
  /** `data` was a list of something, a bare text or a number: no emptiness, and nothing to find fields in. */
  readonly strange: boolean
}

const success = '1000'
const longestCode = 40

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** P 1: text in every example, a number in old tables. */
const codeOf = (value: unknown): string | null =>
  typeof value === 'number' && Number.isFinite(value) ? String(value) : textOf(value)

const spokenIn = (fields: Fields, hide: Conceal): string | null =>
  spoken(fields.message, hide) ?? spoken(fields.msg, hide)

/** Nobody can say what a call did whose answer was none. */
export const unreadable = (status = 200): ProviderError =>
  new ProviderError({
    // Behind a gateway, 502 to 504 are somebody else’s page saying that the upstream is not there.
    kind: status >= 502 && status <= 504 ? 'UNREACHABLE' : 'UNREADABLE',
    sent: true,
    answered: false,
    httpStatus: status,
  })

const utf8 = new TextDecoder('utf-8', { fatal: true })

const parse = (status: number, body: Uint8Array): unknown => {
  try {
    return JSON.parse(utf8.decode(body))
  } catch {
    throw unreadable(status)
  }
}

const isBlank = (value: unknown): boolean =>
  // PHP writes an empty object as a list.
  value == null ||
  (typeof value === 'string' && value.trim() === '') ||
  (Array.isArray(value) && value.length === 0)

/**
 * Throws UNAUTHORIZED for 401 and 403; UNREACHABLE or UNREADABLE for what is no envelope, and for a success under a status
 * that denies it. Other statuses mean nothing (P 1: failures come with 200): a refusal under 500 is read like any.
 */
export const readEnvelope = (status: number, body: Uint8Array, hide: Conceal): Envelope => {
  if (status === 401 || status === 403)
    throw new ProviderError({ kind: 'UNAUTHORIZED', sent: true, answered: true, httpStatus: status })
  const json = parse(status, body)
  if (!isObject(json)) throw unreadable(status)
  let fields = json
  let code = codeOf(fields.code)
  if (code === null || (code === success && status >= 300)) throw unreadable(status)
  let message = spokenIn(fields, hide)
  // P 1: an error wrapped in success; a success may be as well.
  while (code === success && isObject(fields.data)) {
    const inner: Fields = fields.data
    const nested = codeOf(inner.code)
    if (nested === null) break
    if (nested !== success) {
      code = nested
      message = spokenIn(inner, hide)
      fields = {}
    } else if (isBlank(inner.data)) break
    else {
      message = spokenIn(inner, hide) ?? message
      fields = inner
    }
  }
  const { data } = fields
  return {
    succeeded: code === success,
    code: hide(code).slice(0, longestCode),
    message,
    data: isObject(data) ? data : null,
    list: Array.isArray(data) ? data : null,
    strange: !isObject(data) && !isBlank(data),
  }
}

export const says = ({ message }: Envelope, words: RegExp): boolean => message !== null && words.test(message)

/** What it said, for an answer that keeps it. */
export const told = ({ code, message }: Envelope) => ({ upstreamCode: code, upstreamMessage: message })
