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

/** Letters of a name that is looked at, and of what a refusal repeats of it. */
const lettersAtMost = 64

/** Throws RequestError BAD_USER_INPUT. */
export const timeZoneOf = (name: string): string => {
  if (name.length <= lettersAtMost && isName(name) && isKnown(name)) return name
  throw unknownTimeZone(name)
}

export const unknownTimeZone = (name: string): RequestError => {
  const near = nearest(name)
  const hint = near === null ? 'give a name such as Asia/Shanghai or UTC.' : `did you mean ${near}?`
  return new RequestError(
    'BAD_USER_INPUT',
    `\`timeZone\`: ${JSON.stringify(name.slice(0, lettersAtMost))} is no IANA time zone: ${hint}`,
  )
}

const isName = (name: string): boolean => place.test(name) || slashless.has(name.toUpperCase())

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
  if (name.length > longest) return null
  const asked = name.toLowerCase().replaceAll(' ', '_')
  let best: { zone: string; away: number } | null = null
  for (const { text, zone, most } of spellings) {
    // Only what is nearer than the best so far is of interest.
    const away = distance(asked, text, best === null ? most : Math.min(most, best.away - 1))
    if (away !== Number.POSITIVE_INFINITY) best = { zone, away }
    if (away === 0) break
  }
  return best?.zone ?? null
}

interface Spelling {
  /** In lower case. */
  readonly text: string
  readonly zone: string
  /** How far from it a slip may be: one letter in five. */
  readonly most: number
}

/** The capital of China is none of IANA's cities. */
const spellings: readonly Spelling[] = [
  ...new Map(
    [
      ...Intl.supportedValuesOf('timeZone').map(zone => [zone, zone]),
      ['Asia/Beijing', 'Asia/Shanghai'],
    ].flatMap(([name = '', zone = '']): [string, string][] => [
      [name.toLowerCase(), zone],
      [name.slice(name.lastIndexOf('/') + 1).toLowerCase(), zone],
    ]),
  ),
].map(([text, zone]) => ({ text, zone, most: Math.floor(text.length / 5) }))

/** No slip is longer. */
const longest = Math.max(...spellings.map(({ text, most }) => text.length + most))
