// One watcher's place in a login: its own cursor, and a bounded queue of what its sink has not taken yet. It is either
// behind, and then reads the log at its sink's pace and queues nothing else; or live, and then its feed delivers to it.

import { RequestError } from '../errors.ts'
import { Pulled } from './pulled.ts'
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

/** Where the updates of a watch go. */
export interface Sink {
  /** False: nothing more until it calls `goOn`. */
  take(update: LoginUpdate): boolean
  /** Several may be taken within. */
  together(work: () => void): void
  /** Nothing more comes. Null: the login is over, or nobody watches any more. */
  end(error: unknown): void
}

export interface Bounds {
  /** Updates that may wait. */
  readonly queue: number
  /** How long the oldest may wait, in milliseconds. */
  readonly patience: number
}

export class Watch implements AsyncIterable<LoginUpdate> {
  readonly #source: Source
  readonly #bounds: Bounds
  readonly #leave: () => void
  /** Among those who watch the same login. */
  place = -1
  #cursor: number
  #behind: boolean
  #reading = false
  #queue: LoginUpdate[] | null = null
  /** Since when the oldest in the queue has waited. */
  #waitingSince = 0
  #sink: Sink | null = null
  /** The sink takes nothing now. */
  #full = true
  /** Nothing more will be delivered. */
  #ended = false
  #error: unknown = null
  #told = false

  /** Everything above `cursor` comes, after `first` where there is one. `leave` is called once, when it has ended. */
  constructor(source: Source, cursor: number, first: LoginUpdate | null, bounds: Bounds, leave: () => void) {
    this.#source = source
    this.#bounds = bounds
    this.#leave = leave
    this.#cursor = cursor
    this.#behind = cursor < source.sequence
    if (first !== null) this.#enqueue(first)
  }

  /** From here on everything goes there; nothing before its first `goOn`. Called once. */
  into(sink: Sink): void {
    this.#sink = sink
    if (this.#error !== null) this.#tellEnd()
  }

  /** Called by the sink: it takes again. */
  goOn(): void {
    this.#full = false
    this.#flow()
  }

  /** Called by the feed for everything new. What lies before the cursor, or comes while behind, is in the log. */
  deliver(update: LoginUpdate): void {
    if (this.#ended || this.#behind) return
    const stale = update.event === null ? update.sequence < this.#cursor : update.sequence <= this.#cursor
    if (stale) return
    this.#cursor = update.sequence
    if (this.#sink !== null && !this.#full) this.#full = !this.#sink.take(update)
    else {
      this.#enqueue(update)
      this.#endWhenSlow()
    }
  }

  /** The login is over: completes once the queue is taken. A watch that is behind finds out by itself. */
  complete(): void {
    if (!this.#behind) this.#end(null)
  }

  /** Ends it at once; what was queued is let go. */
  fail(error: unknown): void {
    if (this.#ended) return
    this.#queue = null
    this.#end(error)
    this.#tellEnd()
  }

  /** Nobody watches any more. */
  close(): void {
    this.#queue = null
    this.#error = null
    this.#end(null)
    this.#tellEnd()
  }

  /** Called now and then, since nothing may be delivered to one who has stopped reading. */
  endWhenLate(): void {
    this.#endWhenSlow()
  }

  /** One at a time, as graphql-js takes them. */
  [Symbol.asyncIterator](): Pulled {
    return new Pulled(this)
  }

  /** Hands over what waits, and reads on where that is behind. */
  #flow(): void {
    const sink = this.#sink
    if (sink === null) return
    while (!this.#full) {
      const update = this.#queue?.shift()
      if (update === undefined) break
      this.#waitingSince = performance.now()
      this.#full = !sink.take(update)
    }
    if (this.#full) return
    this.#queue = null
    if (this.#ended) this.#tellEnd()
    else if (this.#behind && !this.#reading) void this.#catchUp(sink)
  }

  async #catchUp(sink: Sink): Promise<void> {
    this.#reading = true
    try {
      const chunk = await this.#source.readChunk(this.#cursor)
      if (this.#ended) return
      for (const update of chunk.updates) this.#enqueue(update)
      this.#cursor = chunk.updates.at(-1)?.sequence ?? this.#cursor
      if (chunk.over) this.#end(null)
      // From here on the feed delivers: nothing can come between this line and the next delivery.
      else if (this.#cursor >= this.#source.sequence) {
        this.#behind = false
        // What changed meanwhile without an event is in no log, and was not delivered to who was behind.
        const changed = this.#source.changedSince(chunk.version)
        if (changed !== null && changed.sequence === this.#cursor) this.#enqueue(changed)
      }
    } catch (error) {
      this.fail(error)
    } finally {
      this.#reading = false
    }
    sink.together(() => this.#flow())
  }

  #enqueue(update: LoginUpdate): void {
    this.#queue ??= []
    if (this.#queue.length === 0) this.#waitingSince = performance.now()
    // A snapshot is whole: a newer one makes the one that still waits needless.
    const last = this.#queue.at(-1)
    if (last?.event === null && update.event === null && !last.resync)
      this.#queue[this.#queue.length - 1] = update
    else this.#queue.push(update)
  }

  #endWhenSlow(): void {
    const waiting = this.#queue?.length ?? 0
    if (this.#ended || waiting === 0) return
    const late = performance.now() - this.#waitingSince > this.#bounds.patience
    if (waiting > this.#bounds.queue || late)
      this.fail(new RequestError('SLOW_CONSUMER', 'You read too slowly: come back with `after`.'))
  }

  #end(error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#source.left(this)
    this.#leave()
    if (error === null) this.#flow()
  }

  #tellEnd(): void {
    if (this.#sink === null || this.#told) return
    this.#told = true
    this.#sink.end(this.#error)
  }
}
