// The logins of one tenant for its walls on this instance, read once for all of them. Rings say which changed and are read
// together; a look now and then finds what was not rung. Everybody who is live is kept, and who ended a moment ago.

import type { Bus, Ring } from '../bus/bus.ts'
import type { LoginFilter, MomentCursor } from '../db/filters.ts'
import type { AccountRecord, LoginRecord, RecordedEvent } from '../db/records.ts'
import type { Carried, Store } from '../db/store.ts'
import type { RequestError } from '../errors.ts'
import type { Millis } from '../login/vocabulary.ts'
import { continued } from './continued.ts'
import type { ActivityPlace } from './cursor.ts'
import { Gathered } from './gathered.ts'
import { inTime } from './in-time.ts'
import { looksOf, type PictureLinks, viewLogin } from './login-view.ts'
import type { Bounds } from './watch.ts'
import {
  type ActivityAsked,
  type EndedPage,
  type Known,
  type Logins,
  overlap,
  Wall,
} from './watch-activity-wall.ts'

/** Logins of one statement. */
const pageSize = 500

export interface WallParts extends PictureLinks {
  readonly store: Store
  readonly bus: Bus<Carried>
  readonly bounds: Bounds
  /** How long rings wait for each other, in milliseconds. */
  readonly ringsWait: number
  /** How long a read may take, in milliseconds. */
  readonly readPatience: number
  failed(error: unknown): void
}

export class ActivityLogins implements Logins {
  readonly tenant: string
  readonly #parts: WallParts
  readonly #emptied: () => void
  readonly #known = new Map<string, Known>()
  readonly #walls = new Set<Wall>()
  readonly #rung: Gathered
  readonly #unlisten: () => void
  #place: ActivityPlace
  #opening: Promise<void> | null = null
  #looking: Promise<void> | null = null
  #joining = 0
  #closedBy: RequestError | null = null
  #closed = false

