// Everything that happens in one login, read once for all its watchers on this instance. The bus only says "look
// again": a feed listens first, then reads what lies above its number, hands it out in order, and waits. What a ring of
// this process carries is taken as read where it continues what is known.

import type { Bus, Ring } from '../bus/bus.ts'
import type { LoginRecord, RecordedEvent } from '../db/records.ts'
import type { Carried, Store } from '../db/store.ts'
import { RequestError } from '../errors.ts'
import { continued } from './continued.ts'
import { inTime } from './in-time.ts'
import { type LoginView, looksOf, type PictureLinks } from './login-view.ts'
import { LoginViews } from './login-views.ts'
import { Members } from './members.ts'
import { type LoginUpdate, snapshotOf, updateOf } from './update.ts'
import { type Bounds, type Chunk, type Source, Watch } from './watch.ts'

/** Events read at a time. */
const chunkSize = 100
/** Above every number: reads the login and no event. */
const noEvents = 2 ** 31 - 1

export interface FeedDependencies extends PictureLinks {
  readonly store: Store
  readonly bus: Bus<Carried>
  readonly bounds: Bounds
  /** Snapshots of what changed without an event: no oftener than this, in milliseconds. */
  readonly snapshotEvery: number
  /** How long a read may take, in milliseconds: one that is never answered must not deafen a feed. */
  readonly readPatience: number
  /** A read that nobody waits for has failed; the next look tries again. */
  failed(error: unknown): void
}

export class Feed implements Source {
  readonly tenant: string
  readonly loginId: string
  readonly watches = new Members<Watch>()
  readonly #with: FeedDependencies
  readonly #unlisten: () => void
  readonly #emptied: (feed: Feed) => void
  #newest: LoginView | null = null
  readonly #views: LoginViews
  #reading: Promise<void> | null = null
  #next: Promise<void> | null = null
  #lastSnapshot = Number.NEGATIVE_INFINITY
  #snapshotTimer: NodeJS.Timeout | null = null
  #joining = 0
  #closed = false
  #closedBy: RequestError | null = null

  constructor(
    tenant: string,
    loginId: string,
    dependencies: FeedDependencies,
    emptied: (feed: Feed) => void,
  ) {
    this.tenant = tenant
    this.loginId = loginId
    this.#with = dependencies
    this.#emptied = emptied
    this.#views = new LoginViews(dependencies, tenant, loginId)
    this.#unlisten = dependencies.bus.listen(loginId, ring => this.#heard(ring))
  }

