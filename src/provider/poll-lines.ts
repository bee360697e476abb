// The hot path: everything that a poll needs is built once per login, and what is learnt from every settled poll
// (reachability, and latency where polls return) is two numbers. What bytes mean is the dialect's.

import type { PollAnswer } from '../login/observation.ts'
import type { FailureKind } from '../login/vocabulary.ts'
import { type Circuit, failureToAnswer, type Pass } from './circuit.ts'
import type { Connection } from './connection.ts'
import { Call } from './http/call.ts'
import type { Lines } from './http/lines.ts'
import {
  type PollCall,
  type Polling,
  type PreparedPoll,
  ProviderError,
  type RawAnswer,
  type Target,
} from './port.ts'
import { isSelfCheck } from './self-check.ts'

/** Smoothed over about this many polls. */
const smoothing = 16
const slowAbove = 1_000
const minute = 60_000

export interface PollRequest {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

interface Prepared extends PreparedPoll {
  /** Null: there is nothing to ask about. */
  readonly request: (PollRequest & { readonly method: 'POST' }) | null
}

export interface PollLinesOptions {
  readonly connection: Pick<Connection, 'name' | 'circuit' | 'now' | 'today'>
  readonly lines: Lines
  /** Milliseconds in all that a poll may take. */
  readonly patience: number
  /** Polls hang until there is something to tell: how long they take says nothing of the upstream. */
  readonly hangs: boolean
  /** Null: nothing is out that could be polled. */
  readonly request: (target: Target) => PollRequest | null
  /** Pure; throws ProviderError. */
  readonly read: (status: number, body: Uint8Array, took: number) => PollAnswer
}

/** P 1: answers come with 200, whatever they say. */
const isUsual = (status: number): boolean => status >= 200 && status < 300

const unsent = (settled: (answer: RawAnswer) => void, cause: unknown): PollCall => {
  const isOurs = cause instanceof ProviderError
  const error = isOurs
    ? cause
    : new ProviderError({ kind: 'UNREACHABLE', sent: false, answered: false, cause })
  queueMicrotask(() => settled({ kind: 'FAILED', error }))
  return { abort: () => {} }
}

const nothingOut = () => new ProviderError({ kind: 'ERROR', sent: false, answered: false })

const isPrepared = (poll: PreparedPoll): poll is Prepared => 'request' in poll

export class PollLines implements Polling {
  readonly #name: string
  readonly #lines: Lines
  readonly #circuit: Circuit
  readonly #now: () => number
  readonly #today: () => number
  readonly #hangs: boolean
  readonly patience: number
  readonly #request: PollLinesOptions['request']
  readonly #read: PollLinesOptions['read']
  #latency = 0
  #selfCheck = false
  #selfCheckAsOf = Number.NEGATIVE_INFINITY

  constructor(options: PollLinesOptions) {
    this.#name = options.connection.name
    this.#circuit = options.connection.circuit
    this.#now = options.connection.now
    this.#today = options.connection.today
    this.#lines = options.lines
    this.patience = options.patience
    this.#hangs = options.hangs
    this.#request = options.request
    this.#read = options.read
  }

  get full(): boolean {
    return this.#lines.full
  }

  get slow(): boolean {
    return this.#latency > slowAbove || this.#circuit.reachable === false || this.#isSelfCheck()
  }

  prepare(target: Target): Prepared {
    const request = this.#request(target)
    return { provider: this.#name, request: request === null ? null : { method: 'POST', ...request } }
  }

  send(poll: PreparedPoll, settled: (answer: RawAnswer) => void): PollCall {
    if (!isPrepared(poll) || poll.provider !== this.#name) throw new TypeError('A poll of another provider')
    if (poll.request === null) return unsent(settled, nothingOut())
    const line = this.#lines.take()
    if (line === null) return unsent(settled, new Error('No line is free'))
    let pass: Pass
    try {
      pass = this.#circuit.pass({ hangs: this.#hangs })
    } catch (error) {
      this.#lines.release(line)
      return unsent(settled, error)
    }
    const began = this.#now()
    const call = new Call(this.#lines, line, (answer, { aborted }) => {
      this.#learn(pass, answer, aborted, this.#now() - began)
      settled(answer)
    })
    call.send(poll.request)
    return call
  }

  read(status: number, body: Uint8Array, took: number): PollAnswer {
    try {
      return this.#read(status, body, took)
    } catch (error) {
      // Told in an answer whose status says nothing of it, a refused token is known only here.
      if (error instanceof ProviderError && error.kind === 'UNAUTHORIZED' && isUsual(status))
        this.#circuit.refused()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#lines.close()
  }

  #learn(pass: Pass, answer: RawAnswer, aborted: boolean, took: number): void {
    // Given up by whoever asked, it took at least so long: many of them tell of an upstream that hangs.
    if (!this.#hangs && (!aborted || took > this.#latency))
      this.#latency += (took - this.#latency) / smoothing
    if (aborted) {
      this.#circuit.abandoned(pass)
      return
    }
    const failure = this.#failureIn(pass, answer, took)
    if (failure === null) this.#circuit.heard(pass)
    else this.#circuit.failed(pass, failure)
  }

  /** Cheap, and of every poll: a usual answer may have been read before, and is read here only where it tries the upstream. */
  #failureIn(pass: Pass, answer: RawAnswer, took: number): FailureKind | null {
    if (answer.kind === 'FAILED') return answer.error.kind
    if (isUsual(answer.status) && !pass.tries) return null
    try {
      this.#read(answer.status, answer.body, took)
      return null
    } catch (error) {
      // Anything else is thrown again to whoever reads it.
      return error instanceof ProviderError ? failureToAnswer(error) : null
    }
  }

  #isSelfCheck(): boolean {
    const now = this.#now()
    if (now - this.#selfCheckAsOf >= minute) {
      this.#selfCheckAsOf = now
      this.#selfCheck = isSelfCheck(this.#today())
    }
    return this.#selfCheck
  }
}
