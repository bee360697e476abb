// What goes into a frame: the JSON of one update. Made once for all who share it, so that what is worked out of it is as
// well.

export class Payload {
  readonly text: string
  #bytes: string | null = null

  constructor(text: string) {
    this.text = text
  }

  /** The same in UTF-8, each byte a character: what can be written without being encoded again. */
  get bytes(): string {
    this.#bytes ??= isAscii(this.text) ? this.text : Buffer.from(this.text).toString('latin1')
    return this.#bytes
  }
}

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length
