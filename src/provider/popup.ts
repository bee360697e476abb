// Why an account is offline, by the words of the popup that its phone shows (P 3.4): the messenger's own, so alike in every
// dialect. Pure and total over hostile texts: whatever is none of the nine keeps its words, and nothing here throws.

import type { PresenceReason } from '../login/presence.ts'
import { type Conceal, textOf } from './text.ts'

export interface Popup {
  readonly reason: PresenceReason
  /** Word for word; null: there was none. */
  readonly words: string | null
}

/** P 3.4, 1 to 8. Where somebody signed in comes first: that device may be called anything, another popup's words included. */
const texts: readonly (readonly [RegExp, PresenceReason])[] = [
  [/设备上登录/u, 'SIGNED_IN_ELSEWHERE'],
  [/为了[你您]的[账帐]号安全/u, 'SECURITY_CHECK'],
  [/设备环境异常/u, 'ENVIRONMENT_CHECK'],
  [/设备网络异常/u, 'NETWORK_CHECK'],
  [/[你您]已退出微信/u, 'LOGGED_OUT_ON_PHONE'],
  [/修改(?:微信|登录)?密码/u, 'PASSWORD_CHANGED'],
  [/修改(?:微信)?支付密码/u, 'PAYMENT_PASSWORD_CHANGED'],
  [/修改(?:微信)?活体信息/u, 'FACE_DATA_CHANGED'],
]

/** Characters that are looked at: more than any envelope of theirs by far. */
const longestLook = 20_000
const longestWords = 300

/** `told`: the words themselves, or the messenger's XML around them, or JSON around that (P 2.6). Null and blank: there was none. */
export const readPopup = (told: string | null, hide: Conceal = text => text): Popup => {
  const given = textOf(told, longestLook)
  const inner = given === null ? null : textOf(unwrapped(given), longestLook)
  // P 3.4, 9: the page spells it out.
  if (inner === null || inner === 'null') return { reason: 'NO_POPUP', words: null }
  const reason = texts.find(([pattern]) => pattern.test(inner))?.[1] ?? 'OTHER'
  return { reason, words: textOf(hide(inner), longestWords) }
}

/** As it is, where nothing is found in it. */
const unwrapped = (text: string): string => {
  const parts = textsIn(text)
  for (const part of parts) {
    const content = contentIn(part)
    if (content !== null) return content
  }
  return parts[0] ?? contentIn(text) ?? text
}

/** What stands between `<Content>` and its end, found without going back: such a text comes from a stranger. Null: none. */
const contentIn = (text: string): string | null => {
  const opens = /<content>/iu.exec(text)
  if (opens === null) return null
  const rest = text.slice(opens.index + opens[0].length)
  const begins = rest.trimStart()
  if (/^<!\[CDATA\[/iu.test(begins)) {
    const inside = begins.slice('<![CDATA['.length)
    const end = inside.indexOf(']]>')
    return end === -1 ? null : inside.slice(0, end)
  }
  const end = rest.indexOf('<')
  return end === -1 ? null : rest.slice(0, end)
}

/** Of JSON text: what it is itself, or its `errMsg` and `string` say, then all others; without such, those that are XML. None where it is no JSON. */
const textsIn = (text: string): readonly string[] => {
  const named: string[] = []
  const others: string[] = []
  const parts: { readonly value: unknown; readonly isNamed: boolean }[] = [
    { value: parsed(text), isNamed: true },
  ]
  // It grows while it is walked: a stranger may have nested as many levels as there are characters.
  for (const { value, isNamed } of parts) {
    const inner = typeof value === 'string' ? parsed(value) : value
    if (typeof inner === 'object' && inner !== null)
      for (const [key, each] of Object.entries(inner))
        parts.push({ value: each, isNamed: /^(?:errMsg|string)$/iu.test(key) })
    else if (typeof value === 'string')
      (isNamed ? named : others).push(typeof inner === 'string' ? inner : value)
  }
  return named.length > 0 ? [...named, ...others] : others.filter(other => contentIn(other) !== null)
}

/** Undefined: it is no JSON. */
const parsed = (text: string): unknown => {
  if (!/^[{["]/u.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
