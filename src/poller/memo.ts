// "This status and these bytes changed nothing in this very state object": a short cut past decoding and `transition`,
// which stays the judge. Any record makes another state object, and so voids what is remembered.

import type { PollAnswer } from '../login/observation.ts'
import type { LoginState } from '../login/state.ts'
import type { Held } from './held.ts'

/**
 * Whether an answer that changed nothing now changes nothing later either. The others depend on the moment: 失效 counts
 * only some time after a push, a look only once it is owed. Never one with a wcId.
 */
const lasting = (state: LoginState, answer: PollAnswer): boolean => {
  switch (state.kind) {
    case 'AWAITING_SCAN':
      return state.lastLook === null && state.renewal === null && answer.kind === 'NOT_SCANNED'
    case 'AWAITING_CONFIRMATION':
      return state.lastLook === null && (answer.kind === 'NOT_SCANNED' || answer.kind === 'SCANNED')
    default:
      return false
  }
}

export const remembered = (held: Held, status: number, body: Uint8Array): boolean =>
  held.quietIn !== null &&
  held.quietIn === held.turn.state &&
  held.pollIn === held.quietIn &&
  held.quietStatus === status &&
  held.quiet !== null &&
  Buffer.compare(held.quiet, body) === 0

/** The commonest answer, by far, is kept once for all logins: a copy of each poll's own would hold a slab of eight kilobytes. */
export class Memo {
  #usual: Uint8Array | null = null

  /** To be called where `transition` gave back the same state and no event. */
  keep(held: Held, status: number, body: Uint8Array, answer: PollAnswer): void {
    const { state } = held.turn
    if (held.pollIn !== state || !lasting(state, answer)) return
    held.quietIn = state
    held.quietStatus = status
    held.quiet = answer.kind === 'NOT_SCANNED' ? this.#shared(body) : Uint8Array.from(body)
  }

  #shared(body: Uint8Array): Uint8Array {
    if (this.#usual === null || Buffer.compare(this.#usual, body) !== 0) this.#usual = Uint8Array.from(body)
    return this.#usual
  }
}
