// What the answers of the `open` dialect mean, in our words, without what must not travel. Pure and total over (status,
// bytes); the only error is ProviderError. Nobody is signed in here but by a non-empty `wcId`.

import type { CodeAnswer, PollAnswer, PushAnswer } from '../../login/observation.ts'
import type { Profile } from '../../login/vocabulary.ts'
import { type Envelope, readEnvelope, says, told, unreadable } from '../envelope.ts'
import type { IssuedQrCode } from '../port.ts'
import { avatarOf, profileOf } from '../profile.ts'
import { isDeclined, isOffline, kindOf, refusalOf, refusedPush } from '../refusal.ts'
import { type Conceal, linkOf, textOf } from '../text.ts'

/** S3: matched on 失效, since text and code are quoted in prose only. A text about the token or the device is about that. */
const isDead = (envelope: Envelope): boolean => says(envelope, /失效/u) && kindOf(envelope) === 'ERROR'

/** checkLoginShort (P 3.3). */
export const readPoll = (status: number, body: Uint8Array, hide: Conceal): PollAnswer => {
  const envelope = readEnvelope(status, body, hide)
  const profile = envelope.succeeded ? profileOf(envelope) : null
  if (profile !== null) return { kind: 'SIGNED_IN', profile }
  if (isDead(envelope)) return { kind: 'DEAD', ...told(envelope) }
  if (!envelope.succeeded) {
    if (isDeclined(envelope)) return { kind: 'DECLINED', ...told(envelope) }
    throw refusalOf(envelope)
  }
  const avatar = envelope.data === null ? null : avatarOf(envelope.data)
  if (avatar === null) return { kind: 'NOT_SCANNED' }
  return { kind: 'SCANNED', avatarUrl: linkOf(avatar), nickName: textOf(envelope.data?.nickName) }
}

/** checkLoginShort as the question who is signed in; null: nobody, or nobody yet. */
export const readProfile = (status: number, body: Uint8Array, hide: Conceal): Profile | null => {
  const envelope = readEnvelope(status, body, hide)
  if (envelope.succeeded) return profileOf(envelope)
  if (isDead(envelope)) return null
  throw refusalOf(envelope)
}

/** isOnline (P 3.2): only 已离线 is offline; 未知异常 and whatever else is no answer. */
export const readOnline = (status: number, body: Uint8Array, hide: Conceal): boolean => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) {
    if (isOffline(envelope)) return false
    throw refusalOf(envelope)
  }
  // P 2.1: the sister says it in `data`, under a success.
  const flag = envelope.data?.isOnline ?? true
  if (flag === false || flag === 'false') return false
  if (isOffline(envelope) || (flag !== true && flag !== 'true')) throw unreadable()
  return true
}

/** getLoginQrCode (S2). */
export const readQrCode = (status: number, body: Uint8Array, hide: Conceal): IssuedQrCode => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) throw refusalOf(envelope)
  const url = linkOf(envelope.data?.qrCodeUrl)
  if (url === null) throw unreadable()
  return { url, handle: null }
}

/** loginAgain (S0): whatever it says, it confirms nothing. */
export const readPush = (status: number, body: Uint8Array, hide: Conceal): PushAnswer => {
  const envelope = readEnvelope(status, body, hide)
  return envelope.succeeded ? { kind: 'ACCEPTED' } : refusedPush(envelope)
}

/** loginVerifyCode (P 3.2). */
export const readCode = (status: number, body: Uint8Array, hide: Conceal): CodeAnswer => {
  const envelope = readEnvelope(status, body, hide)
  if (envelope.succeeded) {
    const profile = profileOf(envelope)
    return profile === null ? { kind: 'UNPROVEN' } : { kind: 'SIGNED_IN', profile }
  }
  if (kindOf(envelope) !== 'ERROR') throw refusalOf(envelope)
  return { kind: 'REJECTED', ...told(envelope) }
}

/** POST /open/workstation (P 3.2). That the device exists already is what was wanted. */
export const readCreated = (status: number, body: Uint8Array, hide: Conceal): void => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded && !says(envelope, /已存在|重复/u)) throw refusalOf(envelope)
}
