// Risky calls about a device that are no login: takes what is pending, has it done, writes what it came to and wakes whoever
// waits for it. How each kind is done is not known here.

import type { PendingOperation, Store } from '../db/store.ts'
import type { CallFailure, Provider } from '../provider/port.ts'
import type { Calls } from './calls.ts'
import { traceOf } from './failure.ts'
import { doOnce } from './operation-once.ts'
import { registerDevice } from './operation-register.ts'
import type { Log } from './options.ts'
import type { OperationEnd, Performing } from './performing.ts'
import type { Time } from './time.ts'

/** Whoever waits for an operation asks why it failed within seconds. */
const failuresKept = 1_000

export interface OperationsOptions {
  readonly store: Store
  readonly providers: ReadonlyMap<string, Provider>
  readonly calls: Calls
  readonly time: Time
  readonly log: Log
  readonly ring: (operation: PendingOperation) => void
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

  async #perform(operation: PendingOperation): Promise<void> {
    const { store, providers, calls, log, ring } = this.#options
    const provider = providers.get(operation.provider)
    if (provider === undefined) {
      // Stays under way, so that this is said once.
      log.warn({ operation: operation.id }, 'An operation is not for this configuration: it stays pending')
      return
    }
    try {
      const failed = (error: unknown) =>
        log.error(
          { operation: operation.id, ...traceOf(error) },
          'What became of an operation could not be written',
        )
      const performing: Performing = { store, calls, pause: ms => this.#pause(ms), failed }
      const perform = operation.kind === 'REGISTER' ? registerDevice : doOnce
      const outcome = await perform(operation, provider, performing)
      if (outcome === null) return
      if (outcome.failure !== null) this.#failed(operation, outcome.end, outcome.failure)
      await store.endOperation(operation.id, outcome.end)
      ring(operation)
    } finally {
      this.#underWay.delete(operation.id)
    }
  }

  /** What the upstream said is written with the operation; why it is not its to say is kept here, and told once. */
  #failed({ id, kind, provider }: PendingOperation, { state }: OperationEnd, failure: CallFailure): void {
    const oldest = this.#failures.keys().next()
    if (this.#failures.size >= failuresKept && !oldest.done) this.#failures.delete(oldest.value)
    this.#failures.set(id, failure)
    this.#options.log.warn(
      { operation: id, operationKind: kind, provider, state, ...failure },
      'An operation of a device came to nothing',
    )
  }

  async #pause(ms: number): Promise<boolean> {
    if (this.#stopped) return false
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#options.time.setTimer(ms, resolve)
    this.#pauses.add(resolve)
    await promise
    this.#pauses.delete(resolve)
    cancel()
    return !this.#stopped
  }
}
