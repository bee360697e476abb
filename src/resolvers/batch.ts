// Brings the reads of one turn of the event loop together, so that a page costs a bounded number of statements. It
// remembers nothing: a subscription keeps its context for minutes, and each of its updates must see what is true then.

/** A function that loads one thing, made of one that loads many. `null`: there is none. */
export const batched = <Value>(
  loadMany: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): ((key: string) => Promise<Value | null>) => {
  let waiting: { readonly keys: Set<string>; readonly loaded: Promise<ReadonlyMap<string, Value>> } | null =
    null

  return async key => {
    if (waiting === null) {
      const keys = new Set<string>()
      // Resolvers that began together ask within a few microtasks of each other: setImmediate comes after all of them.
      const loaded = new Promise<void>(resolve => setImmediate(resolve)).then(() => {
        waiting = null
        return loadMany([...keys])
      })
      waiting = { keys, loaded }
    }
    waiting.keys.add(key)
    const values = await waiting.loaded
    return values.get(key) ?? null
  }
}
