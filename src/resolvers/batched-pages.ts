// Lists nested in a page of things: where all of them ask for the same, it is read in one statement for all.

import type { Ahead } from '../db/history-store.ts'
import { batched } from './batch.ts'

export type LoadPage<Row, Cursor> = (id: string, page: Ahead<Cursor>) => Promise<readonly Row[]>

/** `args` are asked for in one statement where they are the same as JSON. `none`: what a thing has that is not answered for. */
export const batchedBy = <Args, Value>(
  loadMany: (ids: readonly string[], args: Args) => Promise<ReadonlyMap<string, Value>>,
  none: Value,
): ((id: string, args: Args) => Promise<Value>) => {
  // As many as an operation has different arguments: nothing read is kept, only by which page it was asked for.
  const loads = new Map<string, (id: string) => Promise<Value | null>>()
  return async (id, args) => {
    const asked = JSON.stringify(args)
    const load = loads.get(asked) ?? batched<Value>(ids => loadMany(ids, args))
    loads.set(asked, load)
    return (await load(id)) ?? none
  }
}

export const batchedPages = <Row, Cursor>(
  loadMany: (ids: readonly string[], page: Ahead<Cursor>) => Promise<ReadonlyMap<string, readonly Row[]>>,
): LoadPage<Row, Cursor> => {
  const load = batchedBy(loadMany, [])
  return (id, { limit, after }) => load(id, { limit, after })
}
