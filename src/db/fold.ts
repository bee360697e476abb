// Counts what ended into `login_rollup`: takes logins out of `login_unfolded` and adds them to their cells in one
// statement, so that whoever is killed on the way has done nothing. One folds at a time; writers are never waited for.

import { sql } from 'drizzle-orm'
import type { Connection } from './connection/connection.ts'
import { cubes, spans } from './rollup.ts'

/** Logins of one statement: what the embedded engine does in a few dozen milliseconds, and a server within its limit. */
const batch: Readonly<Record<Connection['engine'], number>> = { pglite: 250, postgres: 5_000 }

/** Any number, the same in every process: whoever folds holds it, and whoever takes away what is folded. */
export const foldLock = 4_711_204_012

export interface Folded {
  /** Logins counted by this call. */
  readonly logins: number
}

/**
 * Folds all that waits when it is called, in batches. Rejects with DatabaseError; what was folded until then stays, and
 * calling again goes on. `signal` ends it between two batches.
 */
export const foldLogins = async (
  connection: Connection,
  options: { readonly signal?: AbortSignal; readonly folded?: (logins: number) => void } = {},
): Promise<Folded> => {
  const most = batch[connection.engine]
  let logins = 0
  let step: Step = { taken: most, last: null }
  while (step.taken === most && options.signal?.aborted !== true) {
    step = await foldSome(connection, most, step.last)
    logins += step.taken
    options.folded?.(logins)
  }
  return { logins }
}

interface Step {
  readonly taken: number
  /** The last of them: behind it nothing is left that was taken before, which the index would go through each time. */
  readonly last: string | null
}

const foldSome = async (connection: Connection, most: number, after: string | null): Promise<Step> => {
  const [step] = await connection.rows<Step>(sql`
    with taken as (
      delete from login_unfolded where login_id in (
        select login_id from login_unfolded
        where (select pg_try_advisory_xact_lock(${sql.raw(String(foldLock))}))
          and login_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000')
        order by login_id limit ${most}::int for update skip locked)
      returning login_id
    ),
    counted as (
      insert into login_rollup (tenant, cube, span, bucket, provider, province, strategy, method, first_method, device_type,
        first_on_device, reason, started, prompted, scanned, challenged, confirmed, already_signed_in, expired, rejected,
        cancelled, failed, to_scan, to_confirm)
      select l.tenant, cube, span, date_bin(width, l.started, ${epoch}) as bucket, l.provider,
        case when cube = 'PLACE' then coalesce(l.province, '') else '' end, ${way(sql`l.strategy`)}, ${way(sql`l.method`)},
        ${way(sql`coalesce(l.first_method, '')`)}, ${way(sql`l.device_type`)}, cube = 'WAY' and l.first_on_device,
        ${way(sql`l.reason`)}, count(*), count(*) filter (where prompted),
        count(*) filter (where login_was_scanned(prompted, l.scanned, l.was_challenged, l.reason)),
        count(*) filter (where l.was_challenged), count(*) filter (where l.reason = 'SIGNED_IN'),
        count(*) filter (where l.reason = 'ALREADY_SIGNED_IN'), count(*) filter (where l.state = 'EXPIRED'),
        count(*) filter (where l.state = 'REJECTED'), count(*) filter (where l.state = 'CANCELLED'),
        count(*) filter (where l.state = 'FAILED'),
        coalesce(string_agg(int2send(duration_bin(l.started, l.scanned)), ''::bytea), ''),
        coalesce(string_agg(int2send(duration_bin(l.started, l.confirmed)), ''::bytea), '')
      from taken join login l on l.id = taken.login_id
        cross join lateral (select login_was_prompted(l.qr_code_issued, l.first_method, l.reason) as prompted) reached
        cross join (values ${sql.join(
          cubes.map(cube => sql`(${sql.raw(`'${cube}'`)})`),
          sql`, `,
        )}) as cubes(cube)
        cross join (values ${sql.join(
          spans.map(({ name, milliseconds }) =>
            sql.raw(`('${name}', interval '${milliseconds / 1_000} seconds')`),
          ),
          sql`, `,
        )}) as spans(span, width)
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
      order by 1, 2, 3, 4, 5, 6
      on conflict on constraint login_rollup_pk do update set ${sql.join(
        counts.map(name => sql.raw(`${name} = login_rollup.${name} + excluded.${name}`)),
        sql`, `,
      )},
        to_scan = merge_histograms(login_rollup.to_scan, excluded.to_scan),
        to_confirm = merge_histograms(login_rollup.to_confirm, excluded.to_confirm)
    )
    select count(*)::int as taken, (select login_id::text from taken order by login_id desc limit 1) as last from taken`)
  return step ?? { taken: 0, last: null }
}

const epoch = sql.raw(`timestamptz '2000-01-01 00:00:00+00'`)

const way = (column: ReturnType<typeof sql>) => sql`case when cube = 'WAY' then ${column} else '' end`

const counts = [
  'started',
  'prompted',
  'scanned',
  'challenged',
  'confirmed',
  'already_signed_in',
  'expired',
  'rejected',
  'cancelled',
  'failed',
] as const
