// This process's own time: monotonic, and never the database's. Tests hand in a clock that they push.

/** Milliseconds, possibly with fractions, from an arbitrary moment. */
export interface Time {
  now(): number
  /** Calls once, `ms` from now. Returns how to call it off; calling it off twice does nothing. */
  setTimer(ms: number, fired: () => void): () => void
}

export const processTime: Time = {
  now: () => performance.now(),
  setTimer: (ms, fired) => {
    const timer = setTimeout(fired, ms)
    return () => clearTimeout(timer)
  },
}
