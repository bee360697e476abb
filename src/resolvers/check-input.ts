// Collects what is wrong with an input, so that a caller is told everything at once.

import { type FieldProblem, InvalidInputError } from '../errors.ts'

export class Problems {
  readonly #found: FieldProblem[] = []

  add(path: readonly string[], message: string): void {
    this.#found.push({ path, message })
  }

  /** Null and absent are fine. `most` counts characters. */
  text(path: readonly string[], value: string | null | undefined, most: number): void {
    if (value == null) return
    if (value.trim() === '') this.add(path, 'It is empty.')
    else if ([...value].length > most) this.add(path, `It is longer than ${most} characters.`)
    else if (/\p{Cc}/u.test(value)) this.add(path, 'It holds control characters.')
    // JSON can say them, UTF-8 cannot: something else would be kept, and sent upstream.
    else if (!value.isWellFormed()) this.add(path, 'It holds half a character.')
  }

  /** Throws InvalidInputError where something was found. */
  raise(): void {
    if (this.#found.length > 0) throw new InvalidInputError(this.#found)
  }
}
