// The part of a callback's address that only the upstream knows. The vendors sign nothing (P 2.6, P 3.5), so the address is
// all that tells theirs from anybody else's.

import { createHmac, timingSafeEqual } from 'node:crypto'

export const callbacksPath = '/callbacks/'

export interface CallbackSecrets {
  /** The last part of a provider's address; the same for as long as the gateway's secret stays. */
  of(provider: string): string
  /** Takes the same time whether none, some or all of it is right. */
  holds(provider: string, given: string): boolean
}

/** `secret`: the gateway's own. */
export const callbackSecrets = (secret: Uint8Array): CallbackSecrets => {
  const key = createHmac('sha256', secret).update('gatehouse callbacks').digest()
  const of = (provider: string): string => createHmac('sha256', key).update(provider).digest('base64url')
  // Compared by their marks, which are equally long whatever was given.
  const mark = (text: string): Buffer => createHmac('sha256', key).update(`given:${text}`).digest()

  return {
    of,
    holds: (provider, given) => timingSafeEqual(mark(of(provider)), mark(given)),
  }
}

/** What an operator enters at the vendor's console, under the gateway's public address. */
export const callbackPath = (secrets: CallbackSecrets, provider: string): string =>
  `${callbacksPath}${encodeURIComponent(provider)}/${secrets.of(provider)}`
