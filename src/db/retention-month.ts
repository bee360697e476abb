// One month going: its logins with what hangs on them, a slice of time after another, then its events as a whole. A login
// goes with what counts it and before its events, so that what is shown is right at every moment.

import { type SQL, sql } from 'drizzle-orm'
import type { Millis } from '../login/vocabulary.ts'
import { firstIdOf, startOf } from './ids.ts'
import { forgetAllCounts, forgetCounts, holdFolding, quarter } from './retention-counts.ts'
import { type Ask, RetentionWaitsError, type Step } from './retention-step.ts'

/** About so many logins in one transaction. */
const usualSlice = 1_000
/** Such old rows are locked by nobody, and nobody waits for whoever waits for the fold to end. */
const rowPatience = 5_000
/** How long writers may stand behind a DROP that waits for a reader, each time that it is tried. */
const tablePatience = 100

export interface MonthGone {
  readonly logins: number
  /** Given back by the partition; 0: there was none. */
  readonly bytes: number
}

/** First day of the month after, both as `2026-03-01`. */
export const monthAfter = (month: string): string => {
  const [year, number] = month.split('-').map(Number)
  return new Date(Date.UTC(year ?? 0, number ?? 1, 1)).toISOString().slice(0, 10)
}

/** Throws RetentionWaitsError where it cannot end now. What it did stays done: it is the same to run it again. */
export const forgetMonth = async (
  step: Step,
  month: string,
  options: { readonly slice?: number },
): Promise<MonthGone> => {
  const begins = Date.parse(month)
  const ends = Date.parse(monthAfter(month))
  await step(rowPatience, ask => refuseWhatIsInUse(ask, month, begins, ends))
  let logins = 0
  for (let from = begins; from < ends; ) {
    const gone = await step(rowPatience, ask => forgetSlice(ask, from, ends, options.slice ?? usualSlice))
    logins += gone.logins
    from = gone.until
  }
  await step(rowPatience, ask => forgetAllCounts(ask, begins, ends))
  while ((await step(rowPatience, ask => forgetStrayEvents(ask, month))) > 0);
  const bytes = await step(tablePatience, ask => dropEvents(ask, month, begins, ends))
  return { logins, bytes }
}

const within = (column: string, from: Millis, until: Millis): SQL =>
  sql`${sql.raw(column)} >= ${firstIdOf(from)}::uuid and ${sql.raw(column)} < ${firstIdOf(until)}::uuid`

/** A login that is still under way holds its turn, and a key that is still good answers with its login. */
const refuseWhatIsInUse = async (ask: Ask, month: string, begins: Millis, ends: Millis): Promise<void> => {
  const [found] = await ask<{ used: boolean }>(sql`
    select exists (select from device_turn where started_month = ${month}::date)
      or exists (select from login_key where expires > now() and ${within('login_id', begins, ends)}) as used`)
  if (found?.used !== false) throw new RetentionWaitsError('IN_USE')
}

/** Logins from `from` on, to the end of the quarter in which their number reaches `most`. */
const forgetSlice = async (
  ask: Ask,
  from: Millis,
  ends: Millis,
  most: number,
): Promise<{ readonly logins: number; readonly until: Millis }> => {
  const [last] = await ask<{ id: string }>(
    sql`select id from login where ${within('id', from, ends)} order by id offset ${most - 1}::int limit 1`,
  )
  const until =
    last === undefined ? ends : Math.min(ends, (Math.floor(startOf(last.id) / quarter) + 1) * quarter)
  await holdFolding(ask)
  await ask(sql`delete from login_unfolded where ${within('login_id', from, until)}`)
  await ask(sql`delete from scanner where ${within('login_id', from, until)}`)
  const gone = await ask<{ tenant: string; count: number }>(sql`
    with gone as (delete from login where ${within('id', from, until)} returning tenant)
    select tenant, count(*)::int as count from gone group by tenant`)
  const tenants = gone.map(({ tenant }) => tenant)
  await forgetCounts(ask, tenants, from, until)
  return { logins: gone.reduce((sum, { count }) => sum + count, 0), until }
}

/** What upkeep had made no partition for. */
const forgetStrayEvents = async (ask: Ask, month: string): Promise<number> => {
  const [gone] = await ask<{ count: number }>(sql`
    with gone as (
      delete from public.login_event_default where ctid = any (array(
        select ctid from public.login_event_default
        where login_started_month >= ${month}::date and login_started_month < ${monthAfter(month)}::date limit 5000))
      returning login_id)
    select count(*)::int as count from gone`)
  return gone?.count ?? 0
}

/**
 * Under the lock that partitions are made under. A login that was put there meanwhile keeps its events, and a table that is
 * no partition, or is one no more, is somebody's own whatever its name.
 */
const dropEvents = async (ask: Ask, month: string, begins: Millis, ends: Millis): Promise<number> => {
  await ask(sql`select pg_advisory_xact_lock(hashtextextended('gatehouse login_event partitions', 0))`)
  if ((await partitionOf(ask, month)) === null) return 0
  // Dropping takes this lock in any case. Taken before the second look, nobody detaches between the look and the drop.
  await ask(sql`lock table only public.login_event in access exclusive mode`)
  const partition = await partitionOf(ask, month)
  if (partition === null) return 0
  const [found] = await ask<{ kept: boolean }>(
    sql`select exists (select from login where ${within('id', begins, ends)}) as kept`,
  )
  if (found?.kept !== false) throw new RetentionWaitsError('IN_USE')
  await ask(sql`drop table ${sql.identifier(partition.schema)}.${sql.identifier(partition.name)}`)
  return partition.bytes
}

interface Partition {
  readonly schema: string
  readonly name: string
  readonly bytes: number
}

const partitionOf = async (ask: Ask, month: string): Promise<Partition | null> => {
  const [found] = await ask<Partition>(sql`
    select n.nspname::text as schema, c.relname::text as name, pg_total_relation_size(c.oid)::float8 as bytes
    from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
    where i.inhparent = 'public.login_event'::regclass
      and c.relname = ${`login_event_${month.slice(0, 7).replace('-', '_')}`}`)
  return found ?? null
}
