// The client's side of a WebSocket, as far as a crowd needs one: text out, frames in. `ws` would cost the clients' core
// more than a frame costs the server's. Knows RFC 6455 where servers send whole, uncompressed frames, and no GraphQL.

import { connect, type Socket } from 'node:net'

export interface LightSocketParts {
  /** With its path. */
  readonly url: string
  readonly protocol: string
  /** A frame of text. What is in `bytes` is another's after the call. */
  heard(bytes: Buffer, from: number, to: number): void
  /** Called once, when it is no more, whoever ended it. */
  closed(why: string): void
}

export interface LightSocket {
  send(text: string): void
}

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const
/** Read into by all sockets of this process, one after the other. */
const chunk = Buffer.allocUnsafeSlow(65_536)
const endOfHead = '\r\n\r\n'

/** Rejects where the server does not take it for a WebSocket. */
export const openLightSocket = async (parts: LightSocketParts): Promise<LightSocket> => {
  const { hostname, port, pathname } = new URL(parts.url)
  const opened = Promise.withResolvers<void>()
  let rest: Buffer | null = null
  let read = (bytes: Buffer): number => {
    const end = bytes.indexOf(endOfHead)
    if (end < 0) return 0
    const status = bytes.toString('latin1', 0, bytes.indexOf('\r\n'))
    if (!status.includes(' 101 ')) opened.reject(new Error(`No WebSocket: ${status}`))
    read = buffered => readFrames(socket, buffered, parts)
    opened.resolve()
    return end + endOfHead.length
  }
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: chunk,
      callback: length => {
        let bytes = chunk.subarray(0, length)
        if (rest !== null) bytes = Buffer.concat([rest, bytes])
        let used = read(bytes)
        // The first frames may come with the head.
        if (used > 0 && used < bytes.length) used += read(bytes.subarray(used))
        rest = used < bytes.length ? Buffer.from(bytes.subarray(used)) : null
        return true
      },
    },
  })
  let why = 'the connection was closed'
  socket.on('error', error => {
    why = error.message
  })
  socket.on('close', () => {
    opened.reject(new Error(why))
    parts.closed(why)
  })
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: ${parts.protocol}\r\n\r\n`,
  )
  await opened.promise
  return { send: text => void socket.write(frameOf(opcodes.text, Buffer.from(text))) }
}

/** Nobody between here and the server could mistake it for anything else. */
const key = Buffer.alloc(16, 'bench').toString('base64')

/** Gives how many bytes were whole frames. */
const readFrames = (socket: Socket, bytes: Buffer, { heard }: LightSocketParts): number => {
  let at = 0
  while (bytes.length - at >= 2) {
    const opcode = bytes.readUInt8(at) & 0x0f
    const short = bytes.readUInt8(at + 1)
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (bytes.length - at < head) break
    const length =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
    const from = at + head
    const to = from + length
    if (bytes.length < to) break
    if (opcode === opcodes.text) heard(bytes, from, to)
    else if (opcode === opcodes.ping) socket.write(frameOf(opcodes.pong, bytes.subarray(from, to)))
    else if (opcode === opcodes.close) socket.end(frameOf(opcodes.close, bytes.subarray(from, to)))
    at = to
  }
  return at
}

/** Masked, as a client must, with a mask that changes nothing. */
const frameOf = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload
  if (length > 65_535) throw new Error('No crowd asks that much')
  const head = length < 126 ? [length | 0x80] : [126 | 0x80, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...head, 0, 0, 0, 0]), payload])
}
