// Many watchers at little cost: graphql-transport-ws by hand over raw sockets, frames handed on as text.

import { once } from 'node:events'
import type { WebSocket } from 'ws'
import { LOGIN_PROGRESS } from '../../client/terminal/documents.ts'
import { benchKey } from './bench-key.ts'

export interface Watched {
  /** Of the API. */
  readonly id: string
  heard(frame: string): void
}

export interface Crowd {
  /** Of the gateway, without a path. */
  readonly url: string
  readonly sockets: number
  readonly watched: readonly Watched[]
  readonly WebSocket: typeof WebSocket
}

/** What the terminal client asks for. Resolves when each has its first frame, which is not handed on. */
export const subscribeMany = async ({ url, sockets, watched, WebSocket }: Crowd): Promise<void> => {
  const shares = Array.from({ length: sockets }, (_, socket) =>
    watched.filter((_watched, index) => index % sockets === socket),
  )
  for (const share of shares) if (share.length > 0) await subscribe(url, share, WebSocket)
}

const subscribe = async (
  url: string,
  share: readonly Watched[],
  Socket: typeof WebSocket,
): Promise<WebSocket> => {
  const socket = new Socket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  })
  const first = Promise.withResolvers<void>()
  let waiting = share.length
  const begun = new Set<number>()
  socket.on('message', data => {
    const frame = String(data)
    if (frame.includes('"type":"connection_ack"')) return ask(socket, share)
    if (frame.includes('"type":"ping"')) return socket.send('{"type":"pong"}')
    if (!frame.includes('"type":"next"')) {
      if (frame.includes('"type":"error"')) first.reject(new Error(frame))
      return
    }
    const number = Number(/"id":"(\d+)"/.exec(frame)?.[1])
    if (begun.has(number)) return share[number]?.heard(frame)
    begun.add(number)
    if (--waiting === 0) first.resolve()
  })
  socket.on('error', first.reject)
  socket.on('close', (code, reason) =>
    first.reject(new Error(`The gateway closed a socket: ${code} ${reason}`)),
  )
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${benchKey}` } }))
  await first.promise
  return socket
}

const ask = (socket: WebSocket, share: readonly Watched[]): void => {
  for (const [number, { id }] of share.entries())
    socket.send(
      JSON.stringify({
        id: String(number),
        type: 'subscribe',
        payload: { query: LOGIN_PROGRESS, variables: { loginId: id } },
      }),
    )
}
