// Risky calls about a device that are no login. REGISTER may be repeated, because a device that exists is created; what
// it came to is written, and whoever waits for it is woken.

import type { Store } from '../db/store.ts'
import { type CallFailure, type Provider, ProviderError, type Target } from '../provider/port.ts'
import type { Calls } from './calls.ts'
import { CalledOffError, GivenUpError } from './failure.ts'
import type { Log } from './options.ts'
import type { Time } from './time.ts'

const attempts = 3
const patience = 10_000
const pauseAfter = (attempt: number): number => 1_000 * attempt
/** Whoever waits for an operation asks why it failed within seconds. */
const failuresKept = 1_000

type Claimed = Awaited<ReturnType<Store['claimOperations']>>[number]
type End = Parameters<Store['endOperation']>[1]

export interface OperationsOptions {
  readonly store: Store
  readonly providers: ReadonlyMap<string, Provider>
  readonly calls: Calls
  readonly time: Time
  readonly log: Log
  readonly ring: (operationId: string) => void
  readonly background: (work: () => Promise<void>) => void
}

export class Operations {
  readonly #options: OperationsOptions
  readonly #underWay = new Set<string>()
  readonly #pauses = new Set<() => void>()
  readonly #failures = new Map<string, CallFailure>()
  #stopped = false

  constructor(options: OperationsOptions) {
    this.#options = options
  }

  /** Takes what is pending and begins with it. */
  async claim(): Promise<void> {
    const { store, background } = this.#options
    for (const operation of await store.claimOperations()) {
      if (this.#stopped || this.#underWay.has(operation.id)) continue
      this.#underWay.add(operation.id)
      background(() => this.#perform(operation))
    }
  }

  /** Why it came to nothing; null: it did not, or that was long ago or in another process. */
  failureOf(operationId: string): CallFailure | null {
    return this.#failures.get(operationId) ?? null
  }

  /** What is pending stays so, for the next owner. */
  stop(): void {
    this.#stopped = true
    for (const resume of this.#pauses) resume()
  }

  async #perform(operation: Claimed): Promise<void> {
    const { store, providers, log, ring } = this.#options
    const provider = providers.get(operation.provider)
    if (provider === undefined || operation.kind !== 'REGISTER') {
      // Stays under way, so that this is said once.
      log.warn({ operation: operation.id }, 'An operation is not for this configuration: it stays pending')
      return
    }
    try {
      const end = await this.#register(operation, provider)
      if (end === null) return
      await store.endOperation(operation.id, end)
      ring(operation.id)
    } finally {
      this.#underWay.delete(operation.id)
    }
  }

  /** Null: not ours to end any more. */
  async #register(operation: Claimed, provider: Provider): Promise<End | null> {
    const { code: _, ...device } = operation.target
    const target = { ...device, handle: null }
    let sent = false
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#attempt(operation.id, target, provider)
      if (failure === null) return { state: 'DONE', upstreamCode: null, upstreamMessage: null }
      if (failure instanceof CalledOffError || this.#stopped) return null
      const told = failure instanceof ProviderError ? failure : null
      const { answered = false, upstreamCode = null, upstreamMessage = null } = told ?? {}
      sent ||= told?.sent ?? true
      if (answered || attempt === attempts) {
        const state = answered || !sent ? 'FAILED' : 'UNCLEAR'
        this.#failed(operation, state, {
          kind: told?.kind ?? 'TIMEOUT',
          httpStatus: told?.httpStatus ?? null,
        })
        return { state, upstreamCode, upstreamMessage }
      }
      await this.#pause(pauseAfter(attempt))
      if (this.#stopped) return null
    }
  }

  /** Null: done. */
  async #attempt(
    intent: string,
    target: Target,
    provider: Provider,
  ): Promise<ProviderError | GivenUpError | CalledOffError | null> {
    const { calls } = this.#options
    try {
      await calls.ask({ held: null, intent, within: patience }, signal =>
        provider.registerDevice(target, signal),
      )
      return null
    } catch (error) {
      const expected =
        error instanceof ProviderError || error instanceof GivenUpError || error instanceof CalledOffError
      if (expected) return error
      throw error
    }
  }

  /** What the upstream said is written with the operation; why it is not its to say is kept here, and told once. */
  #failed({ id, provider }: Claimed, state: End['state'], failure: CallFailure): void {
    const oldest = this.#failures.keys().next()
    if (this.#failures.size >= failuresKept && !oldest.done) this.#failures.delete(oldest.value)
    this.#failures.set(id, failure)
    this.#options.log.warn(
      { operation: id, provider, state, ...failure },
      'A device was not created upstream',
    )
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#options.time.setTimer(ms, resolve)
    this.#pauses.add(resolve)
    await promise
    this.#pauses.delete(resolve)
    cancel()
  }
}
