// Work that is asked for more often than it need be done: one run at a time, and one more where it was asked for while
// it ran, since what it looked at may have changed since.

/** The promise is of the run that began last, or of the one after it. */
export const coalesced = (work: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | null = null
  let again = false

  const run = async () => {
    try {
      do {
        again = false
        await work()
      } while (again)
    } finally {
      running = null
    }
  }
  return () => {
    if (running === null) running = run()
    else again = true
    return running
  }
}
