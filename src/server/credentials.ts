// Who is calling, by the key that came along. One admin key today.

import { createHash, timingSafeEqual } from 'node:crypto'
import { adminScopes, type Language, type Viewer } from '../resolvers/viewer.ts'

/** Null: nobody that is known here. */
export type Recognise = (authorization: string | null | undefined, language: Language) => Viewer | null

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Null: none came along, or not as one is sent. */
const keyOf = (authorization: string | null | undefined): string | null =>
  /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? null

/** Hashes are compared, in constant time: neither the length nor the first wrong character shows. */
export const recogniseAdmin = (adminKey: string): Recognise => {
  const expected = digest(adminKey)
  return (authorization, language) => {
    const given = keyOf(authorization)
    if (given === null || !timingSafeEqual(digest(given), expected)) return null
    return { tenant: 'default', name: 'admin', scopes: adminScopes, language }
  }
}

/** What nobody is told, by what they sent: whether a key was there, and nothing of what a right one is like. */
export const unauthenticated = (authorization: string | null | undefined): string =>
  keyOf(authorization) === null
    ? 'A key is needed: send `Authorization: Bearer <key>`.'
    : 'This key is not known here: check that it is whole, and of this gateway.'
