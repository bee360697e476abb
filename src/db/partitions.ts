// The monthly partitions that login events lie in: made ahead, or for a month of the past, which an import or a
// generator fills. Does not know when a month goes (see `retention.ts`).

import { sql } from 'drizzle-orm'
import type { Connection } from './connection/connection.ts'
import { DatabaseError, isLockUnavailable } from './errors.ts'
import { askIn } from './retention-step.ts'
import { sent } from './statement.ts'

/** Each partition costs on reading, so no years ahead; the default partition catches what was missed. */
const monthsAhead = 2

export type EventPartitions =
  | { readonly kind: 'READY' }
  /** Somebody reads the default partition for long, such as a dump. Nothing depends on it for as long as months are ahead. */
  | { readonly kind: 'LATER' }
  /** One cannot be made until somebody looks at it: `by` says at what. Its events lie in the default partition meanwhile. */
  | { readonly kind: 'HINDERED'; readonly by: string }

/** Called at start and daily. */
export const ensureEventPartitions = async (
  connection: Pick<Connection, 'rows'>,
): Promise<EventPartitions> => {
  try {
    const [row] = await connection.rows<{ hindered: string | null }>(
      sql`select ensure_login_event_partitions(${monthsAhead}::int) as hindered`,
    )
    const by = row?.hindered ?? null
    return by === null ? { kind: 'READY' } : { kind: 'HINDERED', by }
  } catch (error) {
    if (isLockUnavailable(error)) return { kind: 'LATER' }
    // What moves for longer than a statement may does so each time, and keeps readers waiting each time.
    if (error instanceof DatabaseError && error.code === '57014')
      return { kind: 'HINDERED', by: 'The default partition holds too many events to be moved at the start' }
    throw error
  }
}

/**
 * Makes the partition of one month, given by any of its days (`2026-03-01`), and moves into it what the default partition
 * holds of it. False: it was there. A table that somebody reads for long makes this fail with 55P03 after three seconds, and
 * one that only has the name of the month with 42P07.
 */
export const makeEventPartition = async (
  connection: Pick<Connection, 'rows'>,
  month: string,
): Promise<boolean> => {
  const [row] = await connection.rows<{ made: boolean }>(
    sql`select make_login_event_partition(${month}::date) as made`,
  )
  return row?.made === true
}

/**
 * Whether events lie in the default partition. Null: somebody has it to himself, such as whoever makes a month, and it is
 * not worth waiting for.
 */
export const strayEvents = async (connection: Pick<Connection, 'transaction'>): Promise<boolean | null> => {
  try {
    return await sent(
      connection.transaction(async db => {
        const ask = askIn(db)
        await ask(sql`select set_config('lock_timeout', '100ms', true)`)
        const [found] = await ask<{ stray: boolean }>(
          sql`select exists (select from public.login_event_default) as stray`,
        )
        return found?.stray === true
      }),
    )
  } catch (error) {
    if (isLockUnavailable(error)) return null
    throw error
  }
}
