// The logins that are watched on this instance: one feed each, and how many may watch. What a lost ring costs at most
// is the look that all of them take together, in one statement, every few seconds.

import { RequestError } from '../errors.ts'
import { Feed, type FeedDependencies } from './feed.ts'
import type { Viewer } from './viewer.ts'
import type { Bounds, Watch } from './watch.ts'

export interface FeedsOptions extends Pick<FeedDependencies, 'store' | 'bus' | 'pictureUrl' | 'failed'> {
  readonly bounds?: Bounds
  readonly snapshotEvery?: number
  /** Longer than a statement may take in the database. */
  readonly readPatience?: number
  /** How often everything watched is looked at without a ring, in milliseconds. */
  readonly lookEvery?: number
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
  readonly #watchesByKey = new Map<string, number>()
  readonly #looking: NodeJS.Timeout
  #watches = 0
  #stopped: RequestError | null = null

  constructor(options: FeedsOptions) {
    this.#options = options
    this.#parts = { bounds: defaultBounds, snapshotEvery: 1_000, readPatience: 20_000, ...options }
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

  /** Reads what is watched, one statement per tenant, and wakes the feeds of what has changed. */
  async look(): Promise<void> {
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

const keyOf = ({ tenant, loginId }: { readonly tenant: string; readonly loginId: string }): string =>
  `${tenant} ${loginId}`
