// Texts of a stranger on their way to a screen, a log and a database: what none of those takes is left out, and so is
// what a stranger may have heard from us.

const longestMessage = 200
const longestLink = 4_096

/** Control characters, and those that turn the direction of what follows them. */
const unfit = /[\p{Cc}\u{202a}-\u{202e}\u{2066}-\u{2069}]+/gu
const halfCharacter = /[\ud800-\udbff]$/

/** With and without a scheme, encoded or not, to the next blank: it may lead to a QR code or a slider. */
const links = /(?:[a-z][\w+.-]*(?::|%3a)(?:\/|%2f){2}|[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/|%2f))\S*/giu
const blank = '***'
/** Far more than is kept. */
const longestLook = 2_000

/** Blanks what must not travel. */
export type Conceal = (text: string) => string

/** As they are and as they stand in a form or a link, in capitals or not; the longest first, since one may begin another. */
const spellings = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret.toWellFormed()),
  String(new URLSearchParams({ '': secret })).slice(1),
]

/** Links, and these secrets of a call: an upstream may repeat what it was told. Null: there is none. */
export const conceal = (...secrets: readonly (string | null)[]): Conceal => {
  const words = secrets
    .flatMap(secret => (secret === null || secret === '' ? [] : spellings(secret)))
    .sort((one, other) => other.length - one.length)
    .map(word => word.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&'))
  const told = words.length === 0 ? null : new RegExp(words.join('|'), 'giu')
  return text => {
    const hidden = told === null ? text : text.replace(told, blank)
    return hidden.slice(0, longestLook).replace(links, blank)
  }
}

/** Trimmed, and cut to `most` characters; null: absent, blank or of another type. */
export const textOf = (value: unknown, most = 1_000): string | null => {
  if (typeof value !== 'string') return null
  const text = value.toWellFormed().replace(unfit, ' ').trim()
  if (text === '') return null
  return text.length <= most ? text : text.slice(0, most).replace(halfCharacter, '')
}

/** What the upstream said; blanked before it is cut. */
export const spoken = (value: unknown, hide: Conceal): string | null =>
  textOf(typeof value === 'string' ? hide(value) : value, longestMessage)

/** Handed on character by character, so not even trimmed. Null: none, or one that leads nowhere on the web. */
export const linkOf = (value: unknown): string | null => {
  if (typeof value !== 'string' || value.length > longestLink) return null
  return /^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/iu.test(value) && URL.canParse(value) ? value : null
}
