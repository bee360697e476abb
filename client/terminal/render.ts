// What stands at the bottom of the terminal while a login runs: code, what to do, countdown, keys. Pure: view in, lines out.
// Refuses to know escape sequences; a tone says what a line is, the screen says how that looks.

import type { LoginEvent } from './answers.ts'
import { clockFace, secondsLeft } from './countdown.ts'
import { type Offer, offered, phoneOffered } from './keys.ts'
import { plain, widthOf } from './plain.ts'
import { drawQr } from './qr.ts'
import type { View } from './view.ts'
import { both, eventSaid, nextStepSaid } from './words.ts'

export interface Line {
  readonly text: string
  readonly tone: 'plain' | 'code' | 'strong' | 'faint' | 'good' | 'bad'
}

export interface Room {
  readonly columns: number
  readonly rows: number
}

/** `local` is the monotonic reading that the view's anchor was taken with. */
export function render(view: View, room: Room, local: number): readonly Line[] {
  const below = [...todo(view, local), ...slider(view, room.columns), ...typing(view), ...troubles(view)]
  const controls = [...phone(view, room), ...keys(offered(view), room)]
  const airy = [blank, ...below, blank, ...controls]
  const above = code(view, room.columns)
  if (above.length + airy.length < room.rows) return [...above, ...airy]
  const dense = [...below, ...controls]
  const close = above.slice(1)
  if (close.length + dense.length < room.rows) return [...close, ...dense]
  return [...tooSmall(view, room, close.length + dense.length + 1), ...dense]
}

/** An event as it stays on the screen: when, what, in both languages. */
export function eventLine(event: LoginEvent): Line {
  const tone = event.__typename !== 'LoginEnded' ? 'plain' : event.state === 'CONFIRMED' ? 'good' : 'bad'
  return { text: `${localTime(event.at)}  ${plain(both(eventSaid(event)))}`, tone }
}

const blank: Line = { text: '', tone: 'plain' }

/** The QR code; where it cannot be drawn, its link. */
function code({ login: { qrCode } }: View, columns: number): readonly Line[] {
  if (qrCode === null) return []
  const drawn = qrCode.content === null ? null : drawQr(qrCode.content)
  if (drawn !== null && widthOf(drawn[0] ?? '') + 2 < columns)
    return [blank, ...drawn.map((text): Line => ({ text: `  ${text}`, tone: 'code' }))]
  if (qrCode.url === null)
    return [blank, { text: 'The QR code cannot be shown here · 无法显示二维码', tone: 'strong' }]
  const why = 'Open this link and scan what it shows · 请打开链接并扫码'
  return [blank, { text: why, tone: 'strong' }, ...wrapped(plain(qrCode.url), columns)]
}

/** Instead of a code that would scroll away. */
function tooSmall({ login: { qrCode } }: View, room: Room, rows: number): readonly Line[] {
  if (qrCode === null) return []
  const why = `Make this window ${rows} rows high to see the QR code, or open its link · 请放大窗口`
  return [
    { text: why, tone: 'strong' },
    ...(qrCode.url === null ? [] : wrapped(plain(qrCode.url), room.columns)),
  ]
}

function todo({ login, anchor }: View, local: number): readonly Line[] {
  const next = nextStepSaid(login.nextStep)
  const seconds = secondsLeft(login.deadlineAt, anchor, local)
  const countdown = seconds === null ? '' : `${clockFace(seconds)} left   `
  return next === null ? [] : [{ text: `${countdown}${both(next)}`, tone: 'strong' }]
}

function slider({ login: { challenge } }: View, columns: number): readonly Line[] {
  if (challenge?.__typename !== 'SliderChallenge' || challenge.url === null) return []
  return wrapped(plain(challenge.url), columns)
}

function typing({ typed, login: { challenge } }: View): readonly Line[] {
  if (typed === null) return []
  const tries =
    challenge?.__typename === 'VerifyCodeChallenge' ? `   tries left: ${challenge.attemptsLeft}` : ''
  return [{ text: `  Code · 验证码: ${typed}▁   Enter sends it, Esc puts it away${tries}`, tone: 'strong' }]
}

function troubles({ login, lost, note }: View): readonly Line[] {
  const lines: Line[] = []
  if (lost !== null)
    lines.push({ text: `waiting for the gateway… (${plain(lost)}) · 正在重新连接`, tone: 'bad' })
  if (login.polling.state === 'DEGRADED')
    lines.push({ text: 'The upstream does not answer well; trying on · 上游响应异常，正在重试', tone: 'bad' })
  // While a code is awaited, nothing is asked either; but the person has said already what the phone wants.
  if (login.polling.state === 'PAUSED' && login.challenge === null)
    lines.push({
      text: 'Not asking the upstream until you say whether the phone wants a code · 等待您确认',
      tone: 'faint',
    })
  if (note !== null) lines.push({ text: plain(note), tone: 'bad' })
  return lines
}

/** One line where it fits, so that a code and the keys share a small window. */
function phone(view: View, room: Room): readonly Line[] {
  if (view.phone === null) return []
  const { page, screen } = view.phone
  const says = screen === null || screen.says === '' ? '—' : plain(screen.says)
  const shown = `Simulated phone: ${says}${screen?.code ? `  ${plain(screen.code)}` : ''}`
  const [first, ...more] = keys(phoneOffered(view), room)
  if (first === undefined) return [{ text: `${shown}   ${plain(page)}`, tone: 'faint' }]
  if (more.length === 0 && widthOf(shown) + widthOf(first.text) + 4 < room.columns)
    return [{ text: `${shown}   ${first.text}`, tone: 'faint' }]
  return [{ text: shown, tone: 'faint' }, first, ...more]
}

/** As many offers on a line as fit. */
function keys(offers: readonly Offer[], { columns }: Room): readonly Line[] {
  const lines: string[] = []
  for (const { key, says } of offers) {
    const offer = `[${key}] ${says}`
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + widthOf(offer) + 3 < columns)
      lines[lines.length - 1] = `${last}   ${offer}`
    else lines.push(offer)
  }
  return lines.map(text => ({ text, tone: 'faint' }))
}

/** A link must stay whole: cut into rows, never shortened. */
function wrapped(text: string, columns: number): readonly Line[] {
  const lines: Line[] = []
  const step = Math.max(20, columns - 1)
  for (let at = 0; at < text.length; at += step)
    lines.push({ text: text.slice(at, at + step), tone: 'plain' })
  return lines
}

function localTime(at: string): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? plain(at) : date.toTimeString().slice(0, 8)
}
