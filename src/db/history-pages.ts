// The same page of many things in one statement: each thing brings its own rows, read by their index, laterally.

import { type SQL, sql } from 'drizzle-orm'
import { isId } from './ids.ts'
import { ask, idList } from './statement.ts'

/** What such a statement selects from; the lateral part is bound by `thingId`. */
export const things = (ids: readonly string[]): SQL => sql`unnest(${idList(ids)}::text::uuid[]) as thing(id)`

export const thingId = sql`thing.id`

/** Rows in the order read, by the thing that they are of. What is no id is nobody's. */
export const byThing = async <Row, Shown>(
  ids: readonly string[],
  read: (known: readonly string[]) => PromiseLike<readonly Row[]>,
  see: { readonly thing: (row: Row) => string; readonly record: (row: Row) => Shown },
): Promise<ReadonlyMap<string, readonly Shown[]>> => {
  const known = ids.filter(isId)
  if (known.length === 0) return new Map()
  const groups = Map.groupBy(await ask(() => read(known)), see.thing)
  return new Map([...groups].map(([thing, rows]) => [thing, rows.map(see.record)]))
}
