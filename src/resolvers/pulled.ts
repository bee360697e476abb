// A watch as an iterator: one update for each `next`. By hand, since the `return` of an async generator waits behind a
// pending `await`, a leak per client.

import type { LoginUpdate } from './update.ts'
import type { Sink, Watch } from './watch.ts'

type Result = IteratorResult<LoginUpdate, undefined>

const over: Result = { value: undefined, done: true }

export class Pulled implements AsyncGenerator<LoginUpdate, undefined, undefined>, Sink {
  readonly #watch: Watch
  readonly #takers: PromiseWithResolvers<Result>[] = []
  #ended = false
  #error: unknown = null

  constructor(watch: Watch) {
    this.#watch = watch
    watch.into(this)
  }

  take(update: LoginUpdate): boolean {
    this.#takers.shift()?.resolve({ value: update, done: false })
    return this.#takers.length > 0
  }

  together(work: () => void): void {
    work()
  }

  end(error: unknown): void {
    this.#ended = true
    this.#error = error
    if (this.#takers.length > 0) this.#raise()
    for (const taker of this.#takers.splice(0)) taker.resolve(over)
  }

  next(): Promise<Result> {
    const taker = Promise.withResolvers<Result>()
    this.#takers.push(taker)
    if (this.#ended) this.end(this.#error)
    else if (this.#takers.length === 1) this.#watch.goOn()
    return taker.promise
  }

  return(): Promise<Result> {
    this.#error = null
    this.#watch.close()
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

  /** To whoever asks first, once. */
  #raise(): void {
    if (this.#error === null) return
    this.#takers.shift()?.reject(this.#error)
    this.#error = null
  }
}
