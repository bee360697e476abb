// Links to kept pictures that need no key: who holds one may look, for an hour or a little more, at that one picture of that one tenant.

import { createHmac, timingSafeEqual } from 'node:crypto'

const quarter = 900_000

export interface PictureLink {
  readonly tenant: string
  readonly pictureId: string
}

export interface SignedLinks {
  /** The signed id for the path `/pictures/<signed id>`. `now`: milliseconds since 1970. */
  sign(link: PictureLink, now: number): string
  /** Null: forged, spoilt or run out. */
  verify(signed: string, now: number): PictureLink | null
}

/** On a quarter of an hour, 60 to 75 minutes from now: until the next one a picture keeps its link, and a browser its copy. */
const endOf = (now: number): number => (Math.floor(now / quarter) + 5) * quarter

export const signedLinks = (secret: Uint8Array): SignedLinks => {
  const key = createHmac('sha256', secret).update('gatehouse picture links').digest()
  const mac = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest()

  return {
    sign: ({ tenant, pictureId }, now) => {
      const payload = Buffer.from(JSON.stringify([tenant, pictureId, endOf(now)])).toString('base64url')
      return `${payload}.${mac(payload).toString('base64url')}`
    },
    verify: (signed, now) => {
      const [payload, given, ...rest] = signed.split('.')
      if (payload === undefined || given === undefined || rest.length > 0) return null
      // As text: one signature has one spelling.
      const wanted = Buffer.from(mac(payload).toString('base64url'))
      const bytes = Buffer.from(given)
      if (bytes.length !== wanted.length || !timingSafeEqual(bytes, wanted)) return null
      // Ours, so it has the shape that `sign` gave it.
      const [tenant, pictureId, ends]: readonly [string, string, number] = JSON.parse(
        Buffer.from(payload, 'base64url').toString('utf8'),
      )
      return ends > now ? { tenant, pictureId } : null
    },
  }
}
