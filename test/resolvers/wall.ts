// What a page with a wall does: it keeps what fits, lets go what does not, and remembers where it stands.

import type { LoginFilter } from '../../src/db/filters.ts'
import type { Context } from '../../src/resolvers/context.ts'
import type { LoginUpdate } from '../../src/resolvers/update.ts'
import { watchActivity } from '../../src/resolvers/watch-activity.ts'
import { fits } from '../../src/resolvers/watch-activity-filter.ts'
import type { Given } from './given.ts'

/** Moves the clock that everything here goes by. */
export const movable = ({ store }: Given): ((by: number) => void) => {
  const { clock } = store
  const now = clock.now.bind(clock)
  let ahead = 0
  Object.assign(clock, { now: () => now() + ahead })
  return by => {
    ahead += by
  }
}

export class PageWithWall {
  readonly #where: LoginFilter
  readonly #picture = new Map<string, { readonly says: string; readonly sequence: number }>()
  #updates: AsyncIterator<LoginUpdate> | null = null
  #cursor: string | null = null
  #error: unknown = null
  /** Everything that came, in the order of its coming. */
  readonly came: LoginUpdate[] = []

  constructor(where: LoginFilter = {}) {
    this.#where = where
  }

  get cursor(): string | null {
    return this.#cursor
  }

  get isThere(): boolean {
    return this.#updates !== null
  }

  /** Why it was let go; null: it was not. */
  get error(): unknown {
    return this.#error
  }

  /** What it shows, by the id of the login. */
  get picture(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#picture].toSorted().map(([id, { says }]) => [id, says]))
  }

  /** From where it left. */
  async come(context: Context): Promise<this> {
    this.#error = null
    this.#updates = (await watchActivity(context, this.#where, this.#cursor))[Symbol.asyncIterator]()
    return this
  }

  /** Asks for so many more; they come when they come. */
  take(count: number): this {
    const updates = this.#updates
    for (let asked = 0; updates !== null && asked < count; asked += 1)
      updates.next().then(
        ({ value, done }) => {
          if (done !== true && this.#updates === updates) this.#show(value)
        },
        error => {
          this.#error = error
        },
      )
    return this
  }

  /** What it had not taken is lost to it. */
  leave(): void {
    const updates = this.#updates
    this.#updates = null
    void updates?.return?.()
  }

  #show(update: LoginUpdate): void {
    this.came.push(update)
    this.#cursor = update.cursor ?? null
    if (update.resync) this.#picture.clear()
    const { record, account } = update.login
    const { id, sequence, stateName } = record
    if ((this.#picture.get(id)?.sequence ?? 0) > sequence) return
    if (fits(this.#where, record, account ?? null))
      this.#picture.set(id, { says: `${stateName} ${sequence}`, sequence })
    else this.#picture.delete(id)
  }
}

/** Everything that was made ready within this turn of the loop has been handed over. */
export const handedOver = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(resolve => setImmediate(resolve))
}
