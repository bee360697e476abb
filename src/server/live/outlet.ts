// Where the `next` frames of one operation leave for its socket. The protocol's other frames are graphql-ws' business.

import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Payload } from './payload.ts'

export interface Outlet {
  /** False: the client is behind with reading, and no more should come before the outlet's `drained` is called. */
  write(payload: Payload): boolean
  /** What is written within leaves in one go. */
  together(work: () => void): void
}

export interface OutletParts {
  readonly socket: WebSocket
  /** What is under it. */
  readonly wire: Duplex
  /** The client's name for the operation. */
  readonly id: string
  /** Called once after each `write` that was answered with false. */
  readonly drained: () => void
}

/** Bytes that may wait for a client to read them before updates are held back. */
export const unreadAtMost = 262_144

export const nextFrame = (id: string): string => `{"id":${JSON.stringify(id)},"type":"next","payload":`

export const corked = (wire: Duplex, work: () => void): void => {
  wire.cork()
  try {
    work()
  } finally {
    wire.uncork()
  }
}
