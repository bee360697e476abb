// What goes after so many days: logins and their events, a month at a time once all of it is older, and ended operations.
// Devices, accounts and their history stay: they are of things that live on. See docs/retention.md.

import { sql } from 'drizzle-orm'
import type { Millis } from '../login/vocabulary.ts'
import type { Connection } from './connection/connection.ts'
import { firstIdOf, monthOf, startOf } from './ids.ts'
import { forgetMonth } from './retention-month.ts'
import { type Ask, RetentionWaitsError, type Step, stepOf, type Wait } from './retention-step.ts'
import { iso } from './statement.ts'

const day = 24 * 3_600_000

/** Milliseconds that a lock is waited for. */
const patience = 1_000

/** Pointers that turn null in one statement. */
const pointers = 500
/** Operations that go in one statement. */
const operations = 5_000

/** So far beyond the newest login a clock is rather wrong than right, and what it takes away does not come back. */
const believed = 400 * day

export interface Retention {
  readonly days: number
  /** Tests bring their own; else it is the database's clock. */
  readonly now?: Millis
  /** Logins in one transaction, about. */
  readonly slice?: number
  /** True: end after the step under way. */
  readonly stopped?: () => boolean
  /** Told of each month that went. */
  readonly gone?: (month: { month: string; logins: number; bytes: number; seconds: number }) => void
}

export interface Retained {
  /** Null: all of it is done. Else it goes on later. */
  readonly waits: Wait | null
  /** Whether anything went. */
  readonly changed: boolean
}

/** The first month that stays: all before it ended at least so many days ago, by UTC. */
export const firstMonthKept = (now: Millis, days: number): string => monthOf(firstIdOf(now - days * day))

/**
 * May be called again at any time, by any number of instances; what one left in the middle the next one ends. Throws what
 * failed first, once everything else has had its turn.
 */
export const retain = async (connection: Connection, retention: Retention): Promise<Retained> => {
  const step = stepOf(connection, retention.stopped ?? (() => false))
  const now = retention.now ?? (await databaseTime(connection))
  const kept = firstMonthKept(now, retention.days)
  let changed = false
  const months = async () => {
    for (let month = await oldestMonth(step, kept); month !== null; ) {
      const began = performance.now()
      const { logins, bytes } = await forgetMonth(step, month, retention)
      changed = true
      retention.gone?.({ month, logins, bytes, seconds: (performance.now() - began) / 1_000 })
      const next = await oldestMonth(step, kept)
      // Whatever fills a month as fast as it goes is not for this run.
      if (next !== null && next <= month) break
      month = next
    }
  }
  const pointing = async () => {
    while ((await step(patience, ask => forgetPointers(ask, kept))) === pointers);
  }
  const operating = async () => {
    for (let gone = operations; gone === operations; ) {
      gone = await step(patience, ask => forgetOperations(ask, now - retention.days * day))
      changed ||= gone > 0
    }
  }
  let waits: Wait | null = null
  const failures: unknown[] = []
  const attempt = async (part: () => Promise<void>) => {
    try {
      await part()
    } catch (error) {
      if (error instanceof RetentionWaitsError) waits ??= error.wait
      else failures.push(error)
    }
  }
  await attempt(() => step(patience, ask => refuseWrongClock(ask, now)))
  if (waits !== null || failures.length > 0) return ended(failures, { waits, changed })
  // None waits for another: what holds a month, or fails at it, holds nothing else.
  for (const part of [months, pointing, operating]) await attempt(part)
  return ended(failures, { waits, changed })
}

const ended = (failures: readonly unknown[], retained: Retained): Retained => {
  if (failures.length > 0) throw failures[0]
  return retained
}

const refuseWrongClock = async (ask: Ask, now: Millis): Promise<void> => {
  const [newest] = await ask<{ id: string }>(sql`select id from login order by id desc limit 1`)
  if (newest !== undefined && now - startOf(newest.id) > believed) throw new RetentionWaitsError('CLOCK')
}

const databaseTime = async (connection: Pick<Connection, 'rows'>): Promise<Millis> => {
  const [row] = await connection.rows<{ now: number }>(
    sql`select (extract(epoch from now()) * 1000)::float8 as now`,
  )
  if (row === undefined) throw new Error('The database does not tell the time')
  return row.now
}

/** Of which anything is there that has to go; null: of none. */
const oldestMonth = (step: Step, kept: string): Promise<string | null> =>
  step(patience, async ask => {
    const [events] = await ask<{ month: string | null }>(sql`
      select min(month)::text as month from (
        select to_date(right(c.relname, 7), 'YYYY_MM') as month
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'public.login_event'::regclass and c.relname ~ '^login_event_\\d{4}_\\d{2}$'
        union all
        select date_trunc('month', min(login_started_month))::date from public.login_event_default
      ) months where month < ${kept}::date`)
    const [login] = await ask<{ id: string }>(
      sql`select id from login where id < ${firstIdOf(Date.parse(kept))}::uuid order by id limit 1`,
    )
    const months = [events?.month ?? null, login === undefined ? null : monthOf(login.id)]
    return months.filter(month => month !== null).toSorted()[0] ?? null
  })

/**
 * What pointed at a login that has gone. It reads as null already; a row that somebody holds is left for the next run, so
 * that a writer never waits for more than one statement and never in a circle.
 */
const forgetPointers = async (ask: Ask, kept: string): Promise<number> => {
  const [oldest] = await ask<{ id: string }>(sql`select id from login order by id limit 1`)
  const bound = [firstIdOf(Date.parse(kept)), ...(oldest === undefined ? [] : [oldest.id])].toSorted()[0]
  const cut = (table: string, column: string) => {
    const [named, pointing] = [sql.identifier(table), sql.identifier(column)]
    return sql`update ${named} t set ${pointing} = null from (
        select id from ${named} where ${pointing} < ${bound}::uuid limit ${pointers}::int for update skip locked
      ) p where t.id = p.id returning t.id`
  }
  const [counted] = await ask<{ most: number }>(sql`
    with sign_ins as (${cut('sign_in', 'login_id')}), logins as (${cut('login', 'continues')})
    select greatest((select count(*) from sign_ins), (select count(*) from logins))::int as most`)
  return counted?.most ?? 0
}

/** The last of each device stays: it is shown. */
const forgetOperations = async (ask: Ask, before: Millis): Promise<number> => {
  const [gone] = await ask<{ count: number }>(sql`
    with gone as (
      delete from device_operation where id in (
        select o.id from device_operation o where o.ended < ${iso(before)}::timestamptz(3) and exists (
          select from device_operation n
          where n.device_id = o.device_id and (n.requested, n.id) > (o.requested, o.id))
        limit ${operations}::int)
      returning id)
    select count(*)::int as count from gone`)
  return gone?.count ?? 0
}
