// One wall of logins: which of them it shows, what of them it has not taken yet, and up to where it has everything. It is
// told of changes, and shows each login as it is when it is taken.

import type { LoginFilter } from '../db/filters.ts'
import type { LoginRecord, RecordedEvent } from '../db/records.ts'
import type { Millis } from '../login/vocabulary.ts'
import { type ActivityPlace, activityCursor } from './cursor.ts'
import { Latest } from './latest.ts'
import type { LoginView } from './login-view.ts'
import type { LoginUpdate } from './update.ts'
import type { Bounds } from './watch.ts'
import { asksForEnded, fits, lasting } from './watch-activity-filter.ts'

/** A login as it is known now; it goes on changing. */
export interface Known {
  login: LoginView
  /** Its newest; null: not read. */
  event: RecordedEvent | null
}

/** What a caller asked for. */
export interface ActivityAsked {
  readonly where: LoginFilter
  /** Null: a new wall. */
  readonly after: ActivityPlace | null
  /** It came back from too far: it is to begin anew. */
  readonly resync: boolean
}

/** The logins of the tenant, as far as one wall needs them. */
export interface Logins {
  readonly tenant: string
  /** Everything that was told before it is known, of logins that may have lived then. */
  readonly place: ActivityPlace
  now(): Millis
  /** A page of the ended ones, oldest start first, with where the next begins; null: there is none. */
  readEnded(where: LoginFilter, after: LoginRecord | null): Promise<EndedPage>
}

export interface EndedPage {
  readonly logins: readonly Known[]
  readonly next: LoginRecord | null
}

/**
 * A write says when it was observed, and is seen once it is committed: no statement takes longer. So much of what was told
 * before is told again.
 */
export const overlap = 20_000

interface Waiting {
  readonly known: Known
  /** Where the wall stood when this began to wait: whoever has not taken it comes back from there. */
  readonly place: ActivityPlace
  /** Something happened, rather than that it looks different. */
  readonly happened: boolean
}

export class Wall {
  readonly updates: Latest<Waiting, LoginUpdate>
  readonly #logins: Logins
  readonly #where: LoginFilter
  readonly #after: ActivityPlace | null
  /** Live ones that the wall shows, as far as this instance told it. */
  readonly #shown = new Set<string>()
  #resync: boolean
  #catchingUp: boolean
  #ended: LoginRecord | null = null

  constructor(logins: Logins, { where, after, resync }: ActivityAsked, bounds: Bounds, left: () => void) {
    this.#logins = logins
    this.#where = where
    this.#after = after
    this.#resync = resync
    this.#catchingUp = after !== null
    this.updates = new Latest({
      bounds,
      show: waiting => this.#update(waiting),
      more: this.#catchingUp ? () => this.#catchUp() : null,
      left,
    })
  }

  /** Each live one that fits, and of those that do not, what may have when the wall left. */
  begin(all: Iterable<Known>): void {
    const first: [string, Waiting][] = []
    for (const known of all) {
      const { record } = known.login
      if (record.ended !== null) continue
      const isShown = this.#fits(known)
      if (isShown) this.#shown.add(record.id)
      else if (!this.#mayHaveFitted(record)) continue
      first.push([record.id, { known, place: this.#place, happened: false }])
    }
    this.updates.begin(first)
  }

  changed(known: Known, happened: boolean): void {
    const { id, ended } = known.login.record
    const isShown = this.#fits(known)
    if (!isShown && !this.#shown.has(id)) return
    // One that has ended never changes again.
    if (isShown && ended === null) this.#shown.add(id)
    else this.#shown.delete(id)
    this.updates.offer(id, this.#waiting(known, happened))
  }

  /** What waits already keeps the place at which it began to. */
  #waiting(known: Known, happened: boolean): Waiting {
    const before = this.updates.waiting(known.login.record.id)
    return {
      known,
      place: before?.place ?? this.#place,
      happened: happened || before?.happened === true,
    }
  }

  get #place(): ActivityPlace {
    return this.#catchingUp && this.#after !== null ? this.#after : this.#logins.place
  }

  #fits({ login: { record, account } }: Known): boolean {
    return fits(this.#where, record, account ?? null)
  }

  #mayHaveFitted(record: LoginRecord): boolean {
    if (this.#after === null || asksForEnded(this.#where)) return false
    return record.updated >= this.#after.at - overlap && fits(lasting(this.#where), record, null)
  }

  /** Those that ended since it left: also where they fit no more, since they may have. */
  async #catchUp(): Promise<boolean> {
    const after = this.#after
    const where = this.#where
    if (after === null) return false
    const kept = lasting(where)
    const { logins, next } = await this.#logins.readEnded(
      {
        ...kept,
        live: false,
        startedFrom: Math.max(kept.startedFrom ?? 0, after.from),
        endedFrom: after.at - overlap,
      },
      this.#ended,
    )
    const told = logins.filter(known => !asksForEnded(where) || this.#fits(known))
    for (const known of told) this.#shown.delete(known.login.record.id)
    this.updates.begin(told.map(known => [known.login.record.id, this.#waiting(known, false)]))
    this.#ended = next
    this.#catchingUp = next !== null
    return this.#catchingUp
  }

  #update({ known: { login, event }, place, happened }: Waiting): LoginUpdate {
    const { sequence } = login.record
    const resync = this.#resync
    this.#resync = false
    return Object.freeze({
      sequence,
      event: happened && !resync && event?.sequence === sequence ? Object.freeze({ event, login }) : null,
      login,
      resync,
      serverTime: this.#logins.now(),
      cursor: activityCursor(place),
    })
  }
}
