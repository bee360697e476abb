// The polls under way: one per login, as many as there are lines, each given up when it has been silent for too long. It
// knows how they are sent and what becomes of their answers, and nothing of when the next one is due.

import type { Clock } from '../db/store.ts'
import type { Observation } from '../login/observation.ts'
import type { Provider, RawAnswer } from '../provider/port.ts'
import { isOvertaken, observationOf, promptIn, sendPoll } from './drive-poll.ts'
import type { Driving } from './driving.ts'
import { GivenUpError } from './failure.ts'
import type { Held } from './held.ts'
import { Memo } from './memo.ts'
import { Queue } from './queue.ts'
import { unchanged } from './telling.ts'
import type { Time } from './time.ts'

/** P 3.6: one call of an endpoint per second and device, seen from the upstream's side of the wire. */
export const apart = 1_000

export interface PollsOptions {
  readonly time: Time
  readonly clock: Clock
  readonly driving: Driving
  /** A line is free for one that waited for it. */
  readonly ready: (held: Held) => void
  /** A poll is over, and nothing is to be told of it. */
  readonly over: (held: Held) => void
  /** A poll is over, and this is to be done first. */
  readonly heard: (held: Held, work: () => Promise<unknown>) => void
  /** A poll that was answered when its login was gone. */
  readonly late: (held: Held, observation: Observation) => void
  readonly failed: (held: Held, error: unknown) => void
}

interface Upstream {
  readonly provider: Provider
  readonly ready: Queue<Held>
  readonly memo: Memo
}

export class Polls {
  readonly #options: PollsOptions
  readonly #upstreams = new Map<Provider, Upstream>()
  readonly counts = { polls: 0, unchangedPolls: 0, failedPolls: 0 }
  /** Those that have not settled. */
  #open = 0
  #stopping: (() => void) | null = null

  constructor(options: PollsOptions) {
    this.#options = options
  }

  /** Of a login that is prepared for it. `first`: it has waited for a line, and there is one. */
  send(held: Held, first: boolean): void {
    if (held.prepared === null) return
    const upstream = this.#upstream(held.provider)
    if (held.provider.polling.full || (!first && upstream.ready.length > 0)) {
      // It keeps its place while turns of another kind go on beside.
      if (!held.queued) upstream.ready.push(held)
      held.queued = true
      return
    }
    const { time, clock } = this.#options
    this.counts.polls++
    this.#open++
    const now = time.now()
    held.nextPollAt = now + apart
    sendPoll(held, held.prepared, now, clock.now())
  }

  /** The login is over: what its poll still answers is told late. */
  forget(held: Held): void {
    held.poll?.abort(new GivenUpError())
  }

  /** Given up as one that will not answer any more. */
  cut(held: Held): void {
    this.#abort(held, 'SILENT')
  }

  /** Given up for something else that is to be done. It is no failure of anybody's; an answer that is on its way counts. */
  callOff(held: Held): void {
    this.#abort(held, 'CALLED_OFF')
  }

  /** A poll for a QR code that is out no more is in the way of the next one's. */
  callOffOvertaken(held: Held): void {
    if (held.poll !== null && held.pollCut === null && isOvertaken(held)) this.callOff(held)
  }

  /** Gives up those that have been silent for too long, `most` of them, and tries those that wait for a line. */
  sweep(logins: Iterable<Held>, most: number): number {
    const now = this.#options.time.now()
    let given = 0
    for (const held of logins) {
      if (given >= most) break
      if (held.poll === null || held.pollCut !== null) continue
      if (now - held.pollSentAt < held.provider.polling.patience) continue
      this.cut(held)
      given++
    }
    for (const upstream of this.#upstreams.values()) this.#pump(upstream)
    return given
  }

  /** No more of them. Resolves when none is open. */
  async stop(logins: Iterable<Held>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stopping = resolve
    for (const held of logins) held.poll?.abort(new GivenUpError())
    if (this.#open > 0) await promise
  }

  /** Heard once for every poll sent, by every login's `settled`. */
  readonly settled = (held: Held, answer: RawAnswer): void => {
    held.poll = null
    this.#open--
    try {
      this.#heard(held, answer)
    } catch (error) {
      this.#options.failed(held, error)
    }
    this.#pump(this.#upstream(held.provider))
    if (this.#open === 0) this.#stopping?.()
  }

  #abort(held: Held, why: NonNullable<Held['pollCut']>): void {
    if (held.pollCut !== null) return
    held.pollCut = why
    held.poll?.abort(new GivenUpError())
  }

  #heard(held: Held, answer: RawAnswer): void {
    const now = this.#options.time.now()
    const took = now - held.pollSentAt
    // Counted from the answer: whenever the upstream saw this poll, the next one comes a second later. One that hung was
    // seen long ago, and a phone may be confirming.
    const isSeen = held.hangs && answer.kind === 'ANSWERED' && took > 2 * apart
    held.nextPollAt = Math.max(held.nextPollAt, isSeen ? now : now + apart)
    if (held.gone) this.#heardLate(held, answer, took)
    else if (answer.kind === 'ANSWERED') this.#heardNow(held, answer, took)
    // Cut by us because we stop, or want something else: that is no failure of anybody's.
    else if (this.#stopping === null)
      if (held.pollCut === 'CALLED_OFF') this.#options.over(held)
      else this.#heardNow(held, answer, took)
  }

  #heardNow(held: Held, answer: RawAnswer, took: number): void {
    const observation = observationOf(held, answer, this.#options.clock.now(), took)
    if (observation?.kind === 'PollFailed') this.counts.failedPolls++
    if (observation !== null && (held.telling !== null || !unchanged(held, observation))) {
      this.#options.heard(held, () => this.#tell(held, observation))
      return
    }
    held.failing = false
    if (observation === null || observation.kind === 'Polled') {
      this.counts.unchangedPolls++
      held.missed = null
    }
    if (observation?.kind === 'Polled' && answer.kind === 'ANSWERED')
      this.#upstream(held.provider).memo.keep(held, answer.status, answer.body, observation.answer)
    this.#options.over(held)
  }

  async #tell(held: Held, observation: Observation): Promise<void> {
    const { driving } = this.#options
    if (observation.kind === 'Polled') {
      // Until it is written it is as good as unheard: whoever confirmed in it would be lost.
      held.missed = promptIn(held.pollIn)
      if ((await driving.tell(held, observation)) !== 'CONTENDED') held.missed = null
    } else await driving.tell(held, observation)
  }

  #heardLate(held: Held, answer: RawAnswer, took: number): void {
    if (answer.kind === 'FAILED') return
    const observation = observationOf(held, answer, this.#options.clock.now(), took)
    if (observation !== null) this.#options.late(held, observation)
  }

  #pump(upstream: Upstream): void {
    while (upstream.ready.length > 0 && !upstream.provider.polling.full && this.#stopping === null) {
      const held = upstream.ready.take()
      if (held === undefined) return
      held.queued = false
      this.#options.ready(held)
    }
  }

  #upstream(provider: Provider): Upstream {
    const known = this.#upstreams.get(provider)
    if (known !== undefined) return known
    const upstream = { provider, ready: new Queue<Held>(), memo: new Memo() }
    this.#upstreams.set(provider, upstream)
    return upstream
  }
}
