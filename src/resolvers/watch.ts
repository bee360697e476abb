// One watcher's place in a login: its own cursor, and a bounded queue of what it has not taken yet. It is either
// behind, and then reads the log at its own pace and queues nothing; or live, and then its feed delivers to it.
// Written as an iterator by hand: the `return` of an async generator waits behind a pending `await`, a leak per client.

import { RequestError } from '../errors.ts'
import type { LoginUpdate } from './update.ts'

/** What lies above a cursor, a bounded part of it, and whether the login is over with the last of them. */
export interface Chunk {
  readonly updates: readonly LoginUpdate[]
  readonly over: boolean
  /** The version of the login that they were read with. */
  readonly version: number
}

/** The feed, as far as one watch needs it. */
export interface Source {
  /** Number up to which everything was delivered to who is live. */
  readonly sequence: number
  readChunk(after: number): Promise<Chunk>
  /** The login as it is now, where it has changed since that version; null: it has not. */
  changedSince(version: number): LoginUpdate | null
  /** Called once. */
  left(watch: Watch): void
}

export interface Bounds {
  /** Updates that may wait. */
  readonly queue: number
  /** How long the oldest may wait, in milliseconds. */
  readonly patience: number
}

type Result = IteratorResult<LoginUpdate, undefined>

const over: Result = { value: undefined, done: true }

export class Watch implements AsyncGenerator<LoginUpdate, undefined, undefined> {
  readonly #source: Source
  readonly #bounds: Bounds
  #cursor: number
  #behind: boolean
  #queue: LoginUpdate[] = []
  /** Since when the oldest in the queue has waited. */
  #waitingSince = 0
  #taker: { resolve: (result: Result) => void; reject: (error: unknown) => void } | null = null
  /** Nothing more will be delivered. */
  #ended = false
  #error: unknown = null
  #left = false

  /** Everything above `cursor` comes, after `first` where there is one. */
  constructor(source: Source, cursor: number, first: LoginUpdate | null, bounds: Bounds) {
    this.#source = source
    this.#bounds = bounds
    this.#cursor = cursor
    this.#behind = cursor < source.sequence
    if (first !== null) this.#push(first)
  }

  /** Called by the feed for everything new. What lies before the cursor, or comes while behind, is in the log. */
  deliver(update: LoginUpdate): void {
    if (this.#ended || this.#behind) return
    const stale = update.event === null ? update.sequence < this.#cursor : update.sequence <= this.#cursor
    if (stale) return
    this.#cursor = update.sequence
    this.#push(update)
    this.#endWhenSlow()
  }

  /** The login is over: completes once the queue is taken. A watch that is behind finds out by itself. */
  complete(): void {
    if (!this.#behind) this.#end(null)
  }

  /** Ends it at once; what was queued is let go. */
  fail(error: unknown): void {
    if (this.#ended) return
    this.#queue = []
    this.#end(error)
  }

  /** Called now and then, since nothing may be delivered to one who has stopped reading. */
  endWhenLate(): void {
    this.#endWhenSlow()
  }

  async next(): Promise<Result> {
    while (true) {
      const update = this.#queue.shift()
      if (update !== undefined) {
        this.#waitingSince = performance.now()
        return { value: update, done: false }
      }
      if (this.#error !== null) {
        const error = this.#error
        this.#error = null
        throw error
      }
      if (this.#ended) return over
      if (!this.#behind) return new Promise((resolve, reject) => (this.#taker = { resolve, reject }))
      await this.#catchUp()
    }
  }

  return(): Promise<Result> {
    this.#queue = []
    this.#error = null
    this.#end(null)
    return Promise.resolve(over)
  }

  throw(error: unknown): Promise<Result> {
    void this.return()
    return Promise.reject(error)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async #catchUp(): Promise<void> {
    try {
      const chunk = await this.#source.readChunk(this.#cursor)
      if (this.#ended) return
      for (const update of chunk.updates) this.#push(update)
      this.#cursor = chunk.updates.at(-1)?.sequence ?? this.#cursor
      if (chunk.over) this.#end(null)
      // From here on the feed delivers: nothing can come between this line and the next delivery.
      else if (this.#cursor >= this.#source.sequence) {
        this.#behind = false
        // What changed meanwhile without an event is in no log, and was not delivered to who was behind.
        const changed = this.#source.changedSince(chunk.version)
        if (changed !== null && changed.sequence === this.#cursor) this.#push(changed)
      }
    } catch (error) {
      this.fail(error)
    }
  }

  #push(update: LoginUpdate): void {
    if (this.#taker !== null) {
      const { resolve } = this.#taker
      this.#taker = null
      resolve({ value: update, done: false })
      return
    }
    if (this.#queue.length === 0) this.#waitingSince = performance.now()
    // A snapshot is whole: a newer one makes the one that still waits needless.
    const last = this.#queue.at(-1)
    if (last?.event === null && update.event === null && !last.resync)
      this.#queue[this.#queue.length - 1] = update
    else this.#queue.push(update)
  }

  #endWhenSlow(): void {
    if (this.#ended || this.#queue.length === 0) return
    const late = performance.now() - this.#waitingSince > this.#bounds.patience
    if (this.#queue.length > this.#bounds.queue || late)
      this.fail(new RequestError('SLOW_CONSUMER', 'You read too slowly: come back with `after`.'))
  }

  #end(error: unknown): void {
    if (!this.#ended) {
      this.#ended = true
      this.#error = error
    }
    if (this.#taker !== null) {
      const { resolve, reject } = this.#taker
      this.#taker = null
      if (this.#error === null) resolve(over)
      else {
        const raised = this.#error
        this.#error = null
        reject(raised)
      }
    }
    if (this.#left) return
    this.#left = true
    this.#source.left(this)
  }
}
