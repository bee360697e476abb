// One live operation on one socket, from its watch to its outlet. graphql-ws iterates it to learn of the end, of an error
// and of a client that goes; the updates pass it by.

import type { LoginUpdate } from '../../resolvers/update.ts'
import type { Viewer } from '../../resolvers/viewer.ts'
import type { Sink, Watch } from '../../resolvers/watch.ts'
import type { LiveCounters } from './counters.ts'
import type { Interpret } from './interpret.ts'
import type { Asked } from './operation.ts'
import type { Outlet, OutletParts } from './outlet.ts'
import { Payload } from './payload.ts'
import type { Plan } from './plan.ts'
import { PublicOutlet } from './public-outlet.ts'
import { RawOutlet } from './raw-outlet.ts'

type Result = IteratorResult<never, undefined>

const over: Result = { value: undefined, done: true }

export interface LiveStreamParts extends Omit<OutletParts, 'drained'> {
  readonly watch: Watch
  readonly plan: Plan
  readonly asked: Asked
  readonly viewer: Viewer
  readonly interpret: Interpret
  readonly counters: LiveCounters
}

export class LiveStream implements AsyncGenerator<never, undefined>, Sink {
  readonly #watch: Watch
  readonly #plan: Plan
  readonly #asked: Asked
  readonly #viewer: Viewer
  readonly #interpret: Interpret
  readonly #counters: LiveCounters
  readonly #outlet: Outlet
  #end: PromiseWithResolvers<Result> | null = null
  #ended = false

  constructor({ watch, plan, asked, viewer, interpret, counters, socket, wire, id }: LiveStreamParts) {
    this.#watch = watch
    this.#plan = plan
    this.#asked = asked
    this.#viewer = viewer
    this.#interpret = interpret
    this.#counters = counters
    this.#outlet = outletOf({ socket, wire, id, drained: () => watch.goOn() })
  }

  /** Asked for once; settles at the end. */
  next(): Promise<Result> {
    if (this.#ended) return Promise.resolve(over)
    if (this.#end !== null) return this.#end.promise
    this.#end = Promise.withResolvers<Result>()
    this.#watch.into(this)
    this.together(() => this.#watch.goOn())
    return this.#end.promise
  }

  return(): Promise<Result> {
    this.#ended = true
    this.#watch.close()
    return Promise.resolve(over)
  }

  throw(error: unknown): Promise<Result> {
    void this.return()
    return Promise.reject(error)
  }

  take(update: LoginUpdate): boolean {
    const payload = this.#plan.payloadOf(update)
    if (payload !== null) return this.#write(payload)
    this.#counters.interpreted++
    try {
      const made = this.#interpret(this.#asked, this.#viewer, update)
      if (typeof made === 'string') return this.#write(new Payload(made))
      // What comes meanwhile waits with the watch, so that the order stays.
      void this.#writeLater(made)
    } catch (error) {
      // Its own affair: the others who are being told go on.
      this.#watch.fail(error)
    }
    return false
  }

  together(work: () => void): void {
    this.#outlet.together(work)
  }

  end(error: unknown): void {
    this.#ended = true
    if (error === null) this.#end?.resolve(over)
    else this.#end?.reject(error)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async #writeLater(made: Promise<string>): Promise<void> {
    try {
      const payload = new Payload(await made)
      if (!this.#ended && this.#write(payload)) this.#watch.goOn()
    } catch (error) {
      this.#watch.fail(error)
    }
  }

  #write(payload: Payload): boolean {
    this.#counters.delivered++
    return this.#outlet.write(payload)
  }
}

/** Past `ws` where it sends at once and in order, which it does unless it compresses. */
const outletOf = (parts: OutletParts): Outlet =>
  parts.socket.extensions === '' ? new RawOutlet(parts) : new PublicOutlet(parts)
