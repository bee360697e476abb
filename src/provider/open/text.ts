// Texts of a stranger on their way to a screen, a log and a database: what none of those takes is left out.

const longestMessage = 200
const longestLink = 4_096

/** Control characters, and those that turn the direction of what follows them. */
const unfit = /[\p{Cc}\u{202a}-\u{202e}\u{2066}-\u{2069}]+/gu
const halfCharacter = /[\ud800-\udbff]$/

/** Trimmed, and cut to `most` characters; null: absent, blank or of another type. */
export const textOf = (value: unknown, most = 1_000): string | null => {
  if (typeof value !== 'string') return null
  const text = value.toWellFormed().replace(unfit, ' ').trim()
  if (text === '') return null
  return text.length <= most ? text : text.slice(0, most).replace(halfCharacter, '')
}

/** What the upstream said. */
export const spoken = (value: unknown): string | null => textOf(value, longestMessage)

/** Handed on character by character, so not even trimmed. Null: none, or one that leads nowhere on the web. */
export const linkOf = (value: unknown): string | null => {
  if (typeof value !== 'string' || value.length > longestLink) return null
  return /^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/iu.test(value) && URL.canParse(value) ? value : null
}
