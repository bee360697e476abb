// Copies rows into tables, as many as there are: the one way past the one writer, for what makes history (see `seed/`). Refuses to know
// what the rows mean.

import { getTableName, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { BulkSession } from './connection/connection.ts'
import { type CopiedRow, type CopyText, copyTextOf } from './copy-text.ts'

export type Parts = readonly Uint8Array<ArrayBuffer>[]

export interface CopyInto<Row> {
  collect(): Collected<Row>
  /** Rejects with DatabaseError, as where a row with that key is there. */
  copy(session: BulkSession, rows: readonly Row[] | Parts): Promise<void>
  /** The same rows as they are by now: those that are there by `id` are overwritten whole. */
  overwrite(session: BulkSession, rows: readonly Row[]): Promise<void>
}

/** Rows as they will be copied: kept in the place of objects, they are no work for the collector of garbage. */
export interface Collected<Row> {
  add(rows: readonly Row[]): void
  /** Bytes of what was added since the last `take`. */
  readonly size: number
  take(): Parts
}

export const copyInto = <Table extends PgTable>(table: Table): CopyInto<CopiedRow<Table>> => {
  type Row = CopiedRow<Table>
  const format = copyTextOf(table)
  const name = getTableName(table)
  const copied = `copied_${name}`
  const columns = sql.join(
    format.columns.map(column => sql.identifier(column)),
    sql`, `,
  )
  const partsOf = (rows: readonly Row[] | Parts): Parts => {
    if (isParts(rows)) return rows
    const collected = collectedAs(format)
    collected.add(rows)
    return collected.take()
  }
  return {
    collect: () => collectedAs(format),
    copy: async (session, rows) => {
      if (rows.length > 0) await session.copy(format.target, partsOf(rows))
    },
    overwrite: async (session, rows) => {
      await session.rows(sql`
        create temporary table ${sql.identifier(copied)} (like ${table} including defaults) on commit drop`)
      await session.copy(format.target.replace(`"${name}"`, `"${copied}"`), partsOf(rows))
      await session.rows(sql`
        insert into ${table} (${columns}) select ${columns} from ${sql.identifier(copied)}
        on conflict (id) do update set ${assignments(format)}`)
    },
  }
}

const isParts = (rows: readonly unknown[]): rows is Parts => rows[0] instanceof Uint8Array

const assignments = ({ columns }: CopyText<never>): SQL =>
  sql.join(
    columns
      .filter(column => column !== 'id')
      .map(column => sql`${sql.identifier(column)} = excluded.${sql.identifier(column)}`),
    sql`, `,
  )

/** Bytes of a part. */
const partOf = 256 * 1_024
/** Bytes that a character takes at most. */
const widest = 3

const collectedAs = <Row>(format: CopyText<Row>): Collected<Row> => {
  let full: Uint8Array<ArrayBuffer>[] = []
  let part = Buffer.alloc(0)
  let used = 0
  let size = 0
  const cut = () => {
    if (used > 0) full.push(part.subarray(0, used))
    part = part.subarray(used)
    used = 0
  }
  return {
    get size() {
      return size
    },
    add: rows => {
      for (const row of rows) {
        const line = format.line(row)
        if (part.length - used < line.length * widest) {
          cut()
          part = Buffer.allocUnsafeSlow(Math.max(partOf, line.length * widest))
        }
        const written = part.write(line, used)
        used += written
        size += written
      }
    },
    take: () => {
      cut()
      const taken = full
      full = []
      size = 0
      return taken
    },
  }
}
