// Gives each login its turn when its duty is due, one at a time; a poll that hangs is no turn, and others go on beside it.
// It derives everything from the held state, so that putting a login on the wheel once is all that it takes.

import type { Clock } from '../db/store.ts'
import { type Duty, duty, type Pace, patienceForLastLook } from '../login/duty.ts'
import type { Observation } from '../login/observation.ts'
import type { Millis } from '../login/vocabulary.ts'
import { checkOnline } from './drive-check-online.ts'
import { issueQrCode } from './drive-issue-qr-code.ts'
import { lapse } from './drive-lapse.ts'
import { isPrepared, preparePoll, tellUnsent } from './drive-poll.ts'
import { sendCode } from './drive-send-code.ts'
import { sendPush } from './drive-send-push.ts'
import { isOrphaned, tellUnanswered } from './drive-unanswered.ts'
import type { Drive, Driving } from './driving.ts'
import { traceOf } from './failure.ts'
import type { Held } from './held.ts'
import type { Lease } from './lease.ts'
import type { Log } from './options.ts'
import { apart, Polls } from './polls.ts'
import type { Time } from './time.ts'
import { Wheel } from './wheel.ts'

type Called = Exclude<Duty['kind'], 'POLL' | 'LAPSE' | 'NOTHING'>

const drives: { readonly [Kind in Called]: Drive } = {
  CHECK_ONLINE: checkOnline,
  ISSUE_QR_CODE: issueQrCode,
  SEND_PUSH: sendPush,
  SEND_CODE: sendCode,
}

/** A turn that changed nothing is not taken again at once. */
const restAfterNothing = 1_000
const restAfterError = 5_000
const untilLeaseIsRenewed = 500
/** While a poll hangs no other comes: what is owed is something else, or its end. */
const noOtherPoll: Pace = { lastPoll: Number.POSITIVE_INFINITY, slow: false }

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

export class Pacer {
  readonly #options: PacerOptions
  readonly #wheel: Wheel<Held>
  readonly polls: Polls
  errors = 0
  #stopping = false

  constructor(options: PacerOptions) {
    this.#options = options
    const { time, clock, driving, late } = options
    this.#wheel = new Wheel({ time, ready: held => this.#take(held, false) })
    this.polls = new Polls({
      time,
      clock,
      driving,
      late,
      ready: held => this.#take(held, true),
      over: held => this.schedule(held),
      // It goes back on the wheel after its record is written, not before.
      heard: (held, work) => {
        if (held.driving) driving.beside(held, work)
        else this.#begin(held, work)
      },
      failed: (held, error) => this.#retry(held, error),
    })
  }

  /** After every change of what is known of it. A login whose turn is under way comes back by itself. */
  schedule(held: Held): void {
    if (held.gone) return
    this.polls.callOffOvertaken(held)
    if (held.driving || (held.queued && !held.hangs)) return
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
    this.polls.forget(held)
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
    this.errors++
    held.stale = true
    held.restAt = time.now() + restAfterError
    if (held.failing || held.gone) return
    held.failing = true
    log.error(
      { login: held.id, ...traceOf(error) },
      'A login could not be driven; it is tried again in a while',
    )
  }

  /** No more turns. Resolves when no poll is open. */
  async stop(logins: Iterable<Held>): Promise<void> {
    this.#stopping = true
    this.#wheel.stop()
    await this.polls.stop(logins)
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
    if (next === 'POLL') {
      // One that hangs has a deadline to be told of.
      this.polls.send(held, first)
      if (held.isWaiting) this.schedule(held)
    } else if (typeof next === 'number') this.#wheel.put(held, next)
    else this.#begin(held, next)
  }

  /** What a login gets now: a poll, a turn of another kind, or a moment to come back at. Null: it comes back by itself. */
  #next(held: Held): 'POLL' | (() => Promise<unknown>) | number | null {
    if (held.gone || held.driving || (held.queued && !held.hangs) || this.#stopping) return null
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
    if (kind === 'POLL' && held.isWaiting) return this.#endOfWaiting(held)
    // Its answer comes first, also before a code is sent, and puts the login back.
    if (held.poll !== null && !held.hangs) return null
    if (!lease.held) return now + untilLeaseIsRenewed
    // One that hangs is not waited for, but must be over before a prompt or a code goes out.
    if (held.poll !== null && kind !== 'CHECK_ONLINE') {
      this.polls.callOff(held)
      return null
    }
    if (kind !== 'POLL') return () => this.#once(held, drives[kind])
    return isPrepared(held) ? 'POLL' : () => preparePoll(held, driving)
  }

  /** A last look has had its time; null: it is told of when it has settled. */
  #endOfWaiting(held: Held): (() => Promise<unknown>) | null {
    if (held.poll === null) return () => this.#once(held, tellUnsent)
    this.polls.cut(held)
    return null
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
    if (held.isWaiting) return duty(held.turn.state, noOtherPoll)
    held.pace.slow = held.provider.polling.slow
    return duty(held.turn.state, held.pace)
  }

  /** When it is due on this process's own time. */
  #moment(owed: Exclude<Duty, { kind: 'NOTHING' }>, held: Held): number {
    const { time, clock } = this.#options
    const ahead = time.now() - clock.now()
    if (owed.kind === 'POLL' && held.isWaiting) return cutAt(held, owed.until, ahead)
    const due = Math.max(owed.at + ahead, held.restAt)
    return owed.kind === 'POLL' || owed.kind === 'CHECK_ONLINE' ? Math.max(due, held.nextPollAt) : due
  }
}

/** However late it came to be sent, a poll that is a last look has its time. */
const cutAt = (held: Held, until: Millis | null, ahead: number): number =>
  until === null
    ? held.pollSentAt + held.provider.polling.patience
    : Math.max(until + ahead, held.pollSentAt + patienceForLastLook)
