// What an id tells: whether it is one at all, and the month that a login's events are filed under.

import { randomBytes } from 'node:crypto'
import type { Millis } from '../login/vocabulary.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Anything else is nobody's id: it is answered like an unknown one and never reaches a statement. */
export const isId = (text: string): boolean => uuid.test(text)

/** A UUIDv7 of that moment, so that ids sort by time and a login's month is known from its id. */
export const newId = (at: Millis): string => {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(at, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** When a login started, from its id; NaN for what is no id. */
export const startOf = (loginId: string): Millis =>
  Number.parseInt(loginId.replaceAll('-', '').slice(0, 12), 16)

/** First day of the UTC month in which a login started, from its id: every statement about its events names it. */
export const monthOf = (loginId: string): string => {
  const started = new Date(startOf(loginId))
  // An id that is no UUIDv7 may tell a moment that no calendar has.
  if (Number.isNaN(started.getTime()) || started.getUTCFullYear() > 9999) return '1970-01-01'
  return `${started.toISOString().slice(0, 7)}-01`
}

/** The least id that a moment can have: those of earlier ones sort below it. */
export const firstIdOf = (at: Millis): string => {
  const hex = Math.max(0, at).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