  constructor(tenant: string, parts: WallParts, emptied: () => void) {
    this.tenant = tenant
    this.#parts = parts
    this.#emptied = emptied
    this.#place = { at: parts.store.clock.now(), from: 0 }
    this.#rung = new Gathered({
      wait: parts.ringsWait,
      most: pageSize,
      work: ids => inTime(this.#read(ids), parts.readPatience),
      failed: parts.failed,
    })
    this.#unlisten = parts.bus.listen(null, ring => this.#heard(ring))
  }

  get place(): ActivityPlace {
    return this.#place
  }

  get closed(): boolean {
    return this.#closed
  }

  now(): Millis {
    return this.#parts.store.clock.now()
  }

  /** A wall, from what is true now. `leave` is called once, when it has ended. */
  async join(asked: ActivityAsked, leave: () => void): Promise<Wall> {
    this.#joining += 1
    try {
      this.#opening ??= this.#open()
      await inTime(this.#opening, this.#parts.readPatience)
      await this.look()
      if (this.#closedBy !== null) throw this.#closedBy
      const wall = new Wall(this, asked, this.#parts.bounds, () => {
        this.#walls.delete(wall)
        leave()
        this.#closeWhenEmpty()
      })
      this.#walls.add(wall)
      wall.begin(this.#known.values())
      return wall
    } finally {
      this.#joining -= 1
      this.#closeWhenEmpty()
    }
  }

  /** Reads what changed, rung or not; one look at a time serves all who ask meanwhile. */
  look(): Promise<void> {
    for (const wall of this.#walls) wall.updates.endWhenLate()
    this.#looking ??= inTime(this.#look(), this.#parts.readPatience).finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  close(error: RequestError): void {
    this.#closedBy = error
    for (const wall of [...this.#walls]) wall.updates.fail(error)
    this.#close()
  }

  async readEnded(where: LoginFilter, after: LoginRecord | null): Promise<EndedPage> {
    const rows = await inTime(this.#page(where, after), this.#parts.readPatience)
    const accounts = await this.#accountsOf(rows)
    const logins = rows.map(record => this.#learn(record, null, accountOf(record, accounts), false))
    return { logins, next: rows.length < pageSize ? null : (rows.at(-1) ?? null) }
  }

  #heard({ id, carried }: Ring<Carried>): void {
    if (id.startsWith('account:')) return
    if (carried !== undefined && carried.turn.tenant !== this.tenant) return
    const known = this.#known.get(id)
    const record =
      carried === undefined || known === undefined ? null : continued(known.login.record, carried)
    if (record === null) this.#rung.add(id)
    else this.#learn(record, carried?.events.at(-1) ?? null, null)
  }

  /** Everybody who is live, a page at a time. */
  async #open(): Promise<void> {
    const { store } = this.#parts
    try {
      const oldest = await store.readOldestLive(this.tenant)
      const at = store.clock.now()
      this.#place = { at, from: Math.min(oldest ?? at, at) - overlap }
      let last: LoginRecord | null = null
      do {
        const rows: readonly LoginRecord[] = await this.#page({ live: true }, last)
        for (const record of rows) this.#learn(record, null, null)
        last = rows.length < pageSize ? null : (rows.at(-1) ?? null)
      } while (last !== null)
    } catch (error) {
      this.#opening = null
      throw error
    }
  }

  async #look(): Promise<void> {
    const { store } = this.#parts
    // First: whoever lives at `at` had started by then, or had begun to.
    const oldest = await store.readOldestLive(this.tenant)
    const at = store.clock.now()
    const changed = await store.readChangedLogins(this.tenant, {
      since: this.#place.at - overlap,
      startedFrom: this.#place.from,
    })
    const unknown = [...changed].filter(
      ([id, version]) => this.#known.get(id)?.login.record.version !== version,
    )
    await this.#read(unknown.map(([id]) => id))
    this.#place = { at, from: Math.min(oldest ?? at, at) - overlap }
    for (const [id, { login }] of this.#known)
      if (login.record.ended !== null && login.record.ended < at - 2 * overlap) this.#known.delete(id)
  }

  async #read(ids: readonly string[]): Promise<void> {
    const { store } = this.#parts
    for (let first = 0; first < ids.length; first += pageSize) {
      const records = await store.readLogins(this.tenant, ids.slice(first, first + pageSize))
      const moved = [...records.values()].filter(
        ({ id, sequence }) => sequence > (this.#known.get(id)?.login.record.sequence ?? 0),
      )
      const events = await store.readNewestEvents(this.tenant, moved)
      const accounts = await this.#accountsOf([...records.values()])
      for (const record of records.values())
        this.#learn(record, events.get(record.id) ?? null, accountOf(record, accounts))
    }
  }

  #page(where: LoginFilter, last: LoginRecord | null): Promise<readonly LoginRecord[]> {
    const after: MomentCursor | null = last === null ? null : { at: last.started, id: last.id }
    const page = { limit: pageSize, after, before: null, backward: false }
    return this.#parts.store.pageLogins(this.tenant, where, 'STARTED_AT_ASC', page)
  }

  #accountsOf(records: readonly LoginRecord[]): Promise<ReadonlyMap<string, AccountRecord>> {
    const ids = new Set(records.flatMap(({ accountId }) => (accountId === null ? [] : [accountId])))
    return this.#parts.store.readAccounts(this.tenant, [...ids])
  }

  /** What is read may be older than what is known. `kept` false: one that is not known is not remembered. */
  #learn(
    record: LoginRecord,
    event: RecordedEvent | null,
    account: AccountRecord | null,
    kept = true,
  ): Known {
    const known = this.#known.get(record.id)
    const before = known?.login.record
    if (known !== undefined && before !== undefined && !isNewer(record, before)) return known
    const view = viewLogin(this.#parts, record, null, known?.login ?? null)
    const login = record.accountId === null ? view : Object.freeze({ ...view, account })
    if (known === undefined || before === undefined) {
      const fresh: Known = { login, event }
      if (kept && !this.#closed) {
        this.#known.set(record.id, fresh)
        for (const wall of this.#walls) wall.changed(fresh, event !== null)
      }
      return fresh
    }
    const looked = known.login
    const happened = record.sequence > before.sequence
    known.login = login
    if (happened) known.event = event
    if (happened || record.ended !== before.ended || looksOf(login) !== looksOf(looked))
      for (const wall of this.#walls) wall.changed(known, happened)
    return known
  }

  #closeWhenEmpty(): void {
    if (this.#walls.size === 0 && this.#joining === 0) this.#close()
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

/** Versions count every write, and stand still at the end. */
const isNewer = (record: LoginRecord, known: LoginRecord): boolean =>
  record.version > known.version || (record.ended !== null && known.ended === null)

const accountOf = (
  { accountId }: LoginRecord,
  accounts: ReadonlyMap<string, AccountRecord>,
): AccountRecord | null => (accountId === null ? null : (accounts.get(accountId) ?? null))
