/**
 * The envelope that both dialects put around every answer (P 1).
 * Refuses to know what is inside, and when an answer is due.
 */
import type { Switches } from './settings.ts'

/** Order of keys varies between endpoints (P 1); a reader must not care. */
type KeyOrder = 'messageFirst' | 'codeFirst'

export const envelope = (
  switches: Switches,
  code: string,
  message: string,
  data: unknown,
  order: KeyOrder = 'messageFirst',
): string => {
  const text = { [switches.textField]: message }
  const number = { code: switches.codesAs === 'number' ? Number(code) : code }
  return JSON.stringify(order === 'codeFirst' ? { ...number, ...text, data } : { ...text, ...number, data })
}

/** A failure: 1001 in every example (P 1). */
export const failure = (switches: Switches, message: string): string =>
  envelope(switches, '1001', message, null)
