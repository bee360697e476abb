// Pages by (moment, id), in both directions: a page does not move while rows are written beside it.

import { asc, desc, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { MomentCursor, Page } from './filters.ts'
import { isId } from './ids.ts'
import { iso } from './statement.ts'

export interface Keyset {
  readonly where: SQL | undefined
  readonly orderBy: readonly SQL[]
  /** The same of something derived, which kept the names of the two columns. */
  readonly orderOf: (alias: string) => SQL
  /** Rows as read, turned into the order in which they are shown. */
  readonly shown: <Row>(rows: readonly Row[]) => readonly Row[]
}

/** `order` is how rows are shown; a backward page is read from its end. */
export const keyset = (
  at: PgColumn,
  id: PgColumn,
  order: 'ASC' | 'DESC',
  page: Page<MomentCursor>,
): Keyset => {
  const rises = (order === 'ASC') === !page.backward
  const reads = rises ? asc : desc
  const beyond = (cursor: MomentCursor, side: 'AFTER' | 'BEFORE'): SQL => {
    if (!isId(cursor.id)) return sql`false`
    const point = sql`(${iso(cursor.at)}::timestamptz(3), ${cursor.id}::uuid)`
    return (order === 'ASC') === (side === 'AFTER')
      ? sql`(${at}, ${id}) > ${point}`
      : sql`(${at}, ${id}) < ${point}`
  }
  const bounds = [
    page.after === null ? undefined : beyond(page.after, 'AFTER'),
    page.before === null ? undefined : beyond(page.before, 'BEFORE'),
  ].filter(bound => bound !== undefined)
  return {
    where: bounds.length === 0 ? undefined : sql.join(bounds, sql` and `),
    orderBy: [reads(at), reads(id)],
    orderOf: alias => {
      const [of, way] = [sql.identifier(alias), sql.raw(rises ? 'asc' : 'desc')]
      return sql`${of}.${sql.identifier(at.name)} ${way}, ${of}.${sql.identifier(id.name)} ${way}`
    },
    shown: rows => (page.backward ? rows.toReversed() : rows),
  }
}
