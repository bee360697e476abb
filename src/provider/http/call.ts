// One poll on one line: its answer as bytes, settled exactly once and never before `send` has returned.

import type { Client, Dispatcher } from 'undici'
import { type PollCall, ProviderError, type RawAnswer } from '../port.ts'
import { errorOf } from './failure.ts'
import type { Lines } from './lines.ts'

/** An answer to a poll is a few hundred bytes. */
const longest = 65_536
const empty = new Uint8Array(0)

export class Call implements PollCall, Dispatcher.DispatchHandler {
  readonly #lines: Lines
  readonly #line: Client
  #settled: ((answer: RawAnswer, call: Call) => void) | null
  #controller: Dispatcher.DispatchController | null = null
  #isSent = false
  #reason: Error | null = null
  #status = 0
  #first: Buffer | null = null
  #rest: Buffer[] | null = null
  #size = 0

  /** `line`: taken from `lines`, and given back by this call. */
  constructor(lines: Lines, line: Client, settled: (answer: RawAnswer, call: Call) => void) {
    this.#lines = lines
    this.#line = line
    this.#settled = settled
  }

  /** Given up by whoever asked. */
  get aborted(): boolean {
    return this.#reason !== null
  }

  send(request: Dispatcher.DispatchOptions): void {
    this.#line.dispatch(request, this)
    this.#isSent = true
  }

  /** Where lines are not kept, it settles once its connection is closed: what is asked next finds nobody in the way. */
  abort(reason: Error): void {
    if (this.#settled === null) return
    this.#reason ??= reason
    if (!this.#lines.kept) queueMicrotask(() => this.#settled !== null && this.#lines.drop(this.#line))
    else if (this.#controller !== null) this.#controller.abort(reason)
    // undici begins a call, and could end it, only once its connection stands.
    else queueMicrotask(() => this.#isWaiting() && this.#lines.drop(this.#line))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#reason !== null && this.#lines.kept) controller.abort(this.#reason)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > longest) {
      controller.abort(new ProviderError({ kind: 'UNREADABLE', sent: true, answered: false }))
      return
    }
    if (this.#first === null) this.#first = chunk
    else {
      this.#rest ??= [this.#first]
      this.#rest.push(chunk)
    }
  }

  onResponseEnd(): void {
    const body = this.#rest === null ? (this.#first ?? empty) : Buffer.concat(this.#rest)
    this.#end({ kind: 'ANSWERED', status: this.#status, body })
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#end({ kind: 'FAILED', error: this.#reason === null ? errorOf(error) : givenUp(this.#reason) })
  }

  #isWaiting(): boolean {
    return this.#settled !== null && this.#controller === null
  }

  #end(answer: RawAnswer): void {
    const settled = this.#settled
    if (settled === null) return
    this.#settled = null
    this.#controller = null
    this.#lines.release(this.#line)
    // While undici tells of a connection that failed, its line must stay empty: an assertion of its ends the process where
    // whoever hears of it asks again on that line at once.
    if (!this.#isSent || answer.kind === 'FAILED') {
      queueMicrotask(() => settled(answer, this))
      return
    }
    try {
      settled(answer, this)
    } catch (error) {
      // A bug of whoever asked. undici would swallow it, or end its connection over it.
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

const givenUp = (cause: Error): ProviderError =>
  new ProviderError({ kind: 'TIMEOUT', sent: true, answered: false, cause })
