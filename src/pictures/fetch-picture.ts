// Fetches a picture that an upstream points at: over http or https, from a public address or the upstream's own origin,
// two megabytes and three seconds at most, and only if it is one.

import { deadline, orAborted } from '../provider/http/deadline.ts'
import { download } from '../provider/http/download.ts'
import { type Address, publicAddressOf } from './address.ts'
import { pictureTypeOf } from './picture-type.ts'

const longest = 2_097_152
const patience = 3_000
const redirects = 2

export interface Picture {
  readonly bytes: Uint8Array
  /** Media type, as the bytes say. */
  readonly type: string
}

/** The link was not followed, or led to no picture. Says why, never where. */
export class PictureRefusedError extends Error {
  override readonly name = 'PictureRefusedError'
}

/**
 * `origin`: the exact origin of the upstream, which may be anywhere. Rejects with PictureRefusedError, DownloadError, or the
 * reason of `signal`.
 */
export const fetchPicture = async (link: string, origin: string, signal: AbortSignal): Promise<Picture> => {
  using within = deadline(signal, patience)
  let url = parse(link)
  for (let hop = 0; hop <= redirects; hop++) {
    const address = url.origin === origin ? null : await orAborted(checked(url), within.signal)
    const answer = await download({ url, address, most: longest, signal: within.signal })
    if (answer.kind === 'BYTES') return pictureOf(answer.bytes)
    const next = parse(answer.location, url)
    if (next.origin !== url.origin) throw new PictureRefusedError('it redirects to another origin')
    url = next
  }
  throw new PictureRefusedError('it redirects for ever')
}

const parse = (link: string, base?: URL): URL => {
  if (!URL.canParse(link, base)) throw new PictureRefusedError('its link is none')
  const url = new URL(link, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new PictureRefusedError('it is not on the web')
  if (url.username !== '' || url.password !== '')
    throw new PictureRefusedError('its link has credentials in it')
  return url
}

const checked = async (url: URL): Promise<Address> => {
  const address = await publicAddressOf(url.hostname)
  if (address === null) throw new PictureRefusedError('it is at no public address')
  return address
}

const pictureOf = (bytes: Uint8Array): Picture => {
  const type = pictureTypeOf(bytes)
  if (type === null) throw new PictureRefusedError('it is no picture')
  return { bytes, type }
}
