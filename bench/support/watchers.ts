// Many watchers at little cost: graphql-transport-ws by hand, frames handed on as text.

import { LOGIN_PROGRESS } from '../../client/terminal/documents.ts'
import { benchKey } from './bench-key.ts'
import { type LightSocket, openLightSocket } from './light-socket.ts'

export interface Watched {
  /** Of the API. */
  readonly id: string
  heard(frame: string): void
  /** The server, or its connection, will say no more to it. */
  ended?(why: string): void
}

export interface Crowd {
  /** Of the gateway, without a path. */
  readonly url: string
  readonly sockets: number
  readonly watched: readonly Watched[]
}

/** What the terminal client asks for. Resolves when each has its first frame, which is not handed on. */
export const subscribeMany = async ({ url, sockets, watched }: Crowd): Promise<void> => {
  const shares = Map.groupBy(watched.entries(), ([index]) => index % sockets)
  for (const share of shares.values())
    await subscribe(
      url,
      share.map(([, one]) => one),
    )
}

const subscribe = async (url: string, share: readonly Watched[]): Promise<void> => {
  const first = Promise.withResolvers<void>()
  const begun = new Set<number>()
  const read = (frame: string): void => {
    const number = Number(/"id":"(\d+)"/.exec(frame)?.[1])
    if (frame.includes('"type":"next"')) {
      if (begun.has(number)) share[number]?.heard(frame)
      else if (begun.add(number).size === share.length) first.resolve()
    } else if (frame.includes('"type":"connection_ack"')) ask(socket, share)
    else if (frame.includes('"type":"ping"')) socket.send('{"type":"pong"}')
    else {
      first.reject(new Error(frame))
      share[number]?.ended?.(frame)
    }
  }
  const socket = await openLightSocket({
    url: `${url}/graphql`,
    protocol: 'graphql-transport-ws',
    heard: (bytes, from, to) => read(bytes.toString('utf8', from, to)),
    closed: why => {
      first.reject(new Error(`The gateway let a socket go: ${why}`))
      for (const one of share) one.ended?.(why)
    },
  })
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${benchKey}` } }))
  await first.promise
}

const ask = (socket: LightSocket, share: readonly Watched[]): void => {
  for (const [number, { id }] of share.entries())
    socket.send(
      JSON.stringify({
        id: String(number),
        type: 'subscribe',
        payload: { query: LOGIN_PROGRESS, variables: { loginId: id } },
      }),
    )
}
