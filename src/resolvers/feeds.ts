// The logins that are watched on this instance: one feed each, and how many may watch. What a lost ring costs at most
// is the look that all of them take together, in one statement, every few seconds.

import { RequestError } from '../errors.ts'
import { Feed, type FeedDependencies } from './feed.ts'
import type { LoginUpdate } from './update.ts'
import type { Viewer } from './viewer.ts'
import type { Bounds, Watch } from './watch.ts'
import { ActivityLogins } from './watch-activity-logins.ts'
import type { ActivityAsked } from './watch-activity-wall.ts'
import { PresenceAccounts, type PresenceUpdate } from './watch-presence-accounts.ts'

export interface FeedsOptions extends Pick<FeedDependencies, 'store' | 'bus' | 'pictureUrl' | 'failed'> {
  readonly bounds?: Bounds
  readonly snapshotEvery?: number
  /** Longer than a statement may take in the database. */
  readonly readPatience?: number
  /** How often everything watched is looked at without a ring, in milliseconds. */
  readonly lookEvery?: number
  /** Of what watches many things at once: what may wait on top of what it began with. */
  readonly wallQueue?: number
  /** How long rings wait for each other, so that walls read many at once, in milliseconds. */
  readonly ringsWait?: number
  /** Watches on this instance, and of one key. */
  readonly most?: number
  readonly mostPerKey?: number
}

export const defaultBounds: Bounds = { queue: 256, patience: 30_000 }

export class Feeds {
  readonly #options: FeedsOptions
  /** What all feeds are given alike. */
  readonly #parts: FeedDependencies
  readonly #feeds = new Map<string, Feed>()
  /** By tenant. */
  readonly #logins: PerTenant<ActivityLogins>
  readonly #accounts: PerTenant<PresenceAccounts>
  readonly #watchesByKey = new Map<string, number>()
  readonly #looking: NodeJS.Timeout
  #watches = 0
  #stopped: RequestError | null = null

