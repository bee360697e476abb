// One `ws` socket as graphql-ws wants to see one: frames, pings, closing. Knows no GraphQL. graphql-ws' own adapter
// writes to the console whatever a stranger's client does wrong; here that is the client's business, and it is closed.

import { CloseCode, type Server } from 'graphql-ws'
import type { WebSocket } from 'ws'

export interface Attached<Extra extends object> {
  readonly socket: WebSocket
  readonly extra: Extra
  readonly protocol: Server<Extra>
  /** A message as an object; what is none, as it came. */
  read(text: string): unknown
  /** What went wrong on our side while a message was handled. */
  failed(error: unknown): void
}

/** Bytes that may wait for a client to read them before nothing more is read from it. */
const unreadAtMost = 1_048_576

/** Sockets that have not been heard of since the last ping. */
const silent = new WeakSet<WebSocket>()

/** Who asks and does not read the answers is not listened to: else every ping of a stranger would be kept in memory. */
const holdBack = (socket: WebSocket): void => {
  if (socket.bufferedAmount > unreadAtMost && socket.readyState === socket.OPEN) socket.pause()
}

const goOn = (socket: WebSocket): void => {
  if (socket.isPaused && socket.bufferedAmount <= unreadAtMost) socket.resume()
}

export const attach = <Extra extends object>({
  socket,
  extra,
  protocol,
  read,
  failed,
}: Attached<Extra>): void => {
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // Settles when the frame has left for the kernel: a client that stops reading holds up its own subscriptions.
      send: data =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve()
          socket.send(data, error => {
            goOn(socket)
            if (error == null || socket.readyState !== socket.OPEN) resolve()
            else reject(error)
          })
          holdBack(socket)
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: handle => {
        socket.on('message', data => {
          // graphql-ws holds on to what it is handed for as long as an operation runs, and takes a message that has been
          // parsed: its text would be another kilobyte for each watcher.
          handle(read(String(data)) as string).catch(error => {
            failed(error)
            socket.close(CloseCode.InternalServerError, 'Internal server error')
          })
        })
      },
    },
    extra,
  )
  // Frames that are too long or no frames at all: `ws` closes with the code that says so.
  socket.on('error', () => {})
  socket.on('pong', () => silent.delete(socket))
  socket.on('ping', data => {
    if (socket.readyState !== socket.OPEN) return
    socket.pong(data, false, () => goOn(socket))
    holdBack(socket)
  })
  socket.once('close', (code, reason) => {
    closed(code, String(reason)).catch(failed)
  })
}

/** Cuts who did not answer the last ping, and pings the others. */
export const pingAll = (sockets: Iterable<WebSocket>): void => {
  for (const socket of sockets) {
    if (silent.has(socket)) socket.terminate()
    else if (socket.readyState === socket.OPEN) {
      silent.add(socket)
      socket.ping()
    }
  }
}
