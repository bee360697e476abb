// The logins that this instance drives: taken in, kept as fresh as what is heard of them, and let go of. It knows how a
// login comes and goes, and neither who tells of it nor what is done for it in between.

import type { Store, Turn } from '../db/store.ts'
import { openIntent } from '../login/intent.ts'
import { ended, type LoginState } from '../login/state.ts'
import type { Provider } from '../provider/port.ts'
import { absentProvider } from './absent-provider.ts'
import type { Calls } from './calls.ts'
import { promptIn } from './drive-poll.ts'
import { Held } from './held.ts'
import type { Log } from './options.ts'
import type { Pacer } from './pacer.ts'
import type { Time } from './time.ts'

/** Logins taken over from another owner are polled from now on, spread over a second. */
const smear = 1_000

export interface RosterOptions {
  readonly store: Store
  readonly providers: ReadonlyMap<string, Provider>
  readonly log: Log
  readonly time: Time
  readonly calls: Calls
  readonly pacer: Pacer
}

export class Roster {
  readonly #options: RosterOptions
  readonly #logins = new Map<string, Held>()
  /** When devices whose login is over may be polled again. */
  readonly #lately = new Map<string, number>()
  /** Of logins that this configuration cannot drive. */
  readonly #absent = new Map<string, Provider>()
  #closed = false

  constructor(options: RosterOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#logins.size
  }

  get(loginId: string): Held | undefined {
    return this.#logins.get(loginId)
  }

  values(): Iterable<Held> {
    return this.#logins.values()
  }

  /** `share`: taken over from another owner, who may have polled a moment ago; which part of a second it waits. */
  takeOver(turn: Turn, share: number): void {
    const held = this.#hold(turn)
    if (held === null) return
    held.nextPollAt = this.#options.time.now() + smear + share * smear
    held.missed = promptIn(turn.state)
    this.#options.pacer.schedule(held)
  }

  /** Nobody has driven it yet. */
  take(turn: Turn): void {
    const held = this.#hold(turn)
    if (held === null) return
    held.nextPollAt = this.#lately.get(turn.deviceId) ?? 0
    this.#options.pacer.schedule(held)
  }

  /** What somebody else wrote. */
  learn(held: Held, turn: Turn): void {
    const isOthers = turn.epoch > held.turn.epoch
    if (!isOthers && !held.adopt(turn)) return
    if (isOthers || ended(turn.state)) this.drop(held)
    else this.moved(held)
  }

  /** What is no longer owed is given up, and what is owed now is scheduled. */
  moved(held: Held): void {
    const { calls, pacer } = this.#options
    for (const intent of held.intents) if (!speaksOf(held.turn.state, intent)) calls.giveUp(held, intent)
    pacer.schedule(held)
  }

  async reread(held: Held): Promise<void> {
    const turn = await this.#options.store.readTurn(held.id)
    held.stale = false
    if (turn === null) this.drop(held)
    else this.learn(held, turn)
  }

  drop(held: Held): void {
    if (held.gone) return
    held.gone = true
    this.#logins.delete(held.id)
    this.#lately.set(held.turn.deviceId, held.nextPollAt)
    this.#options.pacer.forget(held)
    this.#options.calls.giveUp(held)
  }

  dropAll(): void {
    for (const held of [...this.#logins.values()]) this.drop(held)
  }

  /** Forgets devices that may be polled by anybody by now. */
  sweep(): void {
    const now = this.#options.time.now()
    for (const [device, until] of this.#lately) if (until <= now) this.#lately.delete(device)
  }

  /** Nobody else comes in. */
  close(): void {
    this.#closed = true
  }

  /** Nothing is under way any more: nothing is to be given up. */
  clear(): void {
    this.#logins.clear()
  }

  /** Null: it is held already, over, or too late. */
  #hold(turn: Turn): Held | null {
    if (this.#closed || ended(turn.state)) return null
    const known = this.#logins.get(turn.loginId)
    if (known !== undefined) {
      known.adopt(turn)
      this.moved(known)
      return null
    }
    const { providers, pacer } = this.#options
    const held = new Held(turn, providers.get(turn.provider) ?? this.#absentOf(turn), pacer.polls.settled)
    this.#logins.set(turn.loginId, held)
    return held
  }

  #absentOf(turn: Turn): Provider {
    const known = this.#absent.get(turn.provider)
    if (known !== undefined) return known
    this.#options.log.warn(
      { provider: turn.provider },
      'There are logins under way of a provider that is not configured: they end at their deadlines',
    )
    const absent = absentProvider(turn.provider, turn.state.terms.capabilities)
    this.#absent.set(turn.provider, absent)
    return absent
  }
}

/** Whether its answer may still mean something: it is waited for, or its prompt is the one before the person. */
const speaksOf = (state: LoginState, intent: string): boolean =>
  openIntent(state)?.id === intent || ('prompt' in state && state.prompt.intent === intent)
