// The baseline of watching: `ws` and nothing else, which writes what the gateway wrote, made into JSON for each client.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerParent } from '../support/child.ts'
import { stretches } from '../support/gauge.ts'

const sockets = new Set<WebSocket>()
let told: readonly Frame[] = []

interface Frame {
  readonly payload: { readonly data: { readonly loginProgress: { sequence: number } } }
}

const verbs = {
  /** `frames`: what is written, one after the other. Answers as graphql-transport-ws does as far as a client needs to begin. */
  start: async (frames: readonly string[]) => {
    told = frames.map(frame => JSON.parse(frame) as Frame)
    const [first = ''] = frames
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
  ...stretches(),
  ring: async ({ times, every }: { readonly times: number; readonly every: number }) => {
    for (let time = 0; time < times; time++) {
      const next = wait(every)
      const frame = told[time % told.length]
      if (frame === undefined) throw new Error('There is nothing to write')
      frame.payload.data.loginProgress.sequence++
      for (const socket of sockets) socket.send(JSON.stringify(frame))
      await next
    }
  },
}

export type BareSockets = typeof verbs

answerParent(verbs)
