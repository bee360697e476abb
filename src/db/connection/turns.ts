// When whoever asks an engine in this thread has to let others have their turn: it answers without leaving the event loop, so
// that a row of questions, an export, a fold, would keep every socket and timer waiting until its end. Knows no statement.

/** Null: go on. Else when it resolves, in the order of the calls. */
export type Turn = () => Promise<void> | null

/** `most`: milliseconds that may go by in one turn of the event loop before the next question waits for another. */
export const takingTurns = (most: number, now: () => number = () => performance.now()): Turn => {
  let began: number | null = null
  let line: Promise<void> | null = null

  const isOver = (): boolean => {
    if (began === null) {
      began = now()
      setImmediate(() => {
        began = null
      })
    }
    return now() - began >= most
  }

  const untilNext = async (before: Promise<void> | null): Promise<void> => {
    await before
    while (isOver()) await new Promise(resolve => setImmediate(resolve))
  }

  return () => {
    if (line === null && !isOver()) return null
    const mine = untilNext(line).finally(() => {
      if (line === mine) line = null
    })
    line = mine
    return mine
  }
}
