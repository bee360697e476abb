// The baseline of watching: `ws` and nothing else, which writes what the gateway wrote, made into JSON for each client.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerParent } from '../support/child.ts'
import { gauge, memory } from '../support/gauge.ts'

const sockets = new Set<WebSocket>()

interface Frame {
  readonly payload: { readonly data: { readonly loginProgress: { sequence: number } } }
}

const verbs = {
  /** Answers as graphql-transport-ws does as far as a client needs to begin. */
  start: async (first: string) => {
    const server = createServer()
    const serving = new WebSocketServer({ server, perMessageDeflate: false })
    serving.on('connection', socket => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('message', data => {
        const said = String(data)
        if (said.includes('"connection_init"')) socket.send('{"type":"connection_ack"}')
        else if (said.includes('"subscribe"')) socket.send(first)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  },
  memory,
  ring: async ({
    times,
    every,
    frame,
  }: {
    readonly times: number
    readonly every: number
    readonly frame: string
  }) => {
    const told = JSON.parse(frame) as Frame
    const gauged = gauge()
    for (let time = 0; time < times; time++) {
      const next = wait(every)
      told.payload.data.loginProgress.sequence++
      for (const socket of sockets) socket.send(JSON.stringify(told))
      await next
    }
    return gauged.end()
  },
  idle: async (seconds: number) => {
    const gauged = gauge()
    await wait(seconds * 1_000)
    return gauged.end()
  },
}

export type BareSockets = typeof verbs

answerParent(verbs)
