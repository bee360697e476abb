// Makes time pass for the logins that this instance owns: keeps its lease, claims what nobody owns, hears what others did.
// Which those are is the roster's; when and how each is asked is the pacer's; what follows is the machine's.

import type { Ring } from '../bus/bus.ts'
import type { Carried, Turn } from '../db/store.ts'
import type { PresenceHint } from '../login/presence.ts'
import { signedIn } from '../login/signed-in.ts'
import { ended } from '../login/state.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { CallFailure } from '../provider/port.ts'
import { Avatars } from './avatars.ts'
import { Calls } from './calls.ts'
import { coalesced } from './coalesced.ts'
import { every } from './every.ts'
import { traceOf } from './failure.ts'
import type { Held } from './held.ts'
import { Lease } from './lease.ts'
import { Operations } from './operations.ts'
import type { PollerOptions, Statistics } from './options.ts'
import { Pacer } from './pacer.ts'
import { Presence } from './presence.ts'
import { Roster } from './roster.ts'
import { Telling } from './telling.ts'
import { processTime, type Time } from './time.ts'

const betweenBeats = 1_500
const betweenLooks = 1_000
const betweenSweeps = 500
/** A write is seen only once it is committed, and may say an earlier moment: no statement takes longer. */
const overlap = 20_000
/** Where nothing is owned, a look only guards against a lost ring of a first login. */
const looksWhenIdle = 5
const abortsPerSweep = 200
const patienceForRiskyCalls = 2_000

export interface Poller extends AsyncDisposable {
  /** Resolves when what nobody owned has been taken. Idempotent. */
  start(): Promise<void>
  /** Resolves when nothing is under way any more and what was owned is given back. Idempotent. */
  stop(): Promise<void>
  readonly statistics: Statistics
  /** Why an operation came to nothing; null: it did not, or not lately in this process. */
  failureOf(operationId: string): CallFailure | null
  /** Cheap, however often: see Presence. */
  hintPresence(hint: PresenceHint): void
  /** Looks now. Throws what stood in the way. */
  checkPresence(provider: string, accountId: string): Promise<void>
}

/** Begins at once; `start` says when it has. */
export const startPoller = (options: PollerOptions): Poller => {
  const poller = new LoginPoller(options)
  // Whoever awaits `start` is told.
  poller.start().catch(() => {})
  return poller
}

class LoginPoller implements Poller {
  readonly #options: PollerOptions
  readonly #time: Time
  readonly #lease: Lease
  readonly #calls: Calls
  readonly #telling: Telling
  readonly #avatars: Avatars
  readonly #operations: Operations
  readonly #presence: Presence
  readonly #pacer: Pacer
  readonly #roster: Roster
  readonly #works = new Set<Promise<void>>()
  readonly #chores: (() => Promise<void>)[] = []
  readonly #counts = { records: 0, failedCalls: 0, errors: 0 }
  #unlisten: (() => void) | null = null
  #starting: Promise<void> | null = null
  #stopping: Promise<void> | null = null
  #looks = 0
  /** When the last look began, on the database's clock; null: all is to be looked through. */
  #lookedAt: Millis | null = null

