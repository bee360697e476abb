// Calls that are rare beside the polls: paced, held back by the circuit, given up in time; what is learnt from each tells
// the circuit. What they ask and what bytes mean is the dialect's.

import { failureToAnswer, type Pass } from './circuit.ts'
import type { Connection } from './connection.ts'
import { deadline } from './http/deadline.ts'
import { errorOf } from './http/failure.ts'
import type { Lines } from './http/lines.ts'
import { Requests } from './http/request.ts'
import { ProviderError } from './port.ts'
import type { Conceal } from './text.ts'

/** So long a risky call may wait before it leaves: less than the second that a lease is looked at early. */
const longestWait = 900

export interface RareCall<Read> {
  /** Its path behind the base, which also paces it. */
  readonly endpoint: string
  /** After its path, with the question mark. */
  readonly query?: string
  /** Whom it is about, as far as pacing goes (P 3.6). */
  readonly whom: string
  /** Null: it is a GET. */
  readonly body: string | null
  readonly asked: AbortSignal
  /** Milliseconds in all. */
  readonly within: number
  /** `took`: milliseconds between the sending and the answer. */
  readonly read: (status: number, body: Uint8Array, hide: Conceal, took: number) => Read
  /** What the upstream is told that it may not tell on. */
  readonly secret?: string | null
  readonly risky?: boolean
  /** Its answer waits for a person, so that its silence says nothing of the upstream. */
  readonly hangs?: boolean
  /** Bytes of an answer at most, where it is a long one. */
  readonly most?: number
}

export class RareCalls {
  readonly #connection: Connection
  readonly #short: Requests
  readonly #hanging: Requests

  /** Lines of their own for calls that hang, so that they hold up no other. */
  constructor(connection: Connection, { short, hanging }: { short: Lines; hanging: Lines }) {
    this.#connection = connection
    this.#short = new Requests(short)
    this.#hanging = new Requests(hanging)
  }

  /** Throws ProviderError. */
  async ask<Read>(call: RareCall<Read>): Promise<Read> {
    const { endpoint, whom, asked, secret = null, risky = false, hangs = false } = call
    const { base, headers, circuit, pacing, now, hide } = this.#connection
    circuit.check()
    const began = now()
    using within = deadline(asked, call.within)
    using prompt = risky ? deadline(within.signal, longestWait) : null
    const waiting = prompt?.signal ?? within.signal
    const turn = pacing.turn(endpoint, whom, waiting)
    // Where there is nothing to wait for, it leaves in this very tick.
    if (turn !== null) await turn
    let pass = null as Pass | null
    let left = began
    const leaves = () => {
      left = now()
      if (risky && left - began > longestWait) throw tooLate()
      pass = circuit.pass()
    }
    try {
      const answer = await (hangs ? this.#hanging : this.#short).ask({
        path: `${base}/${endpoint}${call.query ?? ''}`,
        headers,
        body: call.body,
        signal: within.signal,
        waiting,
        leaves,
        ...(call.most === undefined ? {} : { most: call.most }),
      })
      const result = call.read(answer.status, answer.body, hide(secret), now() - left)
      if (pass !== null) circuit.heard(pass)
      return result
    } catch (error) {
      const failure = errorOf(error)
      // Not where most of its time had gone by before there was a line for it.
      const isSilence = !hangs && left - began < call.within / 2
      const isGivenUp = asked.aborted || (within.signal.aborted && !isSilence)
      if (pass !== null) this.#learn(pass, failure, isGivenUp)
      throw failure
    } finally {
      pacing.settled(endpoint, whom)
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#short.close(), this.#hanging.close()])
  }

  #learn(pass: Pass, failure: ProviderError, isGivenUp: boolean): void {
    const { circuit } = this.#connection
    const kind = failureToAnswer(failure)
    if (kind === null) circuit.heard(pass)
    else if (isGivenUp) circuit.abandoned(pass)
    else circuit.failed(pass, kind)
  }
}

/** Whoever asked has looked at its lease, and that is too long ago. */
const tooLate = (): ProviderError => new ProviderError({ kind: 'TIMEOUT', sent: false, answered: false })
