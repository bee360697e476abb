// One circuit per provider: after failures in a row with no answer since they left, or one refused token, nothing is sent
// for a while; then one call tries it. What a login makes of that is the machine's business.

import type { FailureKind } from '../login/vocabulary.ts'
import { ProviderError } from './port.ts'

const failuresUntilOpen = 5
const firstPause = 1_000
const longestPause = 15_000
/** Healthy this long, and the next opening begins with a short pause again. */
const forgets = 60_000
/** So long the others wait for the one call that tries: it may be a push, which hangs until a person answers. */
const longestTry = 5_000
/** A call that hangs by its nature and has not failed within this was taken in: longer than any connecting takes. */
const takenIn = 8_000

/** What a call was let through with, and tells by how it ended. */
export interface Pass {
  /** How often the circuit had opened by then. A call that went out before it opened is no news afterwards. */
  readonly openings: number
  /** When it went out. */
  readonly left: number
  /** The one call that tries an upstream that failed. */
  readonly tries: boolean
  /** It may hang for minutes and say nothing bad by it. */
  readonly hangs: boolean
}

export class Circuit {
  readonly #now: () => number
  #failures = 0
  #pause = firstPause
  #openings = 0
  #heardAt = Number.NEGATIVE_INFINITY
  #openUntil: number | null = null
  #openedAt = Number.NEGATIVE_INFINITY
  #trying: Pass | null = null
  #triedUntil = Number.NEGATIVE_INFINITY
  #cause: FailureKind = 'UNREACHABLE'
  #asked = false

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Null: nothing asked yet. */
  get reachable(): boolean | null {
    return this.#asked ? this.#openUntil === null : null
  }

  /** Throws while the circuit is open, so that nobody waits for nothing. */
  check(): void {
    if (this.#openUntil === null) return
    const now = this.#now()
    if (this.#trying?.hangs && now >= this.#triedUntil) {
      this.heard(this.#trying)
      return
    }
    const isTried = this.#trying !== null && now < this.#triedUntil
    if (isTried || now < this.#openUntil)
      throw new ProviderError({ kind: this.#cause, sent: false, answered: false })
  }

  /** For a call that goes out now. Throws as `check`; lets one call through once its pause is over. */
  pass({ hangs = false }: { readonly hangs?: boolean } = {}): Pass {
    this.check()
    const left = this.#now()
    const pass = { openings: this.#openings, left, tries: this.#openUntil !== null, hangs }
    if (pass.tries) {
      this.#trying = pass
      this.#triedUntil = left + (hangs ? takenIn : longestTry)
    }
    return pass
  }

  heard(pass: Pass): void {
    this.#asked = true
    if (pass.openings !== this.#openings) return
    this.#heardAt = this.#now()
    this.#failures = 0
    this.#openUntil = null
    this.#trying = null
  }

  /** A call was given up by whoever asked, which says nothing of the upstream. */
  abandoned(pass: Pass): void {
    if (this.#trying === pass) this.#trying = null
  }

  failed(pass: Pass, kind: FailureKind): void {
    this.#asked = true
    if (pass.openings !== this.#openings) return
    const wasTrying = this.#openUntil !== null
    // Of thousands under way many fail in one moment: where another was answered since they left, the upstream is there.
    if (!wasTrying && kind !== 'UNAUTHORIZED' && pass.left < this.#heardAt) return
    this.#failures++
    if (wasTrying || kind === 'UNAUTHORIZED' || this.#failures >= failuresUntilOpen) this.#open(kind)
  }

  /** An answer that was heard turned out to refuse the token. */
  refused(): void {
    if (this.#openUntil === null) this.#open('UNAUTHORIZED')
  }

  #open(cause: FailureKind): void {
    const now = this.#now()
    this.#pause = now - this.#openedAt > forgets ? firstPause : Math.min(this.#pause * 2, longestPause)
    this.#cause = cause
    this.#openings++
    this.#failures = 0
    this.#trying = null
    this.#openedAt = now
    this.#openUntil = now + this.#pause
  }
}

/** Null: it was heard, whatever it refused. Otherwise what its answer says of the upstream itself. */
export const failureToAnswer = ({ answered, kind }: ProviderError): FailureKind | null =>
  answered && kind !== 'UNAUTHORIZED' ? null : kind
