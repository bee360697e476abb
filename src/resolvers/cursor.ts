// Opaque places in a list. A cursor says of which list it is, and carries the mark of how that was asked for: one of
// another list, order, filter or thing is refused instead of being read as something else.

import { createHash } from 'node:crypto'
import type { MomentCursor } from '../db/filters.ts'
import type { ChangeCursor } from '../db/history-store.ts'
import { RequestError } from '../errors.ts'
import type { Millis } from '../login/vocabulary.ts'

export type CursorKind = 'login' | 'device' | 'account' | 'sign-in'

/** Where a cursor was given: the argument's name. */
export type Given = 'after' | 'before'

const uuid = /^[0-9a-f-]{36}$/

/** Of everything by which two askings of one list differ: filters in any order of their names and values are the same. */
export const markOf = (...asked: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(asked, sorted)).digest('base64url').slice(0, 8)

const sorted = (_: string, value: unknown): unknown => {
  if (Array.isArray(value)) return [...new Set(value)]
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, one]) => [name, Array.isArray(one) ? one.toSorted() : one] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
}

export const momentCursor = (kind: CursorKind, mark: string, cursor: MomentCursor): string =>
  encode(`${kind}:${mark}:${cursor.at}:${cursor.id}`)

/** Throws RequestError BAD_USER_INPUT. */
export const parseMomentCursor = (
  kind: CursorKind,
  mark: string,
  text: string,
  given: Given = 'after',
): MomentCursor => {
  const [found, of, at = '', id = ''] = decode(text)
  if (found !== kind || !/^\d{1,14}$/.test(at) || !uuid.test(id)) throw malformed(given)
  if (of !== mark) throw ofAnother(given)
  return { at: Number(at), id }
}

export const eventCursor = (loginId: string, sequence: number): string =>
  encode(`event:${endOfId(loginId)}:${sequence}`)

/** Throws RequestError BAD_USER_INPUT. */
export const parseEventCursor = (loginId: string, text: string, given: Given = 'after'): number => {
  const [found, of, sequence = ''] = decode(text)
  if (found !== 'event' || !/^\d{1,9}$/.test(sequence)) throw malformed(given)
  if (of !== endOfId(loginId)) throw ofAnother(given)
  return Number(sequence)
}

/** Made for each event that watchers are sent: short, and without a hash. */
const endOfId = (id: string): string => id.slice(-8)

/** What a wall has: everything that was told before `at`, of logins that started at `from` or later. */
export interface ActivityPlace {
  readonly at: Millis
  readonly from: Millis
}

export const activityCursor = ({ at, from }: ActivityPlace): string => encode(`activity:${at}:${from}`)

/** Throws RequestError BAD_USER_INPUT. */
export const parseActivityCursor = (text: string): ActivityPlace => {
  const [found, at = '', from = ''] = decode(text)
  if (found !== 'activity' || !/^\d{1,14}$/.test(at) || !/^\d{1,14}$/.test(from)) throw malformed('after')
  return { at: Number(at), from: Number(from) }
}

export type VersionKind = 'settings' | 'profile'

/** Versions are counted within one thing, which the cursor names: that of another would be read as a place in this one. */
export const versionCursor = (kind: VersionKind, thingId: string, number: number): string =>
  encode(`${kind}:${thingId}:${number}`)

/** Throws RequestError BAD_USER_INPUT. */
export const parseVersionCursor = (
  kind: VersionKind,
  thingId: string,
  text: string,
  given: Given = 'after',
): number => {
  const [found, of, number = ''] = decode(text)
  if (found !== kind || !/^\d{1,9}$/.test(number)) throw malformed(given)
  if (of !== thingId) throw ofAnother(given)
  return Number(number)
}

export const changeCursor = (mark: string, { at, accountId, number }: ChangeCursor): string =>
  encode(`presence:${mark}:${at}:${accountId}:${number}`)

/** Throws RequestError BAD_USER_INPUT. */
export const parseChangeCursor = (mark: string, text: string, given: Given = 'after'): ChangeCursor => {
  const [found, of, at = '', accountId = '', number = ''] = decode(text)
  if (found !== 'presence' || !/^\d{1,14}$/.test(at) || !uuid.test(accountId) || !/^\d{1,9}$/.test(number))
    throw malformed(given)
  if (of !== mark) throw ofAnother(given)
  return { at: Number(at), accountId, number: Number(number) }
}

const encode = (text: string): string => Buffer.from(text).toString('base64url')

const decode = (text: string): readonly string[] => {
  const plain = Buffer.from(text, 'base64url').toString('utf8')
  return text.length < 256 && encode(plain) === text ? plain.split(':') : []
}

const malformed = (given: Given) =>
  new RequestError('BAD_USER_INPUT', `\`${given}\` is no cursor of this list.`)

const ofAnother = (given: Given) =>
  new RequestError(
    'BAD_USER_INPUT',
    `\`${given}\` is a cursor of another query: it holds for the same list of the same thing, in the same order, with the same filters.`,
  )
