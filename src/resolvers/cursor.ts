// Opaque places in a list. A cursor says of which kind of list it is, so that one of another kind is refused instead
// of being read as something else.

import type { MomentCursor } from '../db/filters.ts'
import { RequestError } from '../errors.ts'

export type CursorKind = 'login' | 'device' | 'account'

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

const encode = (text: string): string => Buffer.from(text).toString('base64url')

const decode = (text: string): readonly string[] => {
  const plain = Buffer.from(text, 'base64url').toString('utf8')
  return text.length < 256 && encode(plain) === text ? plain.split(':') : []
}

const malformed = () => new RequestError('BAD_USER_INPUT', 'This cursor is none of this list.')
