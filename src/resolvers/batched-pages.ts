// Lists nested in a page of things: where all of them ask for the same page, it is read in one statement for all.

import type { Ahead } from '../db/history-store.ts'
import { batched } from './batch.ts'

export type LoadPage<Row, Cursor> = (id: string, page: Ahead<Cursor>) => Promise<readonly Row[]>

export const batchedPages = <Row, Cursor>(
  loadMany: (ids: readonly string[], page: Ahead<Cursor>) => Promise<ReadonlyMap<string, readonly Row[]>>,
): LoadPage<Row, Cursor> => {
  // As many as an operation has different arguments: nothing read is kept, only by which page it was asked for.
  const pages = new Map<string, (id: string) => Promise<readonly Row[] | null>>()
  return async (id, { limit, after }) => {
    const asked = JSON.stringify([limit, after])
    const load = pages.get(asked) ?? batched<readonly Row[]>(ids => loadMany(ids, { limit, after }))
    pages.set(asked, load)
    return (await load(id)) ?? []
  }
}
