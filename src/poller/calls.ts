// Calls that are not polls: each with a total deadline, and given up where their login goes. One sweep serves them all,
// so that no call has a timer. It knows neither what is called nor what the answers mean.

import { ProviderError } from '../provider/port.ts'
import { CalledOffError, GivenUpError } from './failure.ts'
import type { Held } from './held.ts'
import type { Lease } from './lease.ts'
import type { Time } from './time.ts'

interface Call {
  readonly held: Held | null
  readonly intent: string | null
  readonly overAt: number
  readonly controller: AbortController
}

export interface Asking {
  /** Null: for no login that is driven now. */
  readonly held: Held | null
  /** Names a risky call, which a stop lets finish. */
  readonly intent?: string
  /** Milliseconds in all. */
  readonly within: number
}

/** However the callee words an abort, it was ours; but only the callee knows that nothing had been sent yet. */
const reasonOf = (reason: unknown, error: unknown): unknown =>
  reason instanceof GivenUpError && error instanceof ProviderError && !error.sent ? error : reason

export class Calls {
  readonly #time: Time
  readonly #lease: Lease
  readonly #failed: () => void
  readonly #open = new Set<Call>()
  #stopping = false
  #quiet: (() => void) | null = null

  constructor(options: { time: Time; lease: Lease; failed: () => void }) {
    this.#time = options.time
    this.#lease = options.lease
    this.#failed = options.failed
  }

  /**
   * Throws CalledOffError, in the tick in which the call would have gone out; GivenUpError, where it may have been sent; or
   * what the call throws.
   */
  async ask<Answer>(
    { held, intent, within }: Asking,
    send: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    if (held?.gone || this.#stopping || !this.#lease.held) throw new CalledOffError()
    const controller = new AbortController()
    const call: Call = { held, intent: intent ?? null, overAt: this.#time.now() + within, controller }
    this.#open.add(call)
    try {
      return await send(controller.signal)
    } catch (error) {
      const reason = controller.signal.aborted ? reasonOf(controller.signal.reason, error) : error
      if (!held?.gone && !(reason instanceof CalledOffError)) this.#failed()
      throw reason
    } finally {
      this.#open.delete(call)
      if (!this.#risky()) this.#quiet?.()
    }
  }

  /** Gives up what has taken too long, `most` of it; returns how many that were. */
  sweep(most: number): number {
    const now = this.#time.now()
    let given = 0
    for (const call of this.#open) {
      if (given >= most) break
      if (call.overAt > now || call.controller.signal.aborted) continue
      call.controller.abort(new GivenUpError())
      given++
    }
    return given
  }

  /** Of one login: all, or the one of an intent. */
  giveUp(held: Held, intent?: string): void {
    for (const call of this.#open)
      if (call.held === held && (intent === undefined || call.intent === intent))
        call.controller.abort(new GivenUpError())
  }

  /** No more calls, and those that are not risky given up. Resolves when no risky one is left, `patience` at the latest. */
  async stop(patience: number): Promise<void> {
    this.#stopping = true
    for (const call of this.#open) if (call.intent === null) call.controller.abort(new CalledOffError())
    if (this.#risky()) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#quiet = resolve
      const cancel = this.#time.setTimer(patience, resolve)
      await promise
      cancel()
    }
    for (const call of this.#open) call.controller.abort(new GivenUpError())
  }

  #risky(): boolean {
    for (const call of this.#open) if (call.intent !== null) return true
    return false
  }
}
