// The presence of one tenant's accounts for its watchers on this instance: of everybody where somebody watches all, else of
// those who are watched one by one. Rings say whose moved; a look now and then finds what was not rung, and who has not been
// heard of for so long that nobody knows.

import type { Ring } from '../bus/bus.ts'
import type { PresenceMark, Standing } from '../db/activity-store.ts'
import type { AccountRecord, PresenceChangeRecord } from '../db/records.ts'
import type { Carried } from '../db/store.ts'
import { RequestError } from '../errors.ts'
import { type PresenceState, presenceRules } from '../login/presence.ts'
import type { Millis } from '../login/vocabulary.ts'
import { Gathered } from './gathered.ts'
import { inTime } from './in-time.ts'
import { Latest } from './latest.ts'
import type { WallParts } from './watch-activity-logins.ts'

/** Accounts of one statement. */
const pageSize = 500
const ringPrefix = 'account:'

/** An account as it is known now; it goes on changing. */
interface Known {
  account: AccountRecord
  /** Of the newest change that was handed out. */
  number: number
  /** What was last shown of it: the state, and the rest but for how long ago it was told. */
  state: PresenceState
  looks: string
  /** Of the mark that it was read after; null: not read with one. */
  rest: string | null
  readonly watches: Set<PresenceWatch>
}

interface Waiting {
  readonly known: Known
  readonly change: PresenceChangeRecord | null
}

export interface PresenceUpdate {
  /** As it is now. */
  readonly account: AccountRecord
  /** Null on a snapshot. */
  readonly change: PresenceChangeRecord | null
}

export type PresenceWatch = Latest<Waiting, PresenceUpdate>

export class PresenceAccounts {
  readonly tenant: string
  readonly #parts: WallParts
  readonly #emptied: () => void
  readonly #known = new Map<string, Known>()
  /** Those who watch everybody. */
  readonly #walls = new Set<PresenceWatch>()
  readonly #rung: Gathered
  readonly #unlisten: () => void
  /** Everybody is known, or about to be; null: only who is watched. */
  #whole: Promise<void> | null = null
  #isWhole = false
  #looking: Promise<void> | null = null
  #watches = 0
  #joining = 0
  #joiningWalls = 0
  #closedBy: RequestError | null = null
  #closed = false

