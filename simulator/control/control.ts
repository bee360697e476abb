/**
 * The control API and the page of the phones, under `/_phones`: what a person or a test does behind the upstream's back.
 * For loopback and the page itself: no CORS, no other origin, no other host name.
 */
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { readBody } from '../http/body.ts'
import { JSON_TYPE } from '../http/perform.ts'
import { PhoneRefusal } from '../phone.ts'
import { loadScenarios, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'
import { controlRoutes, NoSuchThing } from './routes.ts'
import { Watchers } from './watchers.ts'

export class Control {
  readonly #world: World
  readonly #hosts: ReadonlySet<string> | null
  readonly #watchers: Watchers
  #scenarios: ReadonlyMap<string, Scenario> | null = null

  constructor(world: World, url: string, host: string) {
    this.#world = world
    this.#watchers = new Watchers(world)
    const loopback = host === '127.0.0.1' || host === '::1' || host === 'localhost'
    this.#hosts = loopback ? new Set(['127.0.0.1', 'localhost', '[::1]', new URL(url).hostname]) : null
  }

  serve(request: IncomingMessage, response: ServerResponse, path: string, query: string): boolean {
    if (path !== '/_phones' && !path.startsWith('/_phones/')) return false
    if (!this.#isOurs(request)) {
      request.resume()
      reply(response, 403, { error: 'The phones answer their own page and local tools only.' })
    } else if (path === '/_phones' || path === '/_phones/') {
      request.resume()
      const page = readFileSync(new URL('../page/phones.html', import.meta.url))
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
      })
      response.end(page)
    } else if (path === '/_phones/events') this.#watchers.add(response)
    else void this.#answer(request, response, path.slice('/_phones'.length), query)
    return true
  }

  close(): void {
    this.#watchers.close()
  }

  /** Scenario files are read at their first use. */
  scenarios(): ReadonlyMap<string, Scenario> {
    this.#scenarios ??= loadScenarios()
    return this.#scenarios
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: string,
  ): Promise<void> {
    try {
      const text = (await readBody(request)).toString('utf8')
      const body: unknown = text === '' ? {} : JSON.parse(text)
      const context = {
        world: this.#world,
        query: new URLSearchParams(query),
        body,
        scenarios: () => this.scenarios(),
      }
      for (const { method, pattern, run } of controlRoutes) {
        const match = method === request.method ? pattern.exec(path) : null
        if (match === null) continue
        const id = match[1] === undefined ? '' : decodeURIComponent(match[1])
        return reply(response, 200, run(context, id) ?? { ok: true })
      }
      reply(response, 404, { error: 'There is no such thing here. See simulator/README.md.' })
    } catch (error) {
      reply(response, ...explained(error))
    }
  }

  /** A page of another origin, or of a name that only resolves to us, is not ours. */
  #isOurs(request: IncomingMessage): boolean {
    const { host = '', origin } = request.headers
    if (this.#hosts !== null && !this.#hosts.has(host.replace(/:\d+$/, ''))) return false
    if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== host) return false
    return (
      request.method === 'GET' ||
      !/^(text|multipart|application\/x-www)/.test(request.headers['content-type'] ?? '')
    )
  }
}

const explained = (error: unknown): [number, { error: string }] => {
  if (error instanceof PhoneRefusal) return [409, { error: error.message }]
  if (error instanceof NoSuchThing || error instanceof RangeError) return [404, { error: error.message }]
  if (error instanceof z.ZodError) return [400, { error: z.prettifyError(error) }]
  if (error instanceof SyntaxError) return [400, { error: 'The body is no JSON.' }]
  return [500, { error: error instanceof Error ? error.message : String(error) }]
}

const reply = (response: ServerResponse, status: number, body: unknown): void => {
  if (response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': JSON_TYPE,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}
