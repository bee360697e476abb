// Calls of which nothing but their success is of use, alike in either dialect.

import { readEnvelope } from './envelope.ts'
import { refusalOf } from './refusal.ts'
import type { Conceal } from './text.ts'

/** Throws ProviderError for whatever is no success. */
export const readDone = (status: number, body: Uint8Array, hide: Conceal): void => {
  const envelope = readEnvelope(status, body, hide)
  if (!envelope.succeeded) throw refusalOf(envelope)
}
