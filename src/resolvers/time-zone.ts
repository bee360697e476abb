// The name of a time zone as a caller gives it. Only IANA names: what a database or this runtime would take besides (offsets,
// rules of its own, abbreviations that stand for several zones) means something else than people expect, and would be
// answered with another day.

import { RequestError } from '../errors.ts'
import { distance } from '../login/distance.ts'

const place = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)+$/

/** IANA's names without a slash. */
const slashless: ReadonlySet<string> = new Set(
  `UTC UCT Universal Zulu GMT GMT0 GMT+0 GMT-0 Greenwich CET EET MET WET EST MST HST EST5EDT CST6CDT MST7MDT PST8PDT Cuba Egypt
  Eire GB GB-Eire Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya Navajo NZ NZ-CHAT Poland Portugal PRC ROC ROK
  Singapore Turkey W-SU`
    .split(/\s+/)
    .map(name => name.toUpperCase()),
)

/** Throws RequestError BAD_USER_INPUT. */
export const timeZoneOf = (name: string): string => {
  const isName = place.test(name) || slashless.has(name.toUpperCase())
  if (name.length <= 64 && isName && isKnown(name)) return name
  throw unknownTimeZone(name)
}

export const unknownTimeZone = (name: string): RequestError => {
  const near = name.length > 64 ? null : nearest(name)
  const hint = near === null ? 'give a name such as Asia/Shanghai or UTC.' : `did you mean ${near}?`
  return new RequestError(
    'BAD_USER_INPUT',
    `\`timeZone\`: ${JSON.stringify(name.slice(0, 64))} is no IANA time zone: ${hint}`,
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

/** By the whole name or its city; null: nothing comes near. */
const nearest = (name: string): string | null => {
  const asked = name.toLowerCase().replaceAll(' ', '_')
  let best: { zone: string; away: number } | null = null
  for (const [spelling, zone] of spellings) {
    const away = distance(asked, spelling)
    if (away <= spelling.length / 5 && away < (best?.away ?? Number.POSITIVE_INFINITY)) best = { zone, away }
  }
  return best?.zone ?? null
}

/** In lower case; the capital of China is none of IANA's cities. */
const spellings: ReadonlyMap<string, string> = new Map(
  [
    ...Intl.supportedValuesOf('timeZone').map(zone => [zone, zone]),
    ['Asia/Beijing', 'Asia/Shanghai'],
  ].flatMap(([name = '', zone = '']): [string, string][] => [
    [name.toLowerCase(), zone],
    [name.slice(name.lastIndexOf('/') + 1).toLowerCase(), zone],
  ]),
)