  constructor(tenant: string, parts: WallParts, emptied: () => void) {
    this.tenant = tenant
    this.#parts = parts
    this.#emptied = emptied
    this.#rung = new Gathered({
      wait: parts.ringsWait,
      most: pageSize,
      work: ids => inTime(this.#read(ids), parts.readPatience),
      failed: parts.failed,
    })
    this.#unlisten = parts.bus.listen(null, ring => this.#heard(ring))
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Null: everybody. `leave` is called once, when it has ended. Throws RequestError NOT_FOUND. */
  async join(accountId: string | null, leave: () => void): Promise<PresenceWatch> {
    this.#joining += 1
    if (accountId === null) this.#joiningWalls += 1
    try {
      if (accountId === null) await this.#learnEverybody()
      else await inTime(this.#read([accountId], true), this.#parts.readPatience)
      if (this.#closedBy !== null) throw this.#closedBy
      return accountId === null ? this.#admitWall(leave) : this.#admit(accountId, leave)
    } finally {
      this.#joining -= 1
      if (accountId === null) this.#joiningWalls -= 1
      this.#forget()
    }
  }

  /** Reads what moved, rung or not, and says of whom nobody knows any more. */
  look(): Promise<void> {
    for (const watch of this.#everyWatch()) watch.endWhenLate()
    this.#looking ??= inTime(this.#look(), this.#parts.readPatience).finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  close(error: RequestError): void {
    this.#closedBy = error
    for (const watch of [...this.#everyWatch()]) watch.fail(error)
    this.#close()
  }

  #admitWall(leave: () => void): PresenceWatch {
    const watch = this.#watch(() => this.#walls.delete(watch), leave)
    this.#walls.add(watch)
    watch.begin([...this.#known].map(([id, known]) => [id, { known, change: null }] as const))
    return watch
  }

  #admit(accountId: string, leave: () => void): PresenceWatch {
    const known = this.#known.get(accountId)
    if (known === undefined) throw new RequestError('NOT_FOUND', 'There is no such account.')
    const watch = this.#watch(() => known.watches.delete(watch), leave)
    known.watches.add(watch)
    watch.begin([[accountId, { known, change: null }]])
    return watch
  }

  #watch(out: () => void, leave: () => void): PresenceWatch {
    this.#watches += 1
    return new Latest<Waiting, PresenceUpdate>({
      bounds: this.#parts.bounds,
      show: ({ known, change }) => Object.freeze({ account: known.account, change }),
      more: null,
      left: () => {
        this.#watches -= 1
        out()
        leave()
        this.#forget()
      },
    })
  }

  #heard({ id }: Ring<Carried>): void {
    if (!id.startsWith(ringPrefix)) return
    const accountId = id.slice(ringPrefix.length)
    if (this.#whole !== null || this.#known.has(accountId)) this.#rung.add(accountId)
  }

  async #learnEverybody(): Promise<void> {
    if (this.#whole === null) {
      const reading = this.#readEverybody().then(
        () => {
          this.#isWhole = this.#whole === reading
        },
        error => {
          if (this.#whole === reading) this.#whole = null
          throw error
        },
      )
      this.#whole = reading
    } else if (this.#isWhole) return await this.look()
    await inTime(this.#whole, this.#parts.readPatience)
  }

  async #readEverybody(): Promise<void> {
    const { store } = this.#parts
    const marks = await store.readPresenceMarks(this.tenant, null)
    let after: string | null = null
    do {
      const page: readonly Standing[] = await store.pageStandings(this.tenant, after, pageSize)
      for (const standing of page) this.#begin(standing, marks.get(standing.account.id)?.rest ?? null)
      after = page.length < pageSize ? null : (page.at(-1)?.account.id ?? null)
    } while (after !== null)
  }

  async #look(): Promise<void> {
    const ids = this.#isWhole ? null : [...this.#known.keys()]
    const marks = await this.#parts.store.readPresenceMarks(this.tenant, ids)
    const due: string[] = []
    for (const [id, mark] of marks) {
      const known = this.#known.get(id)
      if (known === undefined) {
        if (this.#isWhole) due.push(id)
      } else if (known.number !== mark.number || known.rest !== mark.rest) due.push(id)
      else if (mark.asOf > known.account.presence.asOf) this.#seenAgain(known, mark)
    }
    for (let first = 0; first < due.length; first += pageSize)
      await this.#read(due.slice(first, first + pageSize))
    for (const id of due) {
      const known = this.#known.get(id)
      if (known !== undefined) known.rest = marks.get(id)?.rest ?? null
    }
    // Presence grows old by the clock alone.
    const now = this.#parts.store.clock.now()
    for (const known of this.#known.values())
      if (stateAt(known.account, now) !== known.state) this.#show(known, null)
  }

  /** `asked`: those that are not known are, from here on. */
  async #read(ids: readonly string[], asked = false): Promise<void> {
    const { store } = this.#parts
    const standings = await store.readStandings(this.tenant, ids)
    const above = new Map<string, number>()
    for (const standing of standings) {
      const { id } = standing.account
      const known = this.#known.get(id)
      if (known !== undefined) above.set(id, known.number)
      // It is new: nobody was told anything of it.
      else if (this.#isWhole) above.set(id, 0)
      else if (asked || this.#whole !== null) this.#begin(standing)
    }
    const changes = Map.groupBy(
      await store.readPresenceChangesAbove(this.tenant, above),
      ({ accountId }) => accountId,
    )
    for (const standing of standings) {
      const { id } = standing.account
      if (!above.has(id)) continue
      this.#learn(
        standing,
        (changes.get(id) ?? []).toSorted((one, other) => one.number - other.number),
      )
    }
  }

  #begin({ account, number }: Standing, rest: string | null = null, looks = looksOf(account)): void {
    if (this.#closed || this.#known.has(account.id)) return
    const state = stateAt(account, this.#parts.store.clock.now())
    this.#known.set(account.id, { account, number, state, looks, rest, watches: new Set() })
  }

  #learn({ account, number }: Standing, changes: readonly PresenceChangeRecord[]): void {
    const { id } = account
    if (!this.#known.has(id)) this.#begin({ account, number: 0 }, null, '')
    const known = this.#known.get(id)
    if (known === undefined) return
    const { asOf } = known.account.presence
    // Two reads may end in the other order.
    if (number > known.number || (number === known.number && account.presence.asOf >= asOf))
      known.account = account
    known.rest = null
    const news = changes.filter(change => change.number > known.number)
    for (const change of news) {
      known.number = change.number
      this.#show(known, change)
    }
    // It changed between the two reads.
    if (known.number > number) this.#rung.add(id)
    if (news.length > 0) return
    const now = this.#parts.store.clock.now()
    if (known.looks !== looksOf(known.account) || known.state !== stateAt(known.account, now))
      this.#show(known, null)
    else if (known.account.presence.asOf > asOf) this.#tellThoseOfOne(known)
  }

  #seenAgain(known: Known, { state, asOf }: PresenceMark): void {
    const { account } = known
    known.account = { ...account, presence: { ...account.presence, state, asOf } }
    this.#tellThoseOfOne(known)
  }

  #show(known: Known, change: PresenceChangeRecord | null): void {
    known.looks = looksOf(known.account)
    known.state = stateAt(known.account, this.#parts.store.clock.now())
    const { id } = known.account
    const key = change === null ? id : `${id} ${change.number}`
    for (const watch of known.watches) watch.offer(key, { known, change })
    for (const wall of this.#walls) wall.offer(key, { known, change })
  }

  /** It was merely seen again: of everybody that would be a flood. */
  #tellThoseOfOne(known: Known): void {
    for (const watch of known.watches) watch.offer(known.account.id, { known, change: null })
  }

  *#everyWatch(): Iterable<PresenceWatch> {
    yield* this.#walls
    for (const { watches } of this.#known.values()) yield* watches
  }

  /** What nobody watches any more is not kept. */
  #forget(): void {
    if (this.#watches === 0 && this.#joining === 0) this.#close()
    if (this.#walls.size > 0 || this.#joiningWalls > 0) return
    this.#isWhole = false
    this.#whole = null
    if (this.#joining > 0) return
    for (const [id, { watches }] of this.#known) if (watches.size === 0) this.#known.delete(id)
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#unlisten()
    this.#rung.stop()
    this.#known.clear()
    this.#emptied()
  }
}

/** An answer grows old, and then nobody knows. */
const stateAt = ({ presence }: AccountRecord, now: Millis): PresenceState =>
  now - presence.asOf > presenceRules.holds ? 'UNKNOWN' : presence.state

/** What may change without a change of presence; the next step follows from it. */
const looksOf = ({ presence, profile, deviceId, instanceId }: AccountRecord): string => {
  const { since, reason, upstreamReason, probationUntil, dropTags } = presence
  return JSON.stringify([
    [since, reason, upstreamReason, probationUntil, dropTags],
    [profile, deviceId, instanceId],
  ])
}
