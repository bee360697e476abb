// The pictures of people: of whoever scanned, and of the account that signed in. Fetched in the background, once per
// login at most; a login never waits for one, and none is a reason to fail.

import type { Carried, Store, Turn } from '../db/store.ts'
import type { Observation } from '../login/observation.ts'
import { signedIn } from '../login/signed-in.ts'
import type { Profile } from '../login/vocabulary.ts'
import type { Calls } from './calls.ts'
import type { Held } from './held.ts'
import type { Pictures } from './options.ts'

const atOnce = 4
/** An upstream that scans faster than its pictures come goes without some. */
const waitingAtMost = 200
const patience = 5_000

export interface AvatarsOptions {
  readonly store: Store
  readonly pictures: Pictures
  readonly calls: Calls
  readonly ring: (loginId: string, sequence: number) => void
  /** Keeps sight of what is under way, and of what it throws. */
  readonly background: (work: () => Promise<void>) => void
}

export class Avatars {
  readonly #options: AvatarsOptions
  readonly #waiting: (() => void)[] = []
  #busy = 0

  constructor(options: AvatarsOptions) {
    this.#options = options
  }

  /** Looks at what was just recorded: was there a scan, or did somebody sign in? */
  recorded(held: Held, observation: Observation, { turn, events }: Carried): void {
    const scanned =
      observation.kind === 'Polled' && observation.answer.kind === 'SCANNED' && observation.answer
    if (scanned && scanned.avatarUrl !== null && events.some(({ body }) => body.kind === 'QrCodeScanned'))
      this.#ofScanner(held, turn, scanned.avatarUrl)
    const profile = signedIn(observation)
    if (
      profile !== null &&
      profile.avatarUrl !== null &&
      events.some(({ body }) => body.kind === 'LoginEnded')
    )
      this.#ofAccount(held, turn, profile, profile.avatarUrl)
  }

  #ofScanner(held: Held, turn: Turn, url: string): void {
    if (held.avatar !== null) return
    const { store, background, ring } = this.#options
    const kept = this.#keep(held, turn, url)
    held.avatar = { url, kept }
    background(async () => {
      const picture = await kept
      if (picture === null) return
      await store.attachScannerPicture(turn.loginId, picture)
      ring(turn.loginId, held.turn.state.sequence)
    })
  }

  #ofAccount(held: Held, turn: Turn, profile: Profile, url: string): void {
    const { store, background, ring } = this.#options
    const kept = held.avatar?.url === url ? held.avatar.kept : this.#keep(held, turn, url)
    background(async () => {
      const picture = await kept
      if (picture === null) return
      await store.attachAccountPicture(turn.tenant, turn.provider, profile.wcId, picture)
      ring(turn.loginId, turn.state.sequence)
    })
  }

  /** The picture's id; null: it could not be had. Never rejects. */
  async #keep(held: Held, { tenant }: Turn, url: string): Promise<string | null> {
    const { store, pictures, calls } = this.#options
    if (this.#busy >= atOnce) {
      if (this.#waiting.length >= waitingAtMost) return null
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    } else this.#busy++
    try {
      const picture = await calls.ask({ held: null, within: patience }, signal =>
        pictures.fetch(url, held.provider.origin, signal),
      )
      return await store.keepPicture(tenant, picture)
    } catch {
      return null
    } finally {
      // The place is handed on, so that it is never free while somebody waits.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#busy--
    }
  }
}