  get sequence(): number {
    return this.#newest?.record.sequence ?? 0
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Joins a watcher to what is true now. `leave` is called once, when it has gone. Throws RequestError NOT_FOUND. */
  async join(after: number | null, leave: () => void): Promise<Watch> {
    this.#joining += 1
    try {
      await this.refresh()
      return this.#admit(after, leave)
    } finally {
      this.#joining -= 1
      this.#closeWhenEmpty()
    }
  }

  left(watch: Watch): void {
    this.watches.remove(watch)
    this.#closeWhenEmpty()
  }

  /** A look that begins after this call; calls that come while one runs share the next. */
  refresh(): Promise<void> {
    if (this.#next !== null) return this.#next
    if (this.#reading === null) return this.#begin()
    this.#next = this.#reading.then(
      () => this.#begin(),
      () => this.#begin(),
    )
    return this.#next
  }

  /** Looks again where the log has moved on without a ring. */
  lookWhereChanged(record: LoginRecord): void {
    const known = this.#newest?.record
    if (known !== undefined && (record.version !== known.version || record.ended !== known.ended))
      this.#look()
  }

  close(error: RequestError): void {
    this.#closedBy = error
    this.watches.each(watch => watch.fail(error))
    this.#close()
  }

  readChunk(after: number): Promise<Chunk> {
    return inTime(this.#readChunk(after), this.#with.readPatience)
  }

  async #readChunk(after: number): Promise<Chunk> {
    const progress = await this.#with.store.readProgress(this.tenant, this.loginId, after, chunkSize)
    if (progress === null) throw new RequestError('NOT_FOUND', 'There is no such login.')
    const login = await this.#views.read(progress.login, this.#newest)
    const serverTime = this.#with.store.clock.now()
    const last = progress.events.at(-1)?.sequence ?? after
    return {
      updates: progress.events.map(event => updateOf(event, login, serverTime)),
      over: progress.login.ended !== null && last >= progress.login.sequence,
      version: progress.login.version,
    }
  }

  changedSince(version: number): LoginUpdate | null {
    const newest = this.#newest
    if (newest === null || newest.record.version <= version) return null
    return snapshotOf(newest, this.#with.store.clock.now())
  }

  #admit(after: number | null, leave: () => void): Watch {
    if (this.#closedBy !== null) throw this.#closedBy
    const newest = this.#newest
    if (newest === null) throw new RequestError('NOT_FOUND', 'There is no such login.')
    const { sequence } = newest.record
    const resync = after !== null && after > sequence
    const first = after === null || resync ? snapshotOf(newest, this.#with.store.clock.now(), resync) : null
    const watch = new Watch(this, first === null ? (after ?? 0) : sequence, first, this.#with.bounds, leave)
    if (newest.record.ended === null && !this.#closed) this.watches.add(watch)
    else watch.complete()
    return watch
  }

  #heard({ carried }: Ring<Carried>): void {
    const known = this.#newest
    // Behind a read that is under way only another read knows where the log stands.
    const record =
      carried === undefined || known === null || this.#reading !== null
        ? null
        : continued(known.record, carried)
    const login = record === null ? null : this.#views.now(record, known)
    if (carried === undefined || known === null || login === null) this.#look()
    else if (!this.#closed) this.#hand(known, login, carried.events)
  }

  #look(): void {
    if (!this.#closed) this.refresh().catch(this.#with.failed)
  }

  #begin(): Promise<void> {
    this.#next = null
    const reading = this.#read().finally(() => {
      if (this.#reading === reading) this.#reading = null
    })
    this.#reading = reading
    return reading
  }

  async #read(): Promise<void> {
    if (this.#closed) return
    const known = this.#newest
    const found = await inTime(this.#gather(known?.record.sequence ?? noEvents), this.#with.readPatience)
    if (this.#closed) return
    if (found === null) return this.close(new RequestError('NOT_FOUND', 'There is no such login.'))
    this.#newest = found.login
    if (known !== null) this.#hand(known, found.login, found.events)
  }

  /** Everything that lies between the two, to everybody. */
  #hand(known: LoginView, login: LoginView, events: readonly RecordedEvent[]): void {
    this.#newest = login
    const serverTime = this.#with.store.clock.now()
    for (const event of events) this.#deliver(updateOf(event, login, serverTime))
    if (login.record.ended !== null) this.#complete()
    else if (events.length === 0 && looksOf(login) !== looksOf(known)) this.#snapshotSoon()
  }

  /** Everything above `after`: a part alone would move the feed's number past events that nobody was handed. */
  async #gather(after: number): Promise<{ login: LoginView; events: readonly RecordedEvent[] } | null> {
    const events: RecordedEvent[] = []
    while (true) {
      const above = events.at(-1)?.sequence ?? after
      const progress = await this.#with.store.readProgress(this.tenant, this.loginId, above, chunkSize)
      if (progress === null) return null
      events.push(...progress.events)
      const last = events.at(-1)?.sequence ?? after
      if (progress.events.length === 0 || last >= progress.login.sequence)
        return { login: await this.#views.read(progress.login, this.#newest), events }
    }
  }

  #deliver(update: LoginUpdate): void {
    // Its login is whole: a snapshot that was due would only repeat it.
    if (this.#snapshotTimer !== null) clearTimeout(this.#snapshotTimer)
    this.#snapshotTimer = null
    this.watches.each(watch => watch.deliver(update))
  }

  #snapshotSoon(): void {
    if (this.#snapshotTimer !== null) return
    const wait = this.#lastSnapshot + this.#with.snapshotEvery - performance.now()
    if (wait <= 0) this.#snapshot()
    else this.#snapshotTimer = setTimeout(() => this.#snapshot(), wait)
  }

  #snapshot(): void {
    this.#snapshotTimer = null
    if (this.#newest === null || this.#closed) return
    this.#lastSnapshot = performance.now()
    const snapshot = snapshotOf(this.#newest, this.#with.store.clock.now())
    this.watches.each(watch => watch.deliver(snapshot))
  }

  #complete(): void {
    this.watches.each(watch => watch.complete())
    this.#close()
  }

  #closeWhenEmpty(): void {
    if (this.watches.count === 0 && this.#joining === 0) this.#close()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#unlisten()
    if (this.#snapshotTimer !== null) clearTimeout(this.#snapshotTimer)
    this.#snapshotTimer = null
    this.#emptied(this)
  }
}
