// Prepared statements made of parts that Drizzle's builder has no words for: data-modifying CTEs with named values.

import { type SQL, sql } from 'drizzle-orm'
import type { Database } from './connection/connection.ts'
import { databaseError, isLost, unreachable } from './errors.ts'

/** A named value with its cast, which both drivers need. */
export const value = (
  name: string,
  type: 'uuid' | 'text' | 'int' | 'boolean' | 'jsonb' | 'bytea' | 'date' | 'timestamptz(3)',
): SQL => sql`${sql.placeholder(name)}::${sql.raw(type)}`

/** A list of ids as one value. */
export const ids = (name: string): SQL => sql`(${sql.placeholder(name)}::text::uuid[])`
export const idList = (list: readonly string[]): string => `{${list.join(',')}}`

/** A list of texts as one value: lists of any length are one statement, and the planner sees how long they are. */
export const textList = (list: readonly string[]): SQL =>
  sql`${`{${list.map(text => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`}::text::text[]`

/** A list of moments as one value. */
export const momentList = (list: readonly (number | 'infinity' | '-infinity')[]): SQL =>
  sql`${`{${list.map(at => `"${typeof at === 'number' ? iso(at) : at}"`).join(',')}}`}::text::timestamptz[]`

/** A moment as a value. */
export const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** A moment as a column of an answer: milliseconds. */
export const millis = (moment: SQL): SQL<number> =>
  sql<number>`(extract(epoch from ${moment}) * 1000)::float8`

export type Values = Readonly<Record<string, string | number | boolean | Uint8Array | null>>

/**
 * `parts` run in no order; `answer` names columns of `from`. Hot statements are made once and prepared by the server
 * under `name`.
 */
export const prepare = <Row extends object>(
  db: Database,
  name: string,
  parts: Readonly<Record<string, SQL>>,
  answer: { readonly [Column in keyof Row]: SQL<Row[Column]> },
  from: SQL,
): ((values: Values) => Promise<readonly Row[]>) => {
  const withs = Object.entries(parts).map(([part, text]) => db.$with(part, {}).as(text))
  const statement = db
    .with(...withs)
    .select(answer as Record<string, SQL>)
    .from(from)
    .prepare(name)
  const execute = (values: Values) => statement.execute(values) as Promise<readonly Row[]>
  return Object.keys(parts).length === 0
    ? values => ask(() => execute(values))
    : values => sent(execute(values))
}

/** A statement that may write: where its connection was lost, its caller finds out what it did. */
export const sent = async <Result>(statement: PromiseLike<Result>): Promise<Result> => {
  try {
    return await statement
  } catch (error) {
    throw databaseError(error)
  }
}

const attempts = 3

/** A statement that only reads: where its connection was lost it is sent again, unless the server is not there. */
export const ask = async <Result>(read: () => PromiseLike<Result>): Promise<Result> => {
  for (let failures = 1; ; failures += 1) {
    try {
      return await sent(read())
    } catch (error) {
      if (!isLost(error) || unreachable.has(error.code ?? '') || failures === attempts) throw error
    }
  }
}

/** Rows of a statement that only reads, by column name, whichever driver gives them. */
export const rowsOf = async <Row extends object>(db: Database, statement: SQL): Promise<readonly Row[]> => {
  const answer = (await ask(() => db.execute(statement))) as { rows?: readonly Row[] } & Iterable<Row>
  return answer.rows ?? [...answer]
}
