// The piped form: one line per event, in columns that stay as they are so that scripts can read them.
// Pure. Never a QR code, a link or a code: whoever reads the log could use them.

import type { LoginEvent, LoginUpdate } from './answers.ts'
import { plain } from './plain.ts'

/**
 * `time number event state next-step key=value…`, or null for an update that is no news. What to do is told on the newest
 * event only (`-` on older ones): it holds now, not then. A resync snapshot is the line of an event named Snapshot.
 */
export function lineOf({ event, login, sequence, resync, serverTime }: LoginUpdate): string | null {
  if (event === null)
    return resync ? [serverTime, sequence, 'Snapshot', login.state, login.nextStep].map(word).join(' ') : null
  const nextStep = event.sequence === login.sequence ? login.nextStep : '-'
  return [
    ...[event.at, event.sequence, event.__typename, event.state, nextStep].map(word),
    ...details(event),
  ].join(' ')
}

function details(event: LoginEvent): string[] {
  const { __typename, sequence, at, state, outcome, ...own } = event
  const told: Record<string, unknown> = {
    ...own,
    ...(outcome && {
      reason: outcome.reason,
      message: outcome.message,
      upstreamMessage: outcome.upstreamMessage,
    }),
  }
  return Object.entries(told)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${word(value)}`)
}

/** Quoted as JSON where it holds more than one plain word. */
export function word(value: unknown): string {
  const text = plain(String(value))
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}
