// Which key does what, and which ones are offered now: only what `allowedActions` and the simulated phone permit.
// Pure. Refuses to know the keyboard and what becomes of a choice.

import type { Action } from './gateway.ts'
import type { View } from './view.ts'

export type Deed = 'scan' | 'confirm' | 'decline' | 'askForCode' | 'askForNewDevice' | 'solveSlider'

export type Choice =
  | { readonly kind: 'act'; readonly action: Action }
  | { readonly kind: 'phone'; readonly deed: Deed }
  /** The code as it is typed; null: put the line away. */
  | { readonly kind: 'type'; readonly typed: string | null }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'quit' }

export interface Offer {
  readonly key: string
  readonly says: string
  readonly choice: Choice
}

const ACTION_KEYS: readonly { readonly key: string; readonly says: string; readonly action: Action }[] = [
  { key: 'c', says: 'phone asks for a code · 要验证码', action: 'REPORT_CODE_PROMPT' },
  { key: 'w', says: 'no code after all · 无验证码', action: 'WITHDRAW_CODE_PROMPT' },
  {
    key: 'n',
    says: 'phone says new device · 新设备验证',
    action: 'REPORT_NEW_DEVICE_PROMPT',
  },
  { key: 's', says: 'slider solved · 滑块已完成', action: 'REPORT_SLIDER_SOLVED' },
  { key: 'r', says: 'new QR code · 换二维码', action: 'REFRESH_QR_CODE' },
]

const PHONE_KEYS: readonly { readonly key: string; readonly says: string; readonly deed: Deed }[] = [
  { key: '1', says: 'scan', deed: 'scan' },
  { key: '2', says: 'confirm', deed: 'confirm' },
  { key: '3', says: 'decline', deed: 'decline' },
  { key: '4', says: 'show a code page', deed: 'askForCode' },
  { key: '5', says: 'ask for a new device', deed: 'askForNewDevice' },
  { key: '6', says: 'slide', deed: 'solveSlider' },
]

/** The keys of the login, in the order in which they are shown. */
export function offered({ login, typed }: View): readonly Offer[] {
  const allowed = new Set(login.allowedActions)
  const offers: Offer[] = []
  if (typed === null && allowed.has('SUBMIT_CODE'))
    offers.push({ key: 'c', says: 'type the code · 输入验证码', choice: { kind: 'type', typed: '' } })
  for (const { key, says, action } of ACTION_KEYS)
    if (allowed.has(action) && !(key === 'c' && (typed !== null || offers.length > 0)))
      offers.push({ key, says, choice: { kind: 'act', action } })
  offers.push({ key: 'q', says: 'cancel · 取消', choice: { kind: 'quit' } })
  return offers
}

/** The keys of the simulated phone; none while a code is being typed, whose digits they are. */
export function phoneOffered({ phone, typed }: View): readonly Offer[] {
  const can = new Set(phone?.screen?.can)
  if (typed !== null) return []
  return PHONE_KEYS.filter(({ deed }) => can.has(deed)).map(({ key, says, deed }) => ({
    key,
    says,
    choice: { kind: 'phone', deed },
  }))
}

/** What a key on a terminal means now; null: nothing. */
export function pressed(view: View, key: string): Choice | null {
  if (key === '\u0003') return { kind: 'quit' }
  const { typed } = view
  if (typed !== null) {
    if (/^\d$/.test(key)) return { kind: 'type', typed: `${typed}${key}`.slice(0, 8) }
    if (key === '\r' || key === '\n') return typed === '' ? null : { kind: 'code', code: typed }
    if (key === '\u007f' || key === '\b') return { kind: 'type', typed: typed.slice(0, -1) }
    if (key === '\u001b') return { kind: 'type', typed: null }
  }
  return find(view, key.toLowerCase())
}

/** What a line means where there is no terminal: a key, or a code of 4 to 8 digits. Null: nothing. */
export function entered(view: View, line: string): Choice | null {
  const word = line.trim().toLowerCase()
  if (/^\d{4,8}$/.test(word))
    return view.login.allowedActions.includes('SUBMIT_CODE') ? { kind: 'code', code: word } : null
  return find({ ...view, typed: null }, word)
}

function find(view: View, key: string): Choice | null {
  return [...offered(view), ...phoneOffered(view)].find(offer => offer.key === key)?.choice ?? null
}
