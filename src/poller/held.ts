// What this process keeps of one login that it drives: where it stands, what is under way, what it need not think about
// again. Everything here can be lost; what may not be lost is in the turn's saved state.

import type { Turn } from '../db/store.ts'
import type { Pace } from '../login/duty.ts'
import type { LoginState } from '../login/state.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { PollCall, PreparedPoll, Provider, RawAnswer } from '../provider/port.ts'
import { type OnWheel, offWheel } from './wheel.ts'

/** Moments named `…At` are of the process's own time; `Millis` are the database's. */
export class Held implements OnWheel {
  readonly id: string
  readonly provider: Provider
  /** A poll takes minutes, so that turns go on beside it. */
  readonly hangs: boolean
  /** The newest that is known here. Its state is one object until something changes it. */
  turn: Turn
  /** Ended, or somebody else's: nothing more is to be done or told. */
  gone = false

  due = 0
  tick = offWheel
  /** In a queue for a free line. */
  queued = false
  /** A drive is under way; it puts the login back on the wheel when it is over. */
  driving = false
  /** Held back until then, whatever is owed. */
  restAt = 0
  /** What is known may be older than what is saved: read before going on. */
  stale = false
  /** It threw, the log says so, and it has got nowhere since. */
  failing = false

  /** Made once, and again for each prompt. */
  prepared: PreparedPoll | null = null
  /** Handle of the QR code that it asks for. */
  preparedFor: string | null = null
  /** Reused for every `duty`. */
  readonly pace: { -readonly [Key in keyof Pace]: Pace[Key] } = { lastPoll: null, slow: false }
  poll: PollCall | null = null
  pollBegan: Millis = 0
  pollSentAt = 0
  /** Why the poll under way was given up: for its silence, or by us, who want to do something else. Null: it was not. */
  pollCut: 'SILENT' | 'CALLED_OFF' | null = null
  /** The state that the poll under way began in. */
  pollIn: LoginState | null = null
  /** Prompt of which an answer may have gone unheard, by its intent; null: none. */
  missed: string | null = null
  /** The device may not be asked again before. */
  nextPollAt = 0
  /** Heard by every poll of this login. */
  readonly settled: (answer: RawAnswer) => void

  /** The answer that changed nothing, and the very state object in which it did. */
  quietIn: LoginState | null = null
  quietStatus = 0
  quiet: Uint8Array | null = null

  /** Risky calls that this process recorded and is waiting for. */
  readonly intents = new Set<string>()
  /** The observation being recorded; one after another. */
  telling: Promise<unknown> | null = null
  /** Whoever scanned: one attempt at their picture. */
  avatar: { readonly url: string; readonly kept: Promise<string | null> } | null = null

  constructor(turn: Turn, provider: Provider, settled: (held: Held, answer: RawAnswer) => void) {
    this.id = turn.loginId
    this.turn = turn
    this.provider = provider
    this.hangs = provider.capabilities.poll === 'HANGS'
    this.settled = answer => settled(this, answer)
  }

  /** Its poll hangs, or waits for a line to do so: no other is owed. */
  get isWaiting(): boolean {
    return this.hangs && (this.poll !== null || this.queued)
  }

  /** Takes what is newer; says whether it was. */
  adopt(turn: Turn): boolean {
    if (turn.version < this.turn.version || turn.epoch < this.turn.epoch) return false
    if (turn.version === this.turn.version && turn.epoch === this.turn.epoch) return false
    // The same version under a new epoch: the state object stays, and what is remembered of it.
    this.turn = turn.version === this.turn.version ? { ...turn, state: this.turn.state } : turn
    return true
  }
}
