// What can sign somebody in is sealed before it reaches the database: AES-256-GCM, keyed from the configured secret,
// bound to the place where it stands, so that a value moved to another row or column does not open.

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

export interface Place {
  readonly table: string
  readonly id: string
  readonly field: string
}

export interface Sealing {
  seal(place: Place, text: string): Uint8Array
  /** Throws where it was tampered with, moved, or sealed with another secret. */
  open(place: Place, sealed: Uint8Array): string
  /** A keyed hash that says nothing to whoever lacks the secret. */
  mark(purpose: string, ...parts: readonly (string | Uint8Array)[]): string
}

const format = 1
const header = 1
const nonceLength = 12
const tagLength = 16

export const sealWith = (secret: Uint8Array): Sealing => {
  if (secret.length !== 32) throw new Error('The secret must be 32 bytes long')
  const keyFor = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), `gatehouse ${purpose}`, 32))
  const key = keyFor('sealing 1')
  const markKey = keyFor('marks 1')
  const bound = (place: Place) => Buffer.from(JSON.stringify([place.table, place.id, place.field]))
  return {
    seal: (place, text) => {
      const nonce = randomBytes(nonceLength)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound(place))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(format), nonce, cipher.getAuthTag(), body])
    },
    open: (place, sealed) => {
      if (sealed[0] !== format)
        throw new Error(`Sealed in an unknown format at ${place.table}.${place.field}`)
      const bytes = Buffer.from(sealed)
      const bodyStart = header + nonceLength + tagLength
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(header, header + nonceLength))
        .setAAD(bound(place))
        .setAuthTag(bytes.subarray(header + nonceLength, bodyStart))
      return Buffer.concat([decipher.update(bytes.subarray(bodyStart)), decipher.final()]).toString('utf8')
    },
    mark: (purpose, ...parts) => {
      const hash = createHmac('sha256', markKey).update(purpose)
      for (const part of parts) hash.update('\0').update(part)
      return hash.digest('hex')
    },
  }
}
