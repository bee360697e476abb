// What the database says of its own views for analysts: their comments, in the order of their columns.

import { sql } from 'drizzle-orm'
import type { Connection } from './connection/connection.ts'

export interface DictionaryColumn {
  readonly name: string
  /** As Postgres spells it. */
  readonly type: string
  /** Null: nobody has said what it is. */
  readonly comment: string | null
}

export interface DictionaryView {
  readonly name: string
  readonly comment: string | null
  readonly columns: readonly DictionaryColumn[]
}

/** Every relation of the schema `analytics`, by name. */
export const readDictionary = async (
  connection: Pick<Connection, 'rows'>,
): Promise<readonly DictionaryView[]> =>
  await connection.rows<DictionaryView>(sql`
    select c.relname as name, obj_description(c.oid, 'pg_class') as comment,
      json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'comment', col_description(c.oid, a.attnum)) order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'analytics'::regnamespace
    group by c.oid, c.relname order by c.relname collate "C"`)
