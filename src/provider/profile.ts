// Who an answer says is signed in: nobody but by a non-empty `wcId` (what must always hold, 6). Pure; either dialect
// spells a profile alike.

import type { Profile } from '../login/vocabulary.ts'
import { type Envelope, type Fields, unreadable } from './envelope.ts'
import { linkOf, textOf } from './text.ts'

const longestId = 128

/** Null: none. One of another type than text, or that nothing can have, proves nothing and is no emptiness either: it throws. */
export const idOf = (value: unknown): string | null => {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw unreadable()
  const id = value.trim()
  if (id === '') return null
  if (id.length > longestId || textOf(id) !== id) throw unreadable()
  return id
}

/** Null: nobody. */
export const profileOf = (envelope: Envelope): Profile | null => {
  if (envelope.strange) throw unreadable()
  const { data } = envelope
  if (data === null) return null
  const wcId = idOf(data.wcId)
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
export const avatarOf = (data: Fields): string | null => {
  for (const value of [data.smallHeadImgUrl, data.smallHeadImageUrl])
    if (typeof value === 'string' && value.trim() !== '') return value.trim()
  return null
}

const sexOf = (value: unknown): number | null => {
  const sex = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof sex === 'number' && Number.isInteger(sex) && sex >= 0 && sex <= 9 ? sex : null
}
