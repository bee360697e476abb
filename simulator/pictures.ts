/**
 * The pictures that answers point at: QR codes behind a signed link, avatars behind a plain one.
 * A link works only as it was given, character by character (P 2.1: a real one is a signed query that can expire).
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import QRCode from 'qrcode'
import type { Account } from './account.ts'
import type { Answer } from './http/perform.ts'
import { drawAvatar } from './png.ts'
import type { World } from './world.ts'

const QR_PATH = '/qr/'
const AVATAR_PATH = '/mmhead/ver_1/'
const REFUSED = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SignatureDoesNotMatch</Code></Error>'

/** An issued QR picture: what it says and whose it is. */
export type Issued = { readonly url: string; readonly content: string }

export class Pictures {
  readonly #world: World
  /** The front of every link. */
  readonly base: string
  readonly #key = randomBytes(32)
  readonly #contents = new Map<
    string,
    { readonly content: string; readonly deviceId: string; readonly expires: number }
  >()
  readonly #drawn = new Map<string, Buffer>()

  constructor(world: World, base: string) {
    this.#world = world
    this.base = base
  }

  /** A new QR code for a device, and the link to its picture. */
  issue(deviceId: string, lifetimeMs: number): Issued {
    const name = randomBytes(9).toString('hex')
    const content = `http://weixin.qq.com/x/${randomBytes(15).toString('base64url')}`
    const expires = Math.floor((this.#world.now() + lifetimeMs) / 1000)
    this.#forgetOld()
    this.#contents.set(name, { content, deviceId, expires })
    const query = `AWSAccessKeyId=SIMULATOR&Expires=${expires}&Signature=${encodeURIComponent(this.#sign(name, expires))}`
    return { content, url: `${this.base}${QR_PATH}${name}.png?${query}` }
  }

  /** Size 0 is the large one, 132 the small one, as in S0. */
  avatarUrl(account: Account, size: 0 | 132): string {
    return `${this.base}${AVATAR_PATH}${encodeURIComponent(account.wcId)}/${size}`
  }

  /** Which picture a path means; null: none. */
  static kindOf(path: string): 'qrPicture' | 'avatar' | null {
    if (path.startsWith(QR_PATH)) return 'qrPicture'
    return path.startsWith(AVATAR_PATH) ? 'avatar' : null
  }

  /** The device that a QR picture belongs to; null: unknown. */
  deviceOf(path: string): string | null {
    return this.#contents.get(nameOf(path))?.deviceId ?? null
  }

  async qr(path: string, query: string): Promise<Answer> {
    const name = nameOf(path)
    const known = this.#contents.get(name)
    if (known === undefined) return { status: 404, type: 'application/xml', body: REFUSED }
    const expected = `AWSAccessKeyId=SIMULATOR&Expires=${known.expires}&Signature=${encodeURIComponent(this.#sign(name, known.expires))}`
    const given = Buffer.from(query)
    const intact = given.length === expected.length && timingSafeEqual(given, Buffer.from(expected))
    if (!intact || this.#world.now() / 1000 > known.expires)
      return { status: 403, type: 'application/xml', body: REFUSED }
    const body = await QRCode.toBuffer(known.content, { width: 296, margin: 3, errorCorrectionLevel: 'M' })
    this.#world.moments.emit('qrFetched', known.deviceId)
    return { status: 200, type: 'image/png', body }
  }

  avatar(path: string): Answer {
    const [wcId = '', size] = path.slice(AVATAR_PATH.length).split('/')
    const account = this.#world.accounts.get(decodeURIComponent(wcId))
    if (account === undefined) return { status: 404, type: 'text/plain', body: 'Not Found' }
    return { status: 200, type: 'image/png', body: this.#draw(account, size === '132' ? 132 : 640) }
  }

  #draw(account: Account, size: number): Buffer {
    const key = `${account.wcId}/${size}`
    const drawn = this.#drawn.get(key) ?? drawAvatar(account.wcId, size)
    if (this.#drawn.size < 1_000) this.#drawn.set(key, drawn)
    return drawn
  }

  #sign(name: string, expires: number): string {
    return createHmac('sha1', this.#key).update(`${name}\n${expires}`).digest('base64')
  }

  /** Codes are kept in order of issue: the front of the map is the oldest. */
  #forgetOld(): void {
    const now = this.#world.now() / 1000
    for (const [name, { expires }] of this.#contents) {
      if (expires > now && this.#contents.size < 100_000) break
      this.#contents.delete(name)
    }
  }
}

const nameOf = (path: string): string => path.slice(QR_PATH.length, -'.png'.length)
