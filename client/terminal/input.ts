// What comes from the keyboard: single keys from a terminal, lines from a pipe. Refuses to know what they mean.

import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** What reading keys needs of `process.stdin`. */
export type Keyboard = Readable & {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
  unref?(): unknown
}

/** Starts reading; the function that it answers with stops and leaves the terminal as it was. */
export type Reading = (listener: (input: string) => void) => () => void

/** One call per key. What arrow and function keys send is left out. */
export function keysFrom(keyboard: Keyboard): Reading {
  return listener => {
    const hear = (text: string) => {
      if (text.startsWith('\u001b') && text.length > 1) return
      for (const key of text) listener(key)
    }
    keyboard.setRawMode?.(true)
    keyboard.setEncoding('utf8').on('data', hear).resume()
    return () => {
      keyboard.off('data', hear).pause()
      keyboard.setRawMode?.(false)
      keyboard.unref?.()
    }
  }
}

/** One call per line. The end of the input means only that no more come. */
export function linesFrom(keyboard: Keyboard): Reading {
  return listener => {
    const lines = createInterface({ input: keyboard, terminal: false }).on('line', listener)
    return () => {
      lines.close()
      // An open pipe would keep the process alive.
      keyboard.unref?.()
    }
  }
}
