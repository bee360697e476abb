/**
 * Tells open pages that something changed, as server-sent events, a few times a second at most.
 * Refuses to know what changed: the page asks.
 */
import type { ServerResponse } from 'node:http'
import type { World } from '../world.ts'

const PAUSE_MS = 150

export class Watchers {
  readonly #world: World
  readonly #open = new Set<ServerResponse>()
  #leave: (() => void) | null = null
  #pending = false

  constructor(world: World) {
    this.#world = world
  }

  add(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 1000\n\ndata: hello\n\n')
    this.#open.add(response)
    this.#leave ??= this.#world.onChange(() => this.#soon())
    response.on('close', () => {
      this.#open.delete(response)
      if (this.#open.size > 0) return
      this.#leave?.()
      this.#leave = null
    })
  }

  close(): void {
    for (const response of this.#open) response.end()
  }

  #soon(): void {
    if (this.#pending) return
    this.#pending = true
    this.#world.timers.set(PAUSE_MS, () => {
      this.#pending = false
      for (const response of this.#open) response.write('data: changed\n\n')
    })
  }
}
