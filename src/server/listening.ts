// A port, taken before anything slow begins, so that a taken one is known at once. Until the gateway is ready it
// answers that it is alive and not ready, and nothing else.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

export interface Handlers {
  request(request: IncomingMessage, response: ServerResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

export interface Listening {
  /** Where it really listens, whatever port was asked for. */
  readonly url: string
  serve(handlers: Handlers): void
  /** Nobody new; who is there stays. */
  stopAccepting(): void
  /** Resolves when the last connection is gone: by itself within `grace` milliseconds, else cut. */
  close(grace: number): Promise<void>
}

const silentAtMost = 60_000

export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
}

export const listen = async (host: string, port: number): Promise<Listening> => {
  let handlers: Handlers = notReady
  const server = createServer({
    requestTimeout: 30_000,
    headersTimeout: 15_000,
    keepAliveTimeout: 65_000,
    // Who offers anything else, as HTTP/2 by `h2c`, is answered as though they had not (RFC 9110, 7.8).
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  })
  // Server-sent events are pinged every 12 s: a connection without any traffic is one whose client has stopped reading.
  server.setTimeout(silentAtMost)
  server.on('request', (request, response) => handlers.request(request, response))
  server.on('upgrade', (request, socket, head) => {
    // A socket whose client vanishes in the middle must not end the process.
    socket.on('error', () => socket.destroy())
    handlers.upgrade(request, socket, head)
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
  })
  await begin(server, host, port)
  const address = server.address() as AddressInfo
  let closed: Promise<void> | null = null
  const stopAccepting = () => {
    closed ??= new Promise(resolve => server.close(() => resolve()))
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    serve: given => {
      handlers = given
    },
    stopAccepting,
    close: async grace => {
      stopAccepting()
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), grace)
      await closed
      clearTimeout(cut)
    },
  }
}

const begin = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${host}:${port}`
      if (error.code === 'EADDRINUSE')
        reject(
          new PortTakenError(`Something else listens on ${where}: stop it, or name another port in PORT.`),
        )
      else if (error.code === 'EACCES')
        reject(new PortTakenError(`This user may not listen on ${where}: name a port above 1023 in PORT.`))
      else
        reject(
          new PortTakenError(
            `It cannot listen on ${where} (${error.code ?? 'unknown'}): check HOST and PORT.`,
          ),
        )
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })

const notReady: Handlers = {
  request: (request, response) => {
    const isAlive = request.url === '/healthz'
    response.writeHead(isAlive ? 200 : 503, {
      'content-type': 'text/plain; charset=utf-8',
      'retry-after': '2',
    })
    response.end(isAlive ? 'alive\n' : 'starting\n')
  },
  upgrade: (_request, socket) => {
    refuseUpgrade(socket, '503 Service Unavailable')
  },
}

/** Its client may keep its own half open for ever, and nobody else would ever close it. */
export const refuseUpgrade = (socket: Duplex, status: string): void => {
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
}
