// What ends without anybody ending it: idempotency keys that have expired, and pictures that nobody points at any more.
// Goes whatever the retention is.

import { type SQL, sql } from 'drizzle-orm'
import type { Connection } from './connection/connection.ts'
import { RetentionWaitsError, stepOf, type Wait } from './retention-step.ts'

const patience = 1_000
const keysAtOnce = 2_000
const picturesAtOnce = 500
/** So many at most are looked for in one go. */
const picturesInAll = 10_000

export interface Forgotten {
  readonly keys: number
  readonly pictures: number
  /** Null: all that could go has gone. */
  readonly waits: Wait | null
}

export const forgetExpired = async (
  connection: Pick<Connection, 'transaction'>,
  stopped: () => boolean = () => false,
): Promise<Forgotten> => {
  const step = stepOf(connection, stopped)
  const forgotten = { keys: 0, pictures: 0 }
  try {
    let after: Key | null = { tenant: '', key: '' }
    while (after !== null) {
      const from: Key = after
      const [last] = await step(patience, ask => ask<Key & { gone: number }>(keysBeyond(from)))
      forgotten.keys += last?.gone ?? 0
      after = last ?? null
    }
    for (let full = true; full; ) {
      const unused = await step(patience, ask => ask<Picture>(unusedPictures))
      for (let at = 0; at < unused.length; at += picturesAtOnce) {
        const some = unused.slice(at, at + picturesAtOnce)
        forgotten.pictures += (await step(patience, ask => ask(stillUnused(some)))).length
      }
      full = unused.length === picturesInAll
    }
    return { ...forgotten, waits: null }
  } catch (error) {
    if (!(error instanceof RetentionWaitsError)) throw error
    return { ...forgotten, waits: error.wait }
  }
}

interface Key {
  readonly tenant: string
  readonly key: string
}

/** A page in the order of the keys, so that each is looked at once. */
const keysBeyond = ({ tenant, key }: Key): SQL => sql`
  with page as materialized (
    select tenant, key from login_key where (tenant, key) > (${tenant}::text, ${key}::text)
    order by tenant, key limit ${keysAtOnce}::int),
  gone as (
    delete from login_key k using page p
    where k.tenant = p.tenant and k.key = p.key and k.expires <= now() returning k.key)
  select tenant, key, (select count(*) from gone)::int as gone from page order by tenant desc, key desc limit 1`

interface Picture {
  readonly tenant: string
  readonly id: string
}

/** One that was just kept is pointed at only a moment later (see `keepPicture`, which renews `created`). */
const settled = sql`(p.expires is null and p.created < now() - interval '1 day')`

const unusedPictures = sql`
  select p.tenant, p.id from picture p
  where p.expires <= now() or ${settled}
    and not exists (select from scanner s where s.tenant = p.tenant and s.picture_id = p.id)
    and not exists (select from account_profile v where v.tenant = p.tenant and v.picture_id = p.id)
    and not exists (select from account a where a.tenant = p.tenant and a.picture_id = p.id)
  limit ${sql.raw(String(picturesInAll))}`

/** Whoever keeps one of them again has renewed it: it is settled no more. */
const stillUnused = (pictures: readonly Picture[]): SQL => sql`
  delete from picture p using jsonb_to_recordset(${JSON.stringify(pictures)}::jsonb) as unused(tenant text, id text)
  where p.tenant = unused.tenant and p.id = unused.id and (p.expires <= now() or ${settled}) returning p.id`
