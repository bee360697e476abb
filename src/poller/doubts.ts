// What has been heard against the belief that an account is where it is believed to be: two agreeing answers make it gone, and
// any other one clears it (what must always hold, 7). Nothing here outlives the process: it costs a question more.

import type { Followed } from '../db/presence-store.ts'
import type { Millis } from '../login/vocabulary.ts'

const agreeing = 2
/** An upstream that says "online" when asked why it is offline is believed until the second time (P 2.1). */
const contradictions = 2
/** Then nobody knows why. */
const failuresOfReason = 3

interface Doubt {
  readonly signIn: string | null
  /** When it was first not there. */
  readonly missed: Millis
  readonly answers: number
  readonly contradicted: number
  readonly reasonFailures: number
}

export class Doubts {
  readonly #doubts = new Map<string, Doubt>()

  /** One more answer that it is not there; `at`: when that was asked. */
  missing(followed: Followed, at: Millis): void {
    const known = this.#of(followed)
    this.#doubts.set(followed.accountId, {
      signIn: followed.signIn?.id ?? null,
      missed: known?.missed ?? at,
      answers: (known?.answers ?? 0) + 1,
      contradicted: known?.contradicted ?? 0,
      reasonFailures: known?.reasonFailures ?? 0,
    })
  }

  /** Somebody saw it. */
  clear({ accountId }: Pick<Followed, 'accountId'>): void {
    this.#doubts.delete(accountId)
  }

  /** Cheap, and not about any sign-in in particular. */
  has(accountId: string): boolean {
    return this.#doubts.has(accountId)
  }

  isDoubted(followed: Followed): boolean {
    return this.#of(followed) !== null
  }

  isGone(followed: Followed): boolean {
    return (this.#of(followed)?.answers ?? 0) >= agreeing
  }

  /** Null: there is no doubt. */
  missedAt(followed: Followed): Millis | null {
    return this.#of(followed)?.missed ?? null
  }

  /** The question why was answered with "online". True: so often that the other answers count. */
  contradicted(followed: Followed): boolean {
    const known = this.#of(followed)
    if (known === null) return false
    const contradicted = known.contradicted + 1
    this.#doubts.set(followed.accountId, { ...known, contradicted, answers: 0 })
    return contradicted >= contradictions
  }

  /** Nobody could be asked why. True: so often that it stays unknown. */
  reasonFailed(followed: Followed): boolean {
    const known = this.#of(followed)
    if (known === null) return false
    const reasonFailures = known.reasonFailures + 1
    this.#doubts.set(followed.accountId, { ...known, reasonFailures })
    return reasonFailures >= failuresOfReason
  }

  /** Of this very sign-in: a later one is another story. */
  #of({ accountId, signIn, asOf }: Followed): Doubt | null {
    const known = this.#doubts.get(accountId)
    // Seen since, by whomever: nothing speaks against it any more.
    if (known === undefined || asOf > known.missed) return null
    return known.signIn === (signIn?.id ?? null) ? known : null
  }
}
