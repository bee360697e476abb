// Cuts what arrives into whole rows, wherever the network cut it, and reads from the last one the cursor behind which to go on.
// Refuses to know where rows come from and go to.

import { Refusal } from '../terminal/refusal.ts'

export interface WholeRows {
  /** From one row's beginning to another's end; without the header. */
  readonly bytes: Uint8Array
  readonly count: number
  /** Of the last of them. */
  readonly cursor: string
}

const [quote, lineFeed, comma] = [0x22, 0x0a, 0x2c]
const text = new TextDecoder()

/** One for each answer. `headed`: its first row is the header of a CSV file. */
export class RowCutter {
  readonly #format: 'csv' | 'ndjson'
  #headed: boolean
  #rest: Uint8Array = new Uint8Array()
  #header: Uint8Array | null = null

  constructor(format: 'csv' | 'ndjson', headed: boolean) {
    this.#format = format
    this.#headed = headed
  }

  /** Null: it has not come whole yet, or there is none. */
  get header(): Uint8Array | null {
    return this.#header
  }

  /** Even a file without a row has one. */
  get owesHeader(): boolean {
    return this.#headed
  }

  /** A row that has begun and not ended. */
  get leftOver(): boolean {
    return this.#rest.length > 0
  }

  /** Null: no row ends in it. Throws Refusal where it is something else than rows of an export. */
  take(chunk: Uint8Array): WholeRows | null {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let [count, begin, start, end] = [0, 0, 0, 0]
    for (let at = this.#endOfRow(bytes, 0); at >= 0; at = this.#endOfRow(bytes, at + 1)) {
      if (this.#headed) {
        this.#headed = false
        this.#header = bytes.slice(0, at + 1)
        if (!text.decode(this.#header).startsWith('cursor,')) throw noRow()
        begin = at + 1
      } else {
        count++
        start = end === 0 ? begin : end
      }
      end = at + 1
    }
    this.#rest = bytes.slice(end)
    if (count === 0) return null
    return { bytes: bytes.subarray(begin, end), count, cursor: this.#cursorOf(bytes.subarray(start, end)) }
  }

  /** Where the row that `from` begins or lies in ends; within quotes a line break ends nothing. */
  #endOfRow(bytes: Uint8Array, from: number): number {
    if (this.#format === 'ndjson') return bytes.indexOf(lineFeed, from)
    let within = false
    for (let at = from; at < bytes.length; at++) {
      if (bytes[at] === quote) within = !within
      else if (bytes[at] === lineFeed && !within) return at
    }
    return -1
  }

  #cursorOf(row: Uint8Array): string {
    const cursor =
      this.#format === 'csv' ? text.decode(row.subarray(0, row.indexOf(comma))) : cursorIn(text.decode(row))
    if (typeof cursor !== 'string' || !/^[\w-]+$/.test(cursor)) throw noRow()
    return cursor
  }
}

/** Null: it has none. */
function cursorIn(line: string): unknown {
  try {
    return (JSON.parse(line) as { readonly cursor?: unknown } | null)?.cursor ?? null
  } catch {
    return null
  }
}

function noRow(): Refusal {
  return new Refusal('USAGE', 'What answers there sends no rows of an export: look at --url.')
}
