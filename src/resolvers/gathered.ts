// Ids that want to be read, brought together: many rings within a few milliseconds are one read, and one read runs at a
// time. Knows neither the ids nor what is read of them.

export interface GatheredParts {
  /** How long the first one waits for others, in milliseconds. */
  readonly wait: number
  /** In one round. */
  readonly most: number
  work(ids: readonly string[]): Promise<void>
  /** Of a round that failed; its ids are let go, the next look finds them again. */
  failed(error: unknown): void
}

export class Gathered {
  readonly #parts: GatheredParts
  readonly #ids = new Set<string>()
  #timer: NodeJS.Timeout | null = null
  #working = false
  #stopped = false

  constructor(parts: GatheredParts) {
    this.#parts = parts
  }

  add(id: string): void {
    if (this.#stopped) return
    this.#ids.add(id)
    if (this.#timer !== null || this.#working) return
    this.#timer = setTimeout(() => void this.#work(), this.#parts.wait)
  }

  stop(): void {
    this.#stopped = true
    this.#ids.clear()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  async #work(): Promise<void> {
    this.#timer = null
    this.#working = true
    while (this.#ids.size > 0) {
      const round = [...this.#ids].slice(0, this.#parts.most)
      for (const id of round) this.#ids.delete(id)
      try {
        await this.#parts.work(round)
      } catch (error) {
        this.#parts.failed(error)
      }
    }
    this.#working = false
  }
}
