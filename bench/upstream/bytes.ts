// HTTP as little of it as a load needs: keep-alive, one request at a time on a connection, answers that were made
// before. So lean that whoever asks is the bottleneck, and not this.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** Writes the answer, at once or later. `body` is the request's. */
export type Answering = (path: string, body: string, answer: (bytes: Buffer) => void) => void

export interface Listening {
  readonly port: number
  readonly requests: number
  /** Connections now, and the most at once. */
  readonly connections: number
  readonly mostConnections: number
}

export const reply = (body: string | Buffer, type = 'application/json;charset=UTF-8'): Buffer => {
  const bytes = Buffer.from(body)
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${bytes.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

export const listenInBytes = async (answering: Answering): Promise<Listening> => {
  const counts = { requests: 0, connections: 0, mostConnections: 0 }
  const server = createServer({ noDelay: true }, socket => {
    counts.connections++
    counts.mostConnections = Math.max(counts.mostConnections, counts.connections)
    socket.on('close', () => counts.connections--)
    // Whoever asked has gone: what there is to say of it is theirs.
    socket.on('error', () => {})
    readRequests(socket, (path, body, answer) => {
      counts.requests++
      answering(path, body, answer)
    })
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 8_192 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    get requests() {
      return counts.requests
    },
    get connections() {
      return counts.connections
    },
    get mostConnections() {
      return counts.mostConnections
    },
  }
}

const readRequests = (socket: Socket, heard: Answering): void => {
  const answer = (bytes: Buffer) => {
    if (!socket.destroyed) socket.write(bytes)
  }
  let held: Buffer | null = null
  socket.on('data', (chunk: Buffer) => {
    let bytes = held === null ? chunk : Buffer.concat([held, chunk])
    held = null
    while (bytes.length > 0) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end === -1) break
      const head = bytes.toString('latin1', 0, end)
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
      const whole = end + 4 + length
      if (bytes.length < whole) break
      const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/'))
      heard(path, bytes.toString('latin1', end + 4, whole), answer)
      bytes = bytes.subarray(whole)
    }
    if (bytes.length > 0) held = bytes
  })
}
