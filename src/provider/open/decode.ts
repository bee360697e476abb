// What the answers of the `open` dialect mean, in our words, without what must not travel. Pure and total over (status,
// bytes); the only error is ProviderError. Nobody is signed in here but by a non-empty `wcId`.

import type { CodeAnswer, PollAnswer, PushAnswer } from '../../login/observation.ts'
import type { Profile } from '../../login/vocabulary.ts'
import type { IssuedQrCode } from '../port.ts'
import { type Envelope, type Fields, kindOf, readEnvelope, refusalOf, unreadable } from './envelope.ts'
import { type Conceal, linkOf, textOf } from './text.ts'

const longestId = 128

/** Null: nobody. A wcId of another type than text, or that no account can have, proves nothing and is no emptiness either. */
const wcIdOf = (value: unknown): string | null => {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw unreadable()
  const wcId = value.trim()
  if (wcId === '') return null
  if (wcId.length > longestId || textOf(wcId) !== wcId) throw unreadable()
  return wcId
}

/** Null: nobody. */
const profileOf = (envelope: Envelope): Profile | null => {
  if (envelope.strange) throw unreadable()
  const { data } = envelope
  if (data === null) return null
  const wcId = wcIdOf(data.wcId)
  if (wcId === null) return null
  return {
    wcId,
    wAccount: textOf(data.wAccount),
    nickName: textOf(data.nickName),
    avatarUrl: linkOf(avatarOf(data)) ?? linkOf(data.headUrl),
    country: textOf(data.country),
    city: textOf(data.city),
    signature: textOf(data.signature),
    sex: sexOf(data.sex),
    mobilePhone: textOf(data.mobilePhone),
    instanceId: textOf(data.wId, longestId),
  }
}

/** P 3.3: the pages say smallHeadImgUrl, a client reads smallHeadImageUrl. Null: neither, or blank. */
const avatarOf = (data: Fields): string | null => {
  for (const value of [data.smallHeadImgUrl, data.smallHeadImageUrl])
    if (typeof value === 'string' && value.trim() !== '') return value.trim()
  return null
}

const sexOf = (value: unknown): number | null => {
  const sex = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof sex === 'number' && Number.isInteger(sex) && sex >= 0 && sex <= 9 ? sex : null
}

const says = ({ message }: Envelope, words: RegExp): boolean => message !== null && words.test(message)

const told = ({ code, message }: Envelope) => ({ upstreamCode: code, upstreamMessage: message })

/** S3: matched on 失效, since text and code are quoted in prose only. A text about the token or the device is about that. */
const isDead = (envelope: Envelope): boolean => says(envelope, /失效/u) && kindOf(envelope) === 'ERROR'
/** A guess (P 6): nobody has written down how a decline reads. What S0:7 calls 拒绝 is the upstream's doing, and no person's. */
const declined = /取消|(用户|手机|对方|您|你).*(?<!被)拒绝/u
/** S0:18 失效; the others are guesses. */
const pushLapsed = /超时|过期|失效/u

/** checkLoginShort (P 3.3). */
export const readPoll = (status: number, body: Uint8Array, hide: Conceal): PollAnswer => {
  const envelope = readEnvelope(status, body, hide)
  const profile = envelope.succeeded ? profileOf(envelope) : null
  if (profile !== null) return { kind: 'SIGNED_IN', profile }
  if (isDead(envelope)) return { kind: 'DEAD', ...told(envelope) }
  if (!envelope.succeeded) {
    if (says(envelope, declined) && kindOf(envelope) === 'ERROR')
      return { kind: 'DECLINED', ...told(envelope) }
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
  // P 2.1: a relative says it in `data`, under a success.
  if (envelope.succeeded) return envelope.data?.isOnline !== false
  if (says(envelope, /已离线/u)) return false
  throw refusalOf(envelope)
}

/** getLoginQrCode (S2). */
export const readQrCode = (status: number, body: Uint8Array, hide: Conceal): IssuedQrCode => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) throw refusalOf(envelope)
  const url = linkOf(envelope.data?.qrCodeUrl)
  if (url === null) throw unreadable()
  return { url }
}

/** loginAgain (S0): whatever it says, it confirms nothing. */
export const readPush = (status: number, body: Uint8Array, hide: Conceal): PushAnswer => {
  const envelope = readEnvelope(status, body, hide)
  if (envelope.succeeded) return { kind: 'ACCEPTED' }
  if (kindOf(envelope) !== 'ERROR') throw refusalOf(envelope)
  if (says(envelope, declined)) return { kind: 'DECLINED', ...told(envelope) }
  if (says(envelope, pushLapsed)) return { kind: 'LAPSED', ...told(envelope) }
  return { kind: 'REFUSED', ...told(envelope) }
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
