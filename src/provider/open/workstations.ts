// The devices that exist upstream, page by page (GET /open/workstation, P 3.2). Types and the format of times are not told:
// what cannot be read without a guess is left out.

import type { Millis } from '../../login/vocabulary.ts'
import { readEnvelope, unreadable } from '../envelope.ts'
import { InvalidPageError, type UpstreamDevice, type UpstreamPage } from '../port.ts'
import { idOf } from '../profile.ts'
import { refusalOf } from '../refusal.ts'
import type { Conceal } from '../text.ts'

export const pageSize = 100
/** The last that `numberOfPage` takes. */
const lastPage = 9_999_999

/** Pages are counted from 1. Throws InvalidPageError. */
export const numberOfPage = (page: string | null): number => {
  if (page === null) return 1
  if (!/^[1-9]\d{0,6}$/u.test(page)) throw new InvalidPageError('A page is its number')
  return Number(page)
}

export const readWorkstations = (
  status: number,
  body: Uint8Array,
  hide: Conceal,
  page: number,
): UpstreamPage => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) throw refusalOf(envelope)
  const lists = envelope.data?.lists
  if (!Array.isArray(lists)) throw unreadable()
  const total = countOf(envelope.data?.total)
  const pages = countOf(envelope.data?.totalPages)
  // Where more are told of, an empty page is none, and whoever took it for the end would lose them.
  if (lists.length === 0 && pages !== null && page < pages) throw unreadable()
  return {
    devices: lists.flatMap(each => deviceOf(each) ?? []),
    total,
    nextPage: isLast(lists.length, { page, pages, total }) ? null : String(page + 1),
  }
}

/** An upstream may give less than a page that was asked for, so that a short one is the last only where nothing else tells. */
const isLast = (
  listed: number,
  { page, pages, total }: { page: number; pages: number | null; total: number | null },
): boolean => {
  if (page >= lastPage) return true
  if (pages !== null) return page >= pages
  if (listed === 0) return true
  return total === null ? listed < pageSize : page * listed >= total
}

/** Text, or a number that is exact: others than this gateway named devices, too. Null: none. Throws ProviderError for what is neither. */
export const deviceIdOf = (value: unknown): string | null =>
  idOf(typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value)

/** Null: of a shape that is none. */
const deviceOf = (entry: unknown): UpstreamDevice | null => {
  if (typeof entry !== 'object' || entry === null) return null
  const { deviceId, wxid, wechatStatus, lastLoginTime } = entry as Readonly<Record<string, unknown>>
  const upstreamId = ifReadable(() => deviceIdOf(deviceId))
  if (upstreamId === null) return null
  return {
    upstreamId,
    wcId: ifReadable(() => idOf(wxid)),
    handle: null,
    online: countOf(wechatStatus) === 1,
    lastLogin: momentOf(lastLoginTime),
  }
}

const ifReadable = (read: () => string | null): string | null => {
  try {
    return read()
  } catch {
    return null
  }
}

const countOf = (value: unknown): number | null => {
  const count = typeof value === 'string' && /^\d{1,9}$/u.test(value) ? Number(value) : value
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : null
}

/** Milliseconds or seconds since 1970, or a text with its zone: everything else could be any zone. */
const momentOf = (value: unknown): Millis | null => {
  const number = typeof value === 'string' && /^\d{10}(?:\d{3})?$/u.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number))
    return number >= 1e12 && number < 1e13 ? number : number >= 1e9 && number < 1e10 ? number * 1_000 : null
  if (typeof value !== 'string' || !/T.*(?:Z|[+-]\d\d:?\d\d)$/u.test(value)) return null
  const moment = Date.parse(value)
  return Number.isNaN(moment) ? null : moment
}
