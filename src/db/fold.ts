// Counts what ended into `login_rollup`: takes logins out of `login_unfolded` and adds them to their cells in one
// statement, so that whoever is killed on the way has done nothing. One folds at a time; writers are never waited for.

import { sql } from 'drizzle-orm'
import type { Connection } from './connection/connection.ts'
import { cellColumns, countColumns, gridOrigin, loginFacts } from './login-facts.ts'
import { cubes, spans } from './rollup.ts'
import { login } from './tables/login.ts'

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

/**
 * Rows are taken by where they lie, not joined by their keys: the table is nearly always empty and known to the planner
 * as such, and what it would choose for a single row compares every waiting login with every taken one.
 */
const foldSome = async (connection: Connection, most: number, after: string | null): Promise<Step> => {
  const [step] = await connection.rows<Step>(sql`
    with taken as (
      delete from login_unfolded where ctid = any(array(
        select ctid from login_unfolded
        where (select pg_try_advisory_xact_lock(${sql.raw(String(foldLock))}))
          and login_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000')
        order by login_id limit ${most}::int for update skip locked))
      returning login_id
    ),
    counted as (
      insert into login_rollup (tenant, cube, span, bucket, provider, province, strategy, method, first_method, device_type,
        first_on_device, reason, started, prompted, scanned, challenged, confirmed, already_signed_in, expired, rejected,
        cancelled, failed, to_scan, to_confirm)
      select tenant, cube, span, date_bin(width, bucket, ${gridOrigin}) as bucket, provider,
        case when cube = 'PLACE' then province else '' end, ${way(sql`strategy`)}, ${way(sql`method`)},
        ${way(sql`first_method`)}, ${way(sql`device_type`)}, cube = 'WAY' and first_on_device::boolean, ${way(sql`reason`)},
        ${sql.join(
          countColumns.map(name => sql.raw(`sum(${name})`)),
          sql`, `,
        )},
        string_agg(to_scan, ''::bytea), string_agg(to_confirm, ''::bytea)
      from (
          select ${login.tenant}, ${loginFacts} from taken join ${login} on ${login.id} = taken.login_id
        ) as fact (tenant, ${cellColumns})
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
        countColumns.map(name => sql.raw(`${name} = login_rollup.${name} + excluded.${name}`)),
        sql`, `,
      )},
        to_scan = merge_histograms(login_rollup.to_scan, excluded.to_scan),
        to_confirm = merge_histograms(login_rollup.to_confirm, excluded.to_confirm)
    )
    select count(*)::int as taken, (select login_id::text from taken order by login_id desc limit 1) as last from taken`)
  return step ?? { taken: 0, last: null }
}

const way = (column: ReturnType<typeof sql>) => sql`case when cube = 'WAY' then ${column} else '' end`
