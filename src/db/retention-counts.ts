// Counts go with the logins that they count. The wider cells that only a part of went of are counted anew from the quarters
// of an hour that stay.

import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Millis } from '../login/vocabulary.ts'
import { isLockUnavailable } from './errors.ts'
import { foldLock } from './fold.ts'
import { type Ask, RetentionWaitsError } from './retention-step.ts'
import { cubes, spans } from './rollup.ts'
import { iso, sent } from './statement.ts'
import { loginRollup } from './tables/login-rollup.ts'

/** The narrowest cells: where a slice may end. */
export const quarter = 900_000
const widest = Math.max(...spans.map(({ milliseconds }) => milliseconds))

const columns = Object.values(getTableColumns(loginRollup))
const named = (are: (column: (typeof columns)[number]) => boolean): readonly string[] =>
  columns.filter(are).map(({ name }) => name)
const sums = named(column => column.getSQLType() === 'integer')
const histograms = named(column => column.getSQLType() === 'bytea')
const kinds = named(
  ({ name }) => !['span', 'bucket'].includes(name) && !sums.includes(name) && !histograms.includes(name),
)

/**
 * Nobody folds until the transaction ends: a login whose row goes is counted before, or never. Before the first row is
 * touched.
 */
export const holdFolding = async (ask: Ask): Promise<void> => {
  try {
    await sent(ask(sql`select pg_advisory_xact_lock(${sql.raw(String(foldLock))})`))
  } catch (error) {
    if (isLockUnavailable(error)) throw new RetentionWaitsError('COUNTED')
    throw error
  }
}

/** Of all logins of these tenants in between; both are ends of quarters, and nothing older is left of the month. */
export const forgetCounts = async (
  ask: Ask,
  tenants: readonly string[],
  from: Millis,
  until: Millis,
): Promise<void> => {
  const first = Math.floor(from / widest) * widest
  for (const tenant of tenants) {
    await ask(
      sql`delete from login_rollup where ${cellsOf(
        tenant,
        spans.map(({ name }) => name),
        first,
        until,
      )}`,
    )
    for (const { name, milliseconds } of spans) {
      const begins = Math.floor(until / milliseconds) * milliseconds
      if (begins < until) await ask(countedAnew(tenant, name, begins, until, begins + milliseconds))
    }
  }
}

/** Cells of no tenant that has logins there: there are none, unless somebody put them there by hand. */
export const forgetAllCounts = async (ask: Ask, from: Millis, until: Millis): Promise<void> => {
  await ask(sql`delete from login_rollup
    where bucket >= ${iso(from)}::timestamptz(3) and bucket < ${iso(until)}::timestamptz(3)`)
}

/** Names the whole beginning of the primary key, or each slice would read all cells. */
const cellsOf = (tenant: string, ofSpans: readonly string[], from: Millis, until: Millis): SQL => sql`
  tenant = ${tenant} and cube in (${list(cubes)}) and span in (${list(ofSpans)})
  and bucket >= ${iso(from)}::timestamptz(3) and bucket < ${iso(until)}::timestamptz(3)`

const list = (words: readonly string[]): SQL => sql.raw(words.map(word => `'${word}'`).join(', '))

const countedAnew = (tenant: string, span: string, bucket: Millis, from: Millis, until: Millis): SQL => {
  const kind = sql.raw(kinds.join(', '))
  return sql`
    insert into login_rollup (span, bucket, ${sql.raw([...kinds, ...sums, ...histograms].join(', '))})
    select ${span}::text, ${iso(bucket)}::timestamptz(3), ${kind},
      ${sql.raw(sums.map(name => `sum(${name})::int`).join(', '))},
      ${sql.raw(histograms.map(name => `merge_histograms(string_agg(${name}, ''::bytea), '')`).join(', '))}
    from login_rollup where ${cellsOf(tenant, ['QUARTER'], from, until)} group by ${kind}`
}