  constructor(options: PollerOptions) {
    const { store, bus, pictures, providers, log, time = processTime } = options
    this.#options = options
    this.#time = time
    this.#lease = new Lease(time)
    this.#calls = new Calls({ time, lease: this.#lease, failed: () => this.#counts.failedCalls++ })
    this.#telling = new Telling({
      store,
      bus,
      time,
      recorded: (held, observation, carried) => {
        this.#counts.records++
        held.failing = false
        this.#roster.moved(held)
        this.#avatars.recorded(held, observation, carried)
        const { state, deviceId } = held.turn
        if (ended(state) && signedIn(observation) !== null) this.#presence.signedIn(deviceId)
        if (observation.kind === 'OnlineChecked' && observation.profile === null && state.terms.seenOnline)
          this.#presence.missedByLogin(deviceId, observation.began)
      },
      over: held => this.#roster.drop(held),
    })
    const background = (work: () => Promise<void>) =>
      this.#background(work().catch(error => this.#failed(error)))
    this.#avatars = new Avatars({
      store,
      pictures,
      calls: this.#calls,
      ring: (id, sequence) => this.#telling.ring({ id, sequence }),
      background,
    })
    const ringAccount = (id: string, sequence: number) =>
      this.#telling.ring({ id: `account:${id}`, sequence })
    this.#operations = new Operations({
      store,
      providers,
      calls: this.#calls,
      time,
      log,
      ring: ({ id, account, provider }) => {
        this.#telling.ring({ id, sequence: 0 })
        if (account === null) return
        ringAccount(account.id, 0)
        // A log-out that came to nothing may have found nobody there.
        this.#presence.hint({ provider, wcId: account.wcId, handle: null })
      },
      background,
    })
    this.#presence = new Presence({
      store,
      providers,
      calls: this.#calls,
      time,
      log,
      earlyDropSeconds: options.earlyDropSeconds,
      ring: ringAccount,
      background,
    })
    this.#pacer = new Pacer({
      time,
      clock: store.clock,
      lease: this.#lease,
      log,
      driving: {
        store,
        pictures,
        calls: this.#calls,
        tell: (held, observation) => this.#telling.tell(held, observation),
        beside: (held, work) => this.#background(this.#pacer.beside(held, work)),
        asked: held => this.#pacer.asked(held),
      },
      reread: held => this.#roster.reread(held),
      late: (held, observation) => background(() => this.#telling.tellLate(held, observation)),
      background: work => this.#background(work),
    })
    this.#roster = new Roster({ store, providers, log, time, calls: this.#calls, pacer: this.#pacer })
  }

  get statistics(): Statistics {
    const { polls, unchangedPolls, failedPolls } = this.#pacer.polls.counts
    return {
      polls,
      unchangedPolls,
      records: this.#counts.records,
      failures: this.#counts.failedCalls + failedPolls,
      errors: this.#counts.errors + this.#pacer.errors,
      live: this.#roster.size,
      presence: { lists: this.#presence.lists, questions: this.#presence.questions },
    }
  }

  failureOf(operationId: string): CallFailure | null {
    return this.#operations.failureOf(operationId)
  }

  hintPresence(hint: PresenceHint): void {
    this.#presence.hint(hint)
  }

  checkPresence(provider: string, accountId: string): Promise<void> {
    return this.#presence.check(provider, accountId)
  }

  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #start(): Promise<void> {
    // Listening first: what is rung while claiming is not missed.
    this.#unlisten = this.#options.bus.listen(null, ring => this.#heard(ring))
    await this.#beat()
    await this.#look()
    if (this.#stopping !== null) return
    const failed = (error: unknown) => this.#failed(error)
    this.#chores.push(
      every(this.#time, betweenBeats, () => this.#beat(), failed),
      every(this.#time, betweenLooks, () => this.#lookNowAndThen(), failed),
      every(this.#time, betweenSweeps, () => this.#sweep(), failed),
    )
    this.#presence.start()
  }

  async #stop(): Promise<void> {
    this.#unlisten?.()
    this.#operations.stop()
    const presence = this.#presence.stop()
    this.#roster.close()
    const polls = this.#pacer.stop(this.#roster.values())
    await this.#starting?.catch(() => {})
    await Promise.all([...this.#chores.map(stop => stop()), presence])
    await this.#calls.stop(patienceForRiskyCalls)
    await polls
    while (this.#works.size > 0) await Promise.all(this.#works)
    this.#roster.clear()
    await this.#options.store.release().catch(error => this.#failed(error))
  }

  // ------------------------------------------------------------ ownership

  /** Renews the lease, then takes what nobody owns. */
  async #beat(): Promise<void> {
    const { store } = this.#options
    if (!(await this.#renew())) {
      this.#lease.lost()
      this.#lookedAt = null
      this.#roster.dropAll()
      // The instance has joined anew: what it owned is claimed like anybody's.
      if (!(await this.#renew())) return
    }
    if (this.#stopping !== null) return
    const turns = await store.claim()
    turns.forEach((turn, index) => {
      this.#roster.takeOver(turn, index / turns.length)
    })
    await this.#operations.claim()
  }

  async #renew(): Promise<boolean> {
    const asked = this.#time.now()
    if (!(await this.#options.store.beat())) return false
    this.#lease.renewed(asked)
    return true
  }

  // ------------------------------------------------------------ what others did

  #heard(ring: Ring<Carried>): void {
    if (this.#telling.isOwn(ring)) return
    const held = this.#roster.get(ring.id)
    const turn = ring.carried?.turn
    if (held !== undefined) {
      if (turn !== undefined) this.#roster.learn(held, turn)
      else this.#background(this.#pacer.beside(held, () => this.#roster.reread(held)))
    } else if (turn === undefined) this.#lookSoon()
    // A turn that was carried was recorded by this process, which owns the logins that it starts, and no others by that.
    else if (isNew(turn)) this.#roster.take(turn)
  }

  // ------------------------------------------------------------ chores

  async #lookNowAndThen(): Promise<void> {
    this.#looks++
    if (this.#roster.size > 0 || this.#looks % looksWhenIdle === 0) await this.#look()
  }

  #lookSoon(): void {
    this.#background(this.#lookEverywhere().catch(error => this.#failed(error)))
  }

  /**
   * What a lost ring costs at most: one statement, about what was written lately. Where more or fewer are owned than are
   * driven here, something came or went unheard, and all of it is looked through.
   */
  readonly #look = coalesced(async () => {
    const { store } = this.#options
    const asOf = store.clock.now()
    const lately = this.#lookedAt === null ? null : await store.changedVersions(this.#lookedAt - overlap)
    const before = new Set(lately?.owned === this.#roster.size ? [] : this.#roster.values())
    const versions = lately?.owned === this.#roster.size ? lately.versions : await store.ownedVersions()
    this.#lookedAt = asOf
    for (const [id, version] of versions) {
      const held = this.#roster.get(id)
      if (held !== undefined) {
        before.delete(held)
        if (version > held.turn.version && held.telling === null) await this.#lookAt(held)
      } else {
        const turn = await store.readTurn(id)
        if (turn === null) continue
        if (isNew(turn)) this.#roster.take(turn)
        else this.#roster.takeOver(turn, 0)
      }
    }
    for (const held of before) if (!held.gone && !versions.has(held.id)) await this.#lookAt(held)
  })

  /** One that cannot be read keeps nobody from the others, and is read again by itself. */
  async #lookAt(held: Held): Promise<void> {
    if (!held.stale) await this.#pacer.beside(held, () => this.#roster.reread(held))
  }

  /** A ring for nobody known: a login just started, or an operation. */
  readonly #lookEverywhere = coalesced(async () => {
    await Promise.all([this.#operations.claim(), this.#look()])
  })

  #sweep(): void {
    const given = this.#calls.sweep(abortsPerSweep)
    this.#pacer.polls.sweep(this.#roster.values(), abortsPerSweep - given)
    this.#roster.sweep()
  }

  #background(work: Promise<void>): void {
    const seen = work.finally(() => this.#works.delete(seen))
    this.#works.add(seen)
  }

  #failed(error: unknown): void {
    this.#counts.errors++
    this.#options.log.error(traceOf(error), 'A chore of the poller failed; it is tried again')
  }
}

/** Just created: nobody was asked anything yet, and no other record of a caller leaves a login there. */
const isNew = ({ state }: Turn): boolean =>
  state.kind === 'STARTING' && state.step.kind === 'CHECK_ONLINE' && state.step.failures === 0
