// What an upstream calls back with, read for one thing only: whose sign-in may have ended. Everything else in it, people's
// messages above all, is dropped unread and remembered nowhere.

/** Names of one sign-in, as the upstream gave them; one of them is there. */
export interface DropHint {
  readonly wcId: string | null
  readonly handle: string | null
}

/** Offline: an int in the raw form (P 2.6, P 3.5), which some write as a string, and "30000" in the optimised one (P 2.6). */
const offline = new Set<unknown>([4, '4', '30000'])

/** No name of theirs comes near. */
const longestName = 128
/** A megabyte of nothing but empty texts would be a second's work; what comes after so many is not looked at. */
const messagesAtMost = 20_000

/**
 * Each sign-in that a body says has ended, once, however often it says so. Takes both vendors' shapes: an array of JSON
 * strings (P 3.5) or of objects, or one object (P 2.6). What has no such shape says nothing; nothing is thrown.
 */
export const dropsIn = (body: string): readonly DropHint[] => {
  const json = parsed(body)
  const drops = new Map<string, DropHint>()
  for (const item of Array.isArray(json) ? json.slice(0, messagesAtMost) : [json]) {
    const drop = dropIn(typeof item === 'string' ? messageIn(item) : item)
    // An account is known by its wcId; only without one does its handle tell sign-ins apart.
    if (drop !== null) drops.set(drop.wcId === null ? `handle ${drop.handle}` : `wcId ${drop.wcId}`, drop)
  }
  return [...drops.values()]
}

const dropIn = (message: unknown): DropHint | null => {
  if (!isObject(message) || !offline.has(message.messageType)) return null
  const wcId = nameIn(message.wcId)
  const handle = isObject(message.data) ? nameIn(message.data.wId) : null
  return wcId === null && handle === null ? null : { wcId, handle }
}

const nameIn = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= longestName ? value : null

/** A text that is no message is not worth an exception. */
const messageIn = (text: string): unknown => (text.includes('"messageType"') ? parsed(text) : null)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