  constructor(options: FeedsOptions) {
    this.#options = options
    this.#parts = { bounds: defaultBounds, snapshotEvery: 1_000, readPatience: 20_000, ...options }
    const { bounds, readPatience } = this.#parts
    const { wallQueue = 50_000, ringsWait = 30 } = options
    const walls = { ...options, readPatience, ringsWait, bounds: { ...bounds, queue: wallQueue } }
    this.#logins = new PerTenant((tenant, emptied) => new ActivityLogins(tenant, walls, emptied))
    this.#accounts = new PerTenant((tenant, emptied) => new PresenceAccounts(tenant, walls, emptied))
    this.#looking = setInterval(() => {
      this.look().catch(options.failed)
    }, options.lookEvery ?? 5_000).unref()
  }

  /** How many watch now. */
  get watches(): number {
    return this.#watches
  }

  get feeds(): number {
    return this.#feeds.size
  }

  /** Throws RequestError: NOT_FOUND, TOO_MANY_SUBSCRIPTIONS, SHUTTING_DOWN. */
  async watch(viewer: Viewer, loginId: string, after: number | null): Promise<Watch> {
    if (this.#stopped !== null) throw this.#stopped
    const leave = this.#enter(`${viewer.tenant} ${viewer.name}`)
    try {
      return await this.#feed(viewer.tenant, loginId).join(after, leave)
    } catch (error) {
      leave()
      throw error
    }
  }

  /** Throws RequestError: TOO_MANY_SUBSCRIPTIONS, SHUTTING_DOWN, UNAVAILABLE. */
  async watchActivity(viewer: Viewer, asked: ActivityAsked): Promise<AsyncGenerator<LoginUpdate>> {
    return await this.#admit(viewer, async leave => {
      const wall = await this.#logins.of(viewer.tenant).join(asked, leave)
      return wall.updates
    })
  }

  /** Null: every account of the tenant. Throws RequestError: NOT_FOUND, TOO_MANY_SUBSCRIPTIONS, SHUTTING_DOWN, UNAVAILABLE. */
  async watchPresence(viewer: Viewer, accountId: string | null): Promise<AsyncGenerator<PresenceUpdate>> {
    return await this.#admit(viewer, leave => this.#accounts.of(viewer.tenant).join(accountId, leave))
  }

  /** Reads what is watched, a bounded number of statements per tenant, and wakes whoever watches what has changed. */
  async look(): Promise<void> {
    const walls = [...this.#logins.all, ...this.#accounts.all]
    await Promise.all([this.#lookAtLogins(), ...walls.map(wall => wall.look())])
  }

  async #lookAtLogins(): Promise<void> {
    const byTenant = Map.groupBy(this.#feeds.values(), feed => feed.tenant)
    for (const [tenant, feeds] of byTenant) {
      for (const feed of feeds) feed.watches.each(watch => watch.endWhenLate())
      const records = await this.#options.store.readLogins(
        tenant,
        feeds.map(feed => feed.loginId),
      )
      for (const feed of feeds) {
        const record = records.get(feed.loginId)
        if (record !== undefined) feed.lookWhereChanged(record)
      }
    }
  }

  /** Lets every watcher go; they come back with `after`, to another instance or a new one. */
  stop(): void {
    clearInterval(this.#looking)
    this.#stopped = new RequestError('SHUTTING_DOWN', 'The gateway is shutting down: come back with `after`.')
    for (const feed of [...this.#feeds.values()]) feed.close(this.#stopped)
    for (const wall of [...this.#logins.all, ...this.#accounts.all]) wall.close(this.#stopped)
  }

  readonly #forget = (feed: Feed): void => {
    const key = keyOf(feed)
    if (this.#feeds.get(key) === feed) this.#feeds.delete(key)
  }

  #feed(tenant: string, loginId: string): Feed {
    const key = keyOf({ tenant, loginId })
    const known = this.#feeds.get(key)
    if (known !== undefined && !known.closed) return known
    const feed = new Feed(tenant, loginId, this.#parts, this.#forget)
    this.#feeds.set(key, feed)
    return feed
  }

  async #admit<Watching>(viewer: Viewer, join: (leave: () => void) => Promise<Watching>): Promise<Watching> {
    if (this.#stopped !== null) throw this.#stopped
    const leave = this.#enter(`${viewer.tenant} ${viewer.name}`)
    try {
      return await join(leave)
    } catch (error) {
      leave()
      throw error
    }
  }

  /** Counts one watch; gives back how to uncount it, once. */
  #enter(key: string): () => void {
    const { most = 50_000, mostPerKey = most } = this.#options
    const ofKey = this.#watchesByKey.get(key) ?? 0
    if (this.#watches >= most || ofKey >= mostPerKey)
      throw new RequestError('TOO_MANY_SUBSCRIPTIONS', 'Too many logins are watched here: let some go first.')
    this.#watches += 1
    this.#watchesByKey.set(key, ofKey + 1)
    let entered = true
    return () => {
      if (!entered) return
      entered = false
      this.#watches -= 1
      const left = (this.#watchesByKey.get(key) ?? 1) - 1
      if (left === 0) this.#watchesByKey.delete(key)
      else this.#watchesByKey.set(key, left)
    }
  }
}

/** What all who watch the same things of a tenant share, for as long as somebody does. */
class PerTenant<Shared extends { readonly closed: boolean }> {
  readonly #open: (tenant: string, emptied: () => void) => Shared
  readonly #shared = new Map<string, Shared>()

  constructor(open: (tenant: string, emptied: () => void) => Shared) {
    this.#open = open
  }

  get all(): Iterable<Shared> {
    return this.#shared.values()
  }

  of(tenant: string): Shared {
    const known = this.#shared.get(tenant)
    if (known !== undefined && !known.closed) return known
    const shared = this.#open(tenant, () => {
      if (this.#shared.get(tenant) === shared) this.#shared.delete(tenant)
    })
    this.#shared.set(tenant, shared)
    return shared
  }
}

const keyOf = ({ tenant, loginId }: { readonly tenant: string; readonly loginId: string }): string =>
  `${tenant} ${loginId}`
