// Tells the store what was observed of a login, and takes what follows. One after another for one login, so that each is
// judged in the state that the one before left behind.

import type { Bus, Ring } from '../bus/bus.ts'
import type { Carried, Store } from '../db/store.ts'
import type { Observation } from '../login/observation.ts'
import { signedIn } from '../login/signed-in.ts'
import { ended } from '../login/state.ts'
import { transition } from '../login/transition.ts'
import type { Told } from './driving.ts'
import type { Held } from './held.ts'
import type { Time } from './time.ts'

const restAfterContention = 1_000

export interface TellingOptions {
  readonly store: Store
  readonly bus: Bus<Carried>
  readonly time: Time
  /** Its turn was written, and held has taken it. */
  readonly recorded: (held: Held, observation: Observation, carried: Carried) => void
  /** Ended, or somebody else's now. */
  readonly over: (held: Held) => void
}

export class Telling {
  readonly #options: TellingOptions
  /** Known again when they come back from the bus. */
  readonly #own = new WeakSet<Ring<Carried>>()

  constructor(options: TellingOptions) {
    this.#options = options
  }

  async tell(held: Held, observation: Observation): Promise<Told> {
    while (held.telling !== null) await held.telling
    if (held.gone) {
      await this.tellLate(held, observation)
      return 'GONE'
    }
    // Judged before the database is asked: what changes nothing costs no statement.
    if (unchanged(held, observation)) return 'UNCHANGED'
    const writing = this.#write(held, observation)
    held.telling = writing
      .catch(() => {})
      .then(() => {
        held.telling = null
      })
    return await writing
  }

  /** Heard when the login was gone: where it tells of somebody signed in, the store keeps what is true of the device. */
  async tellLate(held: Held, observation: Observation): Promise<void> {
    if (signedIn(observation) === null) return
    const { store, bus } = this.#options
    const written = await store.record(held.id, observation, { epoch: held.turn.epoch })
    // Let go, and yet nobody else's: the login itself was waiting for this.
    if (written.kind === 'RECORDED')
      bus.ring({ id: held.id, sequence: written.turn.state.sequence, carried: written })
  }

  ring(ring: Ring<Carried>): void {
    this.#own.add(ring)
    this.#options.bus.ring(ring)
  }

  isOwn(ring: Ring<Carried>): boolean {
    return this.#own.has(ring)
  }

  async #write(held: Held, observation: Observation): Promise<Told> {
    const { store, time, recorded, over } = this.#options
    const { epoch } = held.turn
    const written = await store.record(held.id, observation, { from: held.turn, epoch })
    switch (written.kind) {
      case 'RECORDED':
        held.adopt(written.turn)
        this.ring({ id: held.id, sequence: written.turn.state.sequence, carried: written })
        recorded(held, observation, written)
        if (ended(held.turn.state)) over(held)
        return 'RECORDED'
      case 'UNCHANGED':
        held.adopt(written.turn)
        return 'UNCHANGED'
      case 'NOT_MINE':
        // Claimed anew by this very instance in the meantime: the turn goes on under the new epoch.
        if (held.turn.epoch > epoch) return 'CONTENDED'
        over(held)
        return 'GONE'
      case 'ENDED':
        over(held)
        return 'GONE'
      case 'CONTENDED':
        held.restAt = time.now() + restAfterContention
        return 'CONTENDED'
    }
  }
}

/** Whether this observation changes nothing where the login stands now. */
export const unchanged = (held: Held, observation: Observation): boolean => {
  const step = transition(held.turn.state, observation)
  return step.state === held.turn.state && step.events.length === 0
}
