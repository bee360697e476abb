// First in, first out, without moving what waits at every step.

const slack = 10_000

export class Queue<Item> {
  #items: Item[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  take(): Item | undefined {
    const item = this.#items[this.#head]
    if (this.#head < this.#items.length) this.#head++
    if (this.#head === this.#items.length || this.#head > slack) {
      this.#items.splice(0, this.#head)
      this.#head = 0
    }
    return item
  }
}
