// A throw-away HTTP server for tests of connections: it counts them, answers as told, and can refuse to.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

export class Upstream implements AsyncDisposable {
  readonly #bodies = new WeakMap<IncomingMessage, string>()
  readonly #server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    // Read whole, or its connection cannot be used again.
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      this.#bodies.set(request, Buffer.concat(chunks).toString())
      this.#hear(request, response)
    })
  })
  #handler: Handler
  #asked = Promise.withResolvers<void>()
  port = 0
  requests = 0
  underWay = 0
  mostUnderWay = 0
  connections = 0

  private constructor(handler: Handler) {
    this.#handler = handler
    this.#server.on('connection', () => {
      this.connections++
    })
  }

  static async start(handler: Handler): Promise<Upstream> {
    const upstream = new Upstream(handler)
    await new Promise<void>(resolve => upstream.#server.listen(0, '127.0.0.1', resolve))
    upstream.port = (upstream.#server.address() as AddressInfo).port
    return upstream
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Resolves at the next request. */
  get asked(): Promise<void> {
    return this.#asked.promise
  }

  /** What was posted. */
  bodyOf(request: IncomingMessage): string {
    return this.#bodies.get(request) ?? ''
  }

  handle(handler: Handler): void {
    this.#handler = handler
  }

  /** Connections that are open now. */
  open(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
  }

  /** Resolves once no connection is open. */
  async quiet(): Promise<void> {
    while ((await this.open()) > 0) await new Promise(resolve => setImmediate(resolve))
  }

  #hear(request: IncomingMessage, response: ServerResponse): void {
    this.requests++
    this.underWay++
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
    response.on('close', () => {
      this.underWay--
    })
    this.#handler(request, response)
    this.#asked.resolve()
    this.#asked = Promise.withResolvers()
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

export const answerWith =
  (body: string | Uint8Array, status = 200): Handler =>
  (_request, response) => {
    response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body)
  }

export const never: Handler = () => {}

export const reset: Handler = (_request, response) => {
  response.socket?.resetAndDestroy()
}

/** Writes without end, as long as it is read. */
export const flood: Handler = (_request, response) => {
  const chunk = Buffer.alloc(65_536, 'x')
  const write = () => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', write)
  response.writeHead(200)
  write()
}
