// The hot path of a dialect whose polls return: everything that a poll needs is built once per login, and what is learnt
// from every settled poll (latency, reachability) is two numbers. What bytes mean is the dialect's.

import type { PollAnswer } from '../login/observation.ts'
import type { FailureKind } from '../login/vocabulary.ts'
import { type Circuit, failureToAnswer, type Pass } from './circuit.ts'
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
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Prepared extends PreparedPoll {
  readonly request: { method: 'POST'; path: string; headers: Record<string, string>; body: string }
}

export interface PollLinesOptions {
  readonly name: string
  readonly lines: Lines
  readonly circuit: Circuit
  readonly monotonic: () => number
  readonly today: () => number
  readonly request: (target: Target) => PollRequest
  /** Pure; throws ProviderError. */
  readonly read: (status: number, body: Uint8Array) => PollAnswer
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

const isPrepared = (poll: PreparedPoll): poll is Prepared => 'request' in poll

export class PollLines implements Polling {
  readonly #name: string
  readonly #lines: Lines
  readonly #circuit: Circuit
  readonly #monotonic: () => number
  readonly #today: () => number
  readonly #request: PollLinesOptions['request']
  readonly #read: PollLinesOptions['read']
  #latency = 0
  #selfCheck = false
  #selfCheckAsOf = Number.NEGATIVE_INFINITY

  constructor(options: PollLinesOptions) {
    this.#name = options.name
    this.#lines = options.lines
    this.#circuit = options.circuit
    this.#monotonic = options.monotonic
    this.#today = options.today
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
    const { path, headers, body } = this.#request(target)
    return { provider: this.#name, request: { method: 'POST', path, headers: { ...headers }, body } }
  }

  send(poll: PreparedPoll, settled: (answer: RawAnswer) => void): PollCall {
    if (!isPrepared(poll) || poll.provider !== this.#name) throw new TypeError('A poll of another provider')
    const line = this.#lines.take()
    if (line === null) return unsent(settled, new Error('No line is free'))
    let pass: Pass
    try {
      pass = this.#circuit.pass()
    } catch (error) {
      this.#lines.release(line)
      return unsent(settled, error)
    }
    const began = this.#monotonic()
    const call = new Call(this.#lines, line, (answer, { aborted }) => {
      this.#learn(pass, answer, aborted, this.#monotonic() - began)
      settled(answer)
    })
    call.send(poll.request)
    return call
  }

  read(status: number, body: Uint8Array): PollAnswer {
    try {
      return this.#read(status, body)
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
    if (!aborted || took > this.#latency) this.#latency += (took - this.#latency) / smoothing
    if (aborted) {
      this.#circuit.abandoned(pass)
      return
    }
    const failure = this.#failureIn(pass, answer)
    if (failure === null) this.#circuit.heard(pass)
    else this.#circuit.failed(pass, failure)
  }

  /** Cheap, and of every poll: a usual answer may have been read before, and is read here only where it tries the upstream. */
  #failureIn(pass: Pass, answer: RawAnswer): FailureKind | null {
    if (answer.kind === 'FAILED') return answer.error.kind
    if (isUsual(answer.status) && !pass.tries) return null
    try {
      this.#read(answer.status, answer.body)
      return null
    } catch (error) {
      // Anything else is thrown again to whoever reads it.
      return error instanceof ProviderError ? failureToAnswer(error) : null
    }
  }

  #isSelfCheck(): boolean {
    const now = this.#monotonic()
    if (now - this.#selfCheckAsOf >= minute) {
      this.#selfCheckAsOf = now
      this.#selfCheck = isSelfCheck(this.#today())
    }
    return this.#selfCheck
  }
}
