// Indexes that only reading needs are taken away while millions of rows come in, and made anew in the same transaction: a sort costs
// a fraction of as many single inserts. Unique ones stay.

import { sql } from 'drizzle-orm'
import type { BulkSession } from './connection/connection.ts'

/** Foreign keys are asked once for all instead of row by row. */
interface Taken {
  readonly drop: string
  readonly make: string
}

/** Whoever reads these tables meanwhile waits until the transaction is over. Killed on the way, all are there as before. */
export const withoutIndexes = async <Result>(
  session: BulkSession,
  tables: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> => {
  const taken = await session.rows<Taken>(sql`
    with ours as (select unnest(array[${sql.join(
      tables.map(table => sql`${table}`),
      sql`, `,
    )}]::regclass[]) as id)
    select format('drop index %s', i.indexrelid::regclass) as drop, pg_get_indexdef(i.indexrelid) as make
    from pg_index i join ours on ours.id = i.indrelid
    where not i.indisunique and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    union all
    select format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname),
      format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
    from pg_constraint c join ours on ours.id = c.conrelid where c.contype = 'f'`)
  for (const { drop } of taken) await session.rows(sql.raw(drop))
  const result = await work()
  await session.rows(sql`set local maintenance_work_mem = '256MB'`)
  for (const { make } of taken) await session.rows(sql.raw(make))
  return result
}
