// A way to a Postgres server that can fail as networks do: it goes silent without closing, or breaks. Knows no statement.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Through extends AsyncDisposable {
  /** The database by this way. */
  readonly url: string
  /** What was said to the server. */
  readonly said: () => string
  /** Answers on the connections there are now get lost; what is said on them arrives. */
  mute(): void
  /** Breaks the connections there are now. */
  cut(): void
}

export const wayTo = async (url: string): Promise<Through> => {
  const server = new URL(url)
  const ways = new Set<{ muted: boolean; sockets: readonly Socket[] }>()
  const said: Buffer[] = []
  const between = createServer(near => {
    const far = connect(Number(server.port || 5432), server.hostname)
    const way = { muted: false, sockets: [near, far] }
    ways.add(way)
    near.on('data', bytes => {
      said.push(bytes)
      far.write(bytes)
    })
    far.on('data', bytes => way.muted || near.write(bytes))
    for (const socket of way.sockets) {
      socket.on('error', () => {})
      socket.on('close', () => {
        if (way.muted && socket === far) return
        ways.delete(way)
        for (const each of way.sockets) each.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(between, 'listening')
  const cut = () => {
    for (const socket of [...ways].flatMap(way => way.sockets)) socket.destroy()
  }
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((between.address() as AddressInfo).port)
  return {
    url: through.href,
    said: () => Buffer.concat(said).toString('latin1'),
    mute: () => {
      for (const way of ways) way.muted = true
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      between.close()
      cut()
      await once(between, 'close')
    },
  }
}
