// The texts of operations, each kept once: a thousand watchers send a thousand copies, and graphql-ws holds on to
// each for as long as its watcher stays.

const textsAtMost = 256
const lengthAtMost = 16_384

export class Texts {
  readonly #kept = new Map<string, string>()

  keep(text: string): void {
    if (text.length > lengthAtMost || this.#kept.has(text)) return
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= textsAtMost && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(text, text)
  }

  /** The kept copy where there is one; anything else as it is. */
  same(value: unknown): unknown {
    return typeof value === 'string' ? (this.#kept.get(value) ?? value) : value
  }
}
