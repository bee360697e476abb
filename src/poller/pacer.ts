// Gives each login its turn when its duty is due: one turn and one poll at a time per login, as many polls as there are
// lines. It derives everything from the held state, so that putting a login on the wheel once is all that it takes.

import type { Clock } from '../db/store.ts'
import { type Duty, duty } from '../login/duty.ts'
import type { Observation } from '../login/observation.ts'
import type { Provider, RawAnswer } from '../provider/port.ts'
import { checkOnline } from './drive-check-online.ts'
import { issueQrCode } from './drive-issue-qr-code.ts'
import { lapse } from './drive-lapse.ts'
import { observationOf, patienceForPoll, preparePoll, sendPoll } from './drive-poll.ts'
import { sendCode } from './drive-send-code.ts'
import { sendPush } from './drive-send-push.ts'
import { isOrphaned, tellUnanswered } from './drive-unanswered.ts'
import type { Drive, Driving } from './driving.ts'
import { GivenUpError, traceOf } from './failure.ts'
import type { Held } from './held.ts'
import type { Lease } from './lease.ts'
import { Memo } from './memo.ts'
import type { Log } from './options.ts'
import { Queue } from './queue.ts'
import { unchanged } from './telling.ts'
import type { Time } from './time.ts'
import { Wheel } from './wheel.ts'

type Called = Exclude<Duty['kind'], 'POLL' | 'LAPSE' | 'NOTHING'>

const drives: { readonly [Kind in Called]: Drive } = {
  CHECK_ONLINE: checkOnline,
  ISSUE_QR_CODE: issueQrCode,
  SEND_PUSH: sendPush,
  SEND_CODE: sendCode,
}

/** P 3.6: one call of an endpoint per second and device, seen from the upstream's side of the wire. */
const apart = 1_000
/** A turn that changed nothing is not taken again at once. */
const restAfterNothing = 1_000
const restAfterError = 5_000
const untilLeaseIsRenewed = 500

export interface PacerOptions {
  readonly time: Time
  readonly clock: Clock
  readonly lease: Lease
  readonly log: Log
  readonly driving: Driving
  /** Reads a login again that may have moved on. */
  readonly reread: (held: Held) => Promise<void>
  /** A poll that was answered when its login was gone. */
  readonly late: (held: Held, observation: Observation) => void
  /** Keeps sight of work, so that a stop can wait for it. Never rejects. */
  readonly background: (work: Promise<void>) => void
}

interface Upstream {
  readonly provider: Provider
  readonly ready: Queue<Held>
  readonly memo: Memo
}

export class Pacer {
  readonly #options: PacerOptions
  readonly #wheel: Wheel<Held>
  readonly #upstreams = new Map<Provider, Upstream>()
  readonly counts = { polls: 0, unchangedPolls: 0, failedPolls: 0, errors: 0 }
  /** Polls that have not settled. */
  #open = 0
  #stopping: (() => void) | null = null

  constructor(options: PacerOptions) {
    this.#options = options
    this.#wheel = new Wheel({ time: options.time, ready: held => this.#take(held, false) })
  }

  /** After every change of what is known of it. A login whose turn is under way comes back by itself. */
  schedule(held: Held): void {
    if (held.gone || held.driving || held.queued) return
    const { time } = this.#options
    if (held.stale || isOrphaned(held)) {
      this.#wheel.put(held, Math.max(time.now(), held.restAt))
      return
    }
    const owed = this.#owed(held)
    if (owed.kind === 'NOTHING') this.#wheel.drop(held)
    else this.#wheel.put(held, this.#moment(owed, held))
  }

  forget(held: Held): void {
    this.#wheel.drop(held)
    held.poll?.abort(new GivenUpError())
  }

  /** The device was asked just now by something that counts as a poll. */
  asked(held: Held): void {
    held.nextPollAt = Math.max(held.nextPollAt, this.#options.time.now() + apart)
  }

  /** One turn for a login, now. It is back on the wheel when that is over, whatever happened. */
  async drive(held: Held, work: () => Promise<unknown>): Promise<void> {
    held.driving = true
    try {
      await work()
    } catch (error) {
      this.failed(held, error)
    }
    held.driving = false
    this.#resume(held)
  }

  /** Work of a login beside its turns. */
  async beside(held: Held, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.failed(held, error)
    }
    this.#resume(held)
  }

  /** The one place where a bug, or a database out of reach, stops one login for a while and no other. */
  failed(held: Held, error: unknown): void {
    const { log, time } = this.#options
    this.counts.errors++
    held.stale = true
    held.restAt = time.now() + restAfterError
    if (held.failing || held.gone) return
    held.failing = true
    log.error(
      { login: held.id, ...traceOf(error) },
      'A login could not be driven; it is tried again in a while',
    )
  }

  /** Gives up polls that have been silent for too long, `most` of them, and tries those that wait for a line. */
  sweep(logins: Iterable<Held>, most: number): number {
    const limit = this.#options.time.now() - patienceForPoll
    let given = 0
    for (const held of logins) {
      if (given >= most) break
      if (held.poll === null || held.pollCut || held.pollSentAt > limit) continue
      held.pollCut = true
      held.poll.abort(new GivenUpError())
      given++
    }
    for (const upstream of this.#upstreams.values()) this.#pump(upstream)
    return given
  }

  /** No more turns. Resolves when no poll is open. */
  async stop(logins: Iterable<Held>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stopping = resolve
    this.#wheel.stop()
    for (const held of logins) held.poll?.abort(new GivenUpError())
    if (this.#open > 0) await promise
  }

  #resume(held: Held): void {
    try {
      this.schedule(held)
    } catch (error) {
      this.#retry(held, error)
    }
  }

  #take(held: Held, first: boolean): void {
    try {
      this.#turn(held, first)
    } catch (error) {
      this.#retry(held, error)
    }
  }

