// What a wall has not taken yet, as an iterator. What waits is a reference to something that goes on changing, shown as it
// is when it is taken: a slow reader misses steps and is never behind by more than the number of things. By hand, since the
// `return` of an async generator waits behind a pending `await`, a leak per client.

import { RequestError } from '../errors.ts'
import type { Bounds } from './watch.ts'

type Result<Item> = IteratorResult<Item, undefined>

const over = { value: undefined, done: true } as const

export interface LatestParts<Waiting, Item> {
  /** `queue`: what may wait beside what it began with; `patience`: how long, with nothing taken, in milliseconds. */
  readonly bounds: Bounds
  show(waiting: Waiting): Item
  /** Asked for where nothing waits: begins with a bounded part of what lies before. False: that was all. */
  readonly more: (() => Promise<boolean>) | null
  /** Called once, when it has ended. */
  left(): void
}

export class Latest<Waiting, Item> implements AsyncGenerator<Item, undefined, undefined> {
  readonly #parts: LatestParts<Waiting, Item>
  readonly #waiting = new Map<string, Waiting>()
  /** Goes on where it was: what has been taken is not gone through again. */
  #order = this.#waiting.entries()
  readonly #takers: PromiseWithResolvers<Result<Item>>[] = []
  #most: number
  #more: (() => Promise<boolean>) | null
  #fetching = false
  /** Since when nothing was taken of what waits. */
  #since = 0
  #ended = false
  #error: unknown = null

  constructor(parts: LatestParts<Waiting, Item>) {
    this.#parts = parts
    this.#most = parts.bounds.queue
    this.#more = parts.more
  }

  waiting(key: string): Waiting | undefined {
    return this.#waiting.get(key)
  }

  /** What it begins with, or what lies before, of any size: the bound is for what comes on top. */
  begin(all: Iterable<readonly [string, Waiting]>): void {
    for (const [key, waiting] of all) this.#waiting.set(key, waiting)
    this.#most = this.#parts.bounds.queue + this.#waiting.size
    this.#since = performance.now()
  }

  /** One of the same key keeps its place. */
  offer(key: string, waiting: Waiting): void {
    if (this.#ended) return
    if (this.#waiting.size === 0) this.#since = performance.now()
    this.#waiting.set(key, waiting)
    this.#flow()
    if (this.#waiting.size > this.#most) this.#endAsSlow()
  }

  /** Called now and then, since nothing may be offered to one who has stopped reading. */
  endWhenLate(): void {
    const late = performance.now() - this.#since > this.#parts.bounds.patience
    if (this.#waiting.size > 0 && late) this.#endAsSlow()
  }

  /** Ends it at once; what waits is let go. */
  fail(error: unknown): void {
    if (this.#ended) return
    this.#end()
    this.#error = error
    this.#raise()
  }

  next(): Promise<Result<Item>> {
    const taker = Promise.withResolvers<Result<Item>>()
    this.#takers.push(taker)
    if (this.#ended) this.#raise()
    else this.#flow()
    return taker.promise
  }

  return(): Promise<Result<Item>> {
    this.#end()
    this.#error = null
    this.#raise()
    return Promise.resolve(over)
  }

  throw(error: unknown): Promise<Result<Item>> {
    void this.return()
    return Promise.reject(error)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #flow(): void {
    try {
      while (this.#takers.length > 0) {
        const first = this.#first()
        if (first === undefined) break
        this.#since = performance.now()
        const value = this.#parts.show(first)
        this.#takers.shift()?.resolve({ value, done: false })
      }
    } catch (error) {
      this.fail(error)
      return
    }
    if (this.#takers.length > 0 && this.#more !== null && !this.#fetching) void this.#fetch(this.#more)
  }

  #first(): Waiting | undefined {
    if (this.#waiting.size === 0) return undefined
    let next = this.#order.next()
    if (next.done === true) {
      this.#order = this.#waiting.entries()
      next = this.#order.next()
    }
    if (next.done === true) return undefined
    const [key, waiting] = next.value
    this.#waiting.delete(key)
    return waiting
  }

  async #fetch(more: () => Promise<boolean>): Promise<void> {
    this.#fetching = true
    try {
      if (!(await more())) this.#more = null
    } catch (error) {
      this.fail(error)
    } finally {
      this.#fetching = false
    }
    if (!this.#ended) this.#flow()
  }

  #endAsSlow(): void {
    this.fail(
      new RequestError('SLOW_CONSUMER', 'You read too slowly: come back, with `after` where there is one.'),
    )
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#waiting.clear()
    this.#parts.left()
  }

  /** The error to whoever asks first, once. */
  #raise(): void {
    const error = this.#error
    if (error !== null && this.#takers.length > 0) {
      this.#error = null
      this.#takers.shift()?.reject(error)
    }
    for (const taker of this.#takers.splice(0)) taker.resolve(over)
  }
}
