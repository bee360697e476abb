/**
 * The simulator as one thing with a life: a stand-in upstream on a port, its world, and the phones to play with.
 * Knows which part answers which path; each part's wording is its own.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CallLog } from './call-log.ts'
import type { CallbackAddress } from './callbacks.ts'
import { type Clock, realClock } from './clock.ts'
import { Control } from './control/control.ts'
import { send } from './http/perform.ts'
import { servePicture } from './http/serve-picture.ts'
import { serveCaptcha } from './ipad/captcha.ts'
import { serveIpad } from './ipad/serve.ts'
import { serveOpen } from './open/serve.ts'
import { Pictures } from './pictures.ts'
import type { Settings } from './settings.ts'
import { World } from './world.ts'

export type SimulatorOptions = {
  readonly host?: string
  /** 0: any free one. */
  readonly port?: number
  readonly token?: string
  /** Where clients reach it, if not at host and port: the front of every link. */
  readonly publicUrl?: string
  readonly clock?: Clock
  readonly switches?: Settings['switches']
  readonly timings?: Settings['timings']
  /** Calls that the log remembers. */
  readonly logSize?: number
  /** Who is called back from the start: the link, and for `ipad` the form (2: optimised). */
  readonly callbacks?: { readonly open?: CallbackAddress; readonly ipad?: CallbackAddress }
}

export type Simulator = AsyncDisposable & {
  /** Base of the dialect's paths, without a slash at the end. */
  readonly url: string
  /** The token at the start; `world.token` is the one that works now. */
  readonly token: string
  readonly phonesUrl: string
  readonly world: World
  readonly log: CallLog
  /** Ends every call, also those that hang; resolves when nothing is left running. */
  readonly close: () => Promise<void>
}

/** Starts a simulator; rejects where it cannot listen. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const host = options.host ?? '127.0.0.1'
  const token = options.token ?? 'simulator-token'
  const world = new World({
    clock: options.clock ?? realClock,
    token,
    settings: { switches: options.switches, timings: options.timings },
    logSize: options.logSize ?? 10_000,
    ...(options.callbacks === undefined ? {} : { callbacks: options.callbacks }),
  })
  const server = createServer({ keepAliveTimeout: 60_000 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, () => resolve())
  })
  const { port } = server.address() as AddressInfo
  const url = options.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const pictures = new Pictures(world, url)
  const control = new Control(world, url, host)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const target = request.url ?? '/'
    const mark = target.indexOf('?')
    const path = mark === -1 ? target : target.slice(0, mark)
    const query = mark === -1 ? '' : target.slice(mark + 1)
    if (serveOpen({ world, pictures }, request, response, path, query)) return
    if (serveIpad({ world, pictures }, request, response, path, query)) return
    if (serveCaptcha(world, request, response, path, query)) return
    if (servePicture(world, pictures, request, response, path, query)) return
    if (control.serve(request, response, path, query)) return
    request.resume()
    send(response, { status: 404, type: 'text/plain', body: 'Not Found' }, null)
  })
  let closing: Promise<void> | null = null
  const close = (): Promise<void> => {
    closing ??= new Promise<void>(resolve => {
      control.close()
      world.close()
      server.close(() => resolve())
      server.closeAllConnections()
    })
    return closing
  }
  return {
    url,
    token,
    phonesUrl: `${url}/_phones`,
    world,
    log: world.log,
    close,
    [Symbol.asyncDispose]: close,
  }
}
