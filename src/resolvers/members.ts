// Who is in, in the order in which they came: joining, leaving and going through them cost little, and each may leave
// while somebody goes through them.

export interface Member {
  /** Where it stands; kept by the list that it is in. */
  place: number
}

export class Members<One extends Member> {
  #all: (One | null)[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  add(one: One): void {
    one.place = this.#all.push(one) - 1
    this.#count++
  }

  /** One that is not in is none. */
  remove(one: One): void {
    if (this.#all[one.place] !== one) return
    this.#all[one.place] = null
    this.#count--
    if (this.#count === 0) this.#all = []
  }

  /** Those that are in now; who comes meanwhile is not among them. */
  each(visit: (one: One) => void): void {
    const all = this.#all
    const end = all.length
    for (let place = 0; place < end; place++) {
      const one = all[place]
      if (one != null) visit(one)
    }
    if (this.#all === all && all.length > 2 * this.#count + 16) this.#close()
  }

  /** Gaps that have become many. */
  #close(): void {
    this.#all = this.#all.filter(one => one !== null)
    for (const [place, one] of this.#all.entries()) if (one !== null) one.place = place
  }
}
