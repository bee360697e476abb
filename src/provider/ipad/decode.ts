// What the answers of the `ipad` dialect mean, in our words, without what must not travel. Pure and total over (status,
// bytes, how long the call hung); the only error is ProviderError. Nobody is signed in here but by a non-empty `wcId`.

import type { CodeAnswer, PollAnswer, PushAnswer } from '../../login/observation.ts'
import { type Envelope, readEnvelope, says, told, unreadable } from '../envelope.ts'
import type { IssuedQrCode } from '../port.ts'
import { idOf, profileOf } from '../profile.ts'
import { isDeclined, kindOf, refusalOf, refusedPush } from '../refusal.ts'
import { type Conceal, linkOf } from '../text.ts'

/** A poll without a scan hung for 150 s in old documents and does for 250 s now (P 2.2): a refusal so late is a dead code. */
const unscannedFor = 140_000

/** S4:18, P 2.2: 请在iPad上输入验证码, in any spelling of what stands before it. */
const asksForCode = /上输入验证码/u
/** About the code itself, whatever it says of it. */
const namesCode = /验证码/u
/** P 2.2: 二维码已过期 was observed; the others are guesses (P 6.5). */
const dead = /二维码[^，。,.]*过期|失效/u

/** A text about the token, the proxy or the verify code is about that. */
const isDead = (envelope: Envelope): boolean =>
  says(envelope, dead) && !says(envelope, namesCode) && kindOf(envelope) === 'ERROR'

/** S4:49: under a success, and alone. Null: none. One that leads nowhere on the web is nothing to show, and no silence. */
const sliderIn = ({ data }: Envelope): string | null => {
  const url = data?.url
  if (url === undefined || url === null || url === '') return null
  const link = linkOf(url)
  if (link === null) throw unreadable()
  return link
}

/** getIPadLoginInfo (P 2.2). */
export const readPoll = (status: number, body: Uint8Array, hide: Conceal, took: number): PollAnswer => {
  const envelope = readEnvelope(status, body, hide)
  if (envelope.succeeded) {
    const profile = profileOf(envelope)
    if (profile !== null) return { kind: 'SIGNED_IN', profile }
    const url = sliderIn(envelope)
    if (url !== null) return { kind: 'SLIDER', url }
  }
  if (says(envelope, asksForCode)) return { kind: 'CODE_ASKED', upstreamMessage: envelope.message }
  if (isDead(envelope)) return { kind: 'DEAD', ...told(envelope) }
  if (envelope.succeeded) return { kind: 'NOT_SCANNED' }
  if (isDeclined(envelope)) return { kind: 'DECLINED', ...told(envelope) }
  if (kindOf(envelope) !== 'ERROR') throw refusalOf(envelope)
  return { kind: took >= unscannedFor ? 'DEAD' : 'UNCLEAR', ...told(envelope) }
}

/** getIPadLoginInfo with a verify code (S4:18). What a wrong one is answered with, nobody has written down (P 6.5). */
export const readCode = (status: number, body: Uint8Array, hide: Conceal, took: number): CodeAnswer => {
  const envelope = readEnvelope(status, body, hide)
  if (envelope.succeeded) {
    const profile = profileOf(envelope)
    if (profile !== null) return { kind: 'SIGNED_IN', profile }
    const url = sliderIn(envelope)
    if (url !== null) return { kind: 'SLIDER', url }
  }
  if (says(envelope, asksForCode)) return { kind: 'REJECTED', ...told(envelope) }
  if (isDead(envelope)) return { kind: 'DEAD', ...told(envelope) }
  if (envelope.succeeded) return { kind: 'UNPROVEN' }
  if (kindOf(envelope) !== 'ERROR') throw refusalOf(envelope)
  const isLate = took >= unscannedFor && !says(envelope, namesCode)
  return { kind: isLate ? 'DEAD' : 'REJECTED', ...told(envelope) }
}

/** iPadLogin and localIPadLogin (P 2.1): the link, and the wId by which this attempt is polled. Without either it is no use. */
export const readQrCode = (status: number, body: Uint8Array, hide: Conceal): IssuedQrCode => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) throw refusalOf(envelope)
  const url = linkOf(envelope.data?.qrCodeUrl)
  const handle = idOf(envelope.data?.wId)
  if (url === null || handle === null) throw unreadable()
  return { url, handle }
}

/** secondLogin (S1, P 2.3): signed in by a wcId in its own answer; any other success proves nothing. */
export const readPush = (status: number, body: Uint8Array, hide: Conceal): PushAnswer => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) return refusedPush(envelope)
  const profile = profileOf(envelope)
  return profile === null ? { kind: 'ACCEPTED' } : { kind: 'SIGNED_IN', profile }
}
