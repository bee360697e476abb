// Who is calling, by the key that came along. One admin key today.

import { createHash, timingSafeEqual } from 'node:crypto'
import { adminScopes, type Language, type Viewer } from '../resolvers/viewer.ts'

/** Null: nobody that is known here. */
export type Recognise = (authorization: string | null | undefined, language: Language) => Viewer | null

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Hashes are compared, in constant time: neither the length nor the first wrong character shows. */
export const recogniseAdmin = (adminKey: string): Recognise => {
  const expected = digest(adminKey)
  return (authorization, language) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    if (given === undefined || !timingSafeEqual(digest(given), expected)) return null
    return { tenant: 'default', name: 'admin', scopes: adminScopes, language }
  }
}

export const unauthenticated = 'A key is needed: send `Authorization: Bearer <key>`.'
