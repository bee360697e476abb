// Opaque places in a list. A cursor says of which kind of list it is, so that one of another kind is refused instead
// of being read as something else.

import type { MomentCursor } from '../db/filters.ts'
import type { ChangeCursor } from '../db/history-store.ts'
import { RequestError } from '../errors.ts'
import type { Millis } from '../login/vocabulary.ts'

export type CursorKind = 'login' | 'device' | 'account' | 'sign-in'

const uuid = /^[0-9a-f-]{36}$/

export const momentCursor = (kind: CursorKind, cursor: MomentCursor): string =>
  encode(`${kind}:${cursor.at}:${cursor.id}`)

/** Throws RequestError BAD_USER_INPUT. */
export const parseMomentCursor = (kind: CursorKind, text: string): MomentCursor => {
  const [found, at = '', id = ''] = decode(text)
  if (found !== kind || !/^\d{1,14}$/.test(at) || !uuid.test(id)) throw malformed()
  return { at: Number(at), id }
}

export const eventCursor = (sequence: number): string => encode(`event:${sequence}`)

/** Throws RequestError BAD_USER_INPUT. */
export const parseEventCursor = (text: string): number => {
  const [found, sequence = ''] = decode(text)
  if (found !== 'event' || !/^\d{1,9}$/.test(sequence)) throw malformed()
  return Number(sequence)
}

/** What a wall has: everything that was told before `at`, of logins that started at `from` or later. */
export interface ActivityPlace {
  readonly at: Millis
  readonly from: Millis
}

export const activityCursor = ({ at, from }: ActivityPlace): string => encode(`activity:${at}:${from}`)

/** Throws RequestError BAD_USER_INPUT. */
export const parseActivityCursor = (text: string): ActivityPlace => {
  const [found, at = '', from = ''] = decode(text)
  if (found !== 'activity' || !/^\d{1,14}$/.test(at) || !/^\d{1,14}$/.test(from)) throw malformed()
  return { at: Number(at), from: Number(from) }
}

export type VersionKind = 'settings' | 'profile'

/** Versions are counted within one thing, which the cursor names: that of another would be read as a place in this one. */
export const versionCursor = (kind: VersionKind, thingId: string, number: number): string =>
  encode(`${kind}:${thingId}:${number}`)

/** Throws RequestError BAD_USER_INPUT. */
export const parseVersionCursor = (kind: VersionKind, thingId: string, text: string): number => {
  const [found, of, number = ''] = decode(text)
  if (found !== kind || of !== thingId || !/^\d{1,9}$/.test(number)) throw malformed()
  return Number(number)
}

export const changeCursor = ({ at, accountId, number }: ChangeCursor): string =>
  encode(`presence:${at}:${accountId}:${number}`)

/** `of`: the account whose changes are listed; null: everybody's. Throws RequestError BAD_USER_INPUT. */
export const parseChangeCursor = (text: string, of: string | null): ChangeCursor => {
  const [found, at = '', accountId = '', number = ''] = decode(text)
  if (found !== 'presence' || !/^\d{1,14}$/.test(at) || !uuid.test(accountId) || !/^\d{1,9}$/.test(number))
    throw malformed()
  if (of !== null && accountId !== of) throw malformed()
  return { at: Number(at), accountId, number: Number(number) }
}

const encode = (text: string): string => Buffer.from(text).toString('base64url')

const decode = (text: string): readonly string[] => {
  const plain = Buffer.from(text, 'base64url').toString('utf8')
  return text.length < 256 && encode(plain) === text ? plain.split(':') : []
}

const malformed = () => new RequestError('BAD_USER_INPUT', 'This cursor is none of this list.')
