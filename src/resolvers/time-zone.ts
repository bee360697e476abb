// The name of a time zone as a caller gives it. Only IANA names: what a database would take besides (offsets, rules of its
// own) means the opposite of what people expect.

import { RequestError } from '../errors.ts'

const named = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/

/** Throws RequestError BAD_USER_INPUT. */
export const timeZoneOf = (name: string): string => {
  if (name.length <= 64 && named.test(name) && isKnown(name)) return name
  throw new RequestError(
    'BAD_USER_INPUT',
    '`timeZone` is no IANA time zone: give a name such as Asia/Shanghai or UTC.',
  )
}

const isKnown = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
