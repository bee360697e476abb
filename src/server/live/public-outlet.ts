// Frames written by the public means of `ws`.

import { corked, nextFrame, type Outlet, type OutletParts, unreadAtMost } from './outlet.ts'
import type { Payload } from './payload.ts'

export class PublicOutlet implements Outlet {
  readonly #parts: OutletParts
  readonly #head: string

  constructor(parts: OutletParts) {
    this.#parts = parts
    this.#head = nextFrame(parts.id)
  }

  write({ text }: Payload): boolean {
    const { socket, drained } = this.#parts
    // On its way out: graphql-ws ends what runs on it.
    if (socket.readyState !== socket.OPEN) return true
    const frame = `${this.#head}${text}}`
    const fits = socket.bufferedAmount + frame.length <= unreadAtMost
    socket.send(frame, fits ? undefined : drained)
    return fits
  }

  together(work: () => void): void {
    corked(this.#parts.wire, work)
  }
}
