// Frames written past `ws`, each as one string of bytes: one system call, and no buffer. It may be left out: the other
// outlet does the same by public means, at a third more.

import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { corked, nextFrame, type Outlet, type OutletParts, unreadAtMost } from './outlet.ts'
import type { Payload } from './payload.ts'

export class RawOutlet implements Outlet {
  readonly #socket: WebSocket
  readonly #wire: Duplex
  /** Up to the payload, each byte a character. */
  readonly #head: string
  readonly #drained: () => void

  constructor({ socket, wire, id, drained }: OutletParts) {
    this.#socket = socket
    this.#wire = wire
    this.#head = Buffer.from(nextFrame(id)).toString('latin1')
    this.#drained = drained
  }

  write({ bytes }: Payload): boolean {
    // On its way out: nothing may follow a closing frame.
    if (this.#socket.readyState !== this.#socket.OPEN) return true
    const length = this.#head.length + bytes.length + 1
    const frame = `${lengthOf(length)}${this.#head}${bytes}}`
    const fits = this.#wire.writableLength + length <= unreadAtMost
    if (fits) this.#wire.write(frame, 'latin1')
    else this.#wire.write(frame, 'latin1', this.#drained)
    return fits
  }

  together(work: () => void): void {
    corked(this.#wire, work)
  }
}

/** The first bytes of a whole text frame that a server sends (RFC 6455, 5.2). */
const lengthOf = (length: number): string => {
  if (length < 126) return `\x81${String.fromCharCode(length)}`
  if (length < 65_536) return `\x81\x7e${String.fromCharCode(length >> 8, length & 255)}`
  const head = Buffer.alloc(10)
  head[0] = 0x81
  head[1] = 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return head.toString('latin1')
}