  #retry(held: Held, error: unknown): void {
    this.failed(held, error)
    if (!held.driving && !held.gone) this.#wheel.put(held, held.restAt)
  }

  /** `first`: it has waited for a line, and there is one. */
  #turn(held: Held, first: boolean): void {
    const next = this.#next(held)
    if (next === null) return
    if (next === 'POLL') this.#poll(held, first)
    else if (typeof next === 'number') this.#wheel.put(held, next)
    else this.#begin(held, next)
  }

  /** What a login gets now: a poll, a turn of another kind, or a moment to come back at. Null: it comes back by itself. */
  #next(held: Held): 'POLL' | (() => Promise<unknown>) | number | null {
    if (held.gone || held.driving || held.queued || this.#stopping !== null) return null
    const { time, lease, driving, reread } = this.#options
    const now = time.now()
    if (held.restAt > now) return held.restAt
    if (held.stale) return () => reread(held)
    if (isOrphaned(held)) return () => this.#once(held, tellUnanswered)

    const owed = this.#owed(held)
    if (owed.kind === 'NOTHING') return null
    const moment = this.#moment(owed, held)
    if (moment > now) return moment
    const { kind } = owed
    if (kind === 'LAPSE') return () => this.#once(held, lapse)
    // Its answer comes first, also before a code is sent, and puts the login back.
    if (held.poll !== null) return null
    if (!lease.held) return now + untilLeaseIsRenewed
    if (kind !== 'POLL') return () => this.#once(held, drives[kind])
    return held.prepared === null ? () => preparePoll(held, driving) : 'POLL'
  }

  #poll(held: Held, first: boolean): void {
    const upstream = this.#upstream(held.provider)
    if (held.prepared === null) return
    if (held.provider.polling.full || (!first && upstream.ready.length > 0)) {
      held.queued = true
      upstream.ready.push(held)
      return
    }
    const { time, clock } = this.#options
    this.counts.polls++
    this.#open++
    const now = time.now()
    held.nextPollAt = now + apart
    sendPoll(held, held.prepared, now, clock.now())
  }

  /** Heard once for every poll sent, by every login's `settled`. */
  readonly settled = (held: Held, answer: RawAnswer): void => {
    held.poll = null
    this.#open--
    try {
      this.#heard(held, answer)
    } catch (error) {
      this.#retry(held, error)
    }
    this.#pump(this.#upstream(held.provider))
    if (this.#open === 0) this.#stopping?.()
  }

  #heard(held: Held, answer: RawAnswer): void {
    // Counted from the answer: whenever the upstream saw this poll, the next one comes a second later.
    held.nextPollAt = Math.max(held.nextPollAt, this.#options.time.now() + apart)
    if (held.gone) this.#heardLate(held, answer)
    // Cut by us because we stop: that is no failure of anybody's.
    else if (answer.kind === 'ANSWERED' || this.#stopping === null) this.#heardNow(held, answer)
  }

  #heardNow(held: Held, answer: RawAnswer): void {
    const { clock, driving } = this.#options
    const observation = observationOf(held, answer, clock.now())
    if (observation?.kind === 'PollFailed') this.counts.failedPolls++
    if (observation !== null && (held.telling !== null || !unchanged(held, observation))) {
      // It goes back on the wheel after its record is written, not before.
      const tell = () => driving.tell(held, observation)
      if (held.driving) driving.beside(held, tell)
      else this.#begin(held, tell)
      return
    }
    held.failing = false
    if (observation === null || observation.kind === 'Polled') this.counts.unchangedPolls++
    if (observation?.kind === 'Polled' && answer.kind === 'ANSWERED')
      this.#upstream(held.provider).memo.keep(held, answer.status, answer.body, observation.answer)
    this.schedule(held)
  }

  #heardLate(held: Held, answer: RawAnswer): void {
    if (answer.kind === 'FAILED') return
    const observation = observationOf(held, answer, this.#options.clock.now())
    if (observation !== null) this.#options.late(held, observation)
  }

  #pump(upstream: Upstream): void {
    while (upstream.ready.length > 0 && !upstream.provider.polling.full && this.#stopping === null) {
      const held = upstream.ready.take()
      if (held === undefined) return
      held.queued = false
      this.#take(held, true)
    }
  }

  async #once(held: Held, drive: Drive): Promise<void> {
    const before = held.turn
    await drive(held, this.#options.driving)
    if (held.turn === before) held.restAt = Math.max(held.restAt, this.#options.time.now() + restAfterNothing)
  }

  #begin(held: Held, work: () => Promise<unknown>): void {
    this.#options.background(this.drive(held, work))
  }

  #owed(held: Held): Duty {
    held.pace.slow = held.provider.polling.slow
    return duty(held.turn.state, held.pace)
  }

  /** When it is due on this process's own time. */
  #moment(owed: Exclude<Duty, { kind: 'NOTHING' }>, held: Held): number {
    const { time, clock } = this.#options
    const due = Math.max(time.now() + owed.at - clock.now(), held.restAt)
    return owed.kind === 'POLL' || owed.kind === 'CHECK_ONLINE' ? Math.max(due, held.nextPollAt) : due
  }

  #upstream(provider: Provider): Upstream {
    const known = this.#upstreams.get(provider)
    if (known !== undefined) return known
    const upstream = { provider, ready: new Queue<Held>(), memo: new Memo() }
    this.#upstreams.set(provider, upstream)
    return upstream
  }
}
