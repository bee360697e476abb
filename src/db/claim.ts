// Whose turns are whose: taking those whose owner is not among the living, renewing the lease, giving turns back.
// Times are the database's. The embedded engine has one process, by its lock file: there everything is mine.

import { type SQL, sql } from 'drizzle-orm'
import type { FollowedClock } from './clock.ts'
import type { Connection } from './connection/connection.ts'
import { iso, millis, prepare, value } from './statement.ts'
import type { Clock, LoginStore, Turn } from './store.ts'
import { type TurnRow, turnColumns, turnOf } from './turn.ts'
import { leftToNewer, overdueSince, type Unreadable } from './unreadable.ts'

const lease = sql.raw(`interval '5 seconds'`)
const batch = 200

/** Compared with an array of the living: NOT EXISTS in its place claims some turns twice. */
const ofTheLiving = sql`array(select id from instance where beat > now() - ${lease})`

/** Turns (`t`) that nobody drives. */
export const isFree = (engine: Connection['engine']): SQL =>
  engine === 'pglite'
    ? sql`t.owner is distinct from ${value('me', 'text')}`
    : sql`(t.owner is null or t.owner <> all (${ofTheLiving}))`

export const claimWith = (parts: {
  connection: Connection
  me: string
  clock: Clock
  /** Rows that no decoder here reads stay claimed until their time is over, and stop nobody else. */
  unreadable: Unreadable
}): Pick<LoginStore, 'claim' | 'release' | 'ownedVersions' | 'changedVersions'> => {
  const { connection, me, clock, unreadable } = parts
  const claimBatch = prepare<TurnRow>(
    connection.db,
    'claim_turns',
    {
      free: sql`select device_id from device_turn t where t.kind = 'LOGIN'
          and case when ${isFree(connection.engine)} then not ${leftToNewer} else false end
        limit ${sql.raw(String(batch))} for update of t skip locked`,
      taken: sql`update device_turn t set owner = ${value('me', 'text')}, epoch = t.epoch + 1 from free
        where t.device_id = free.device_id returning t.*`,
    },
    turnColumns,
    sql`taken`,
  )
  const versions = prepare<{ loginId: string; version: number }>(
    connection.db,
    'owned_versions',
    {},
    { loginId: sql<string>`subject_id`, version: sql<number>`version` },
    sql`device_turn where owner = ${value('me', 'text')} and kind = 'LOGIN'`,
  )
  const changed = prepare<{ owned: number; versions: Readonly<Record<string, number>> }>(
    connection.db,
    'changed_versions',
    {},
    {
      owned: sql<number>`count(*)::int`,
      versions: sql<Readonly<Record<string, number>>>`coalesce(jsonb_object_agg(subject_id, version)
        filter (where updated >= ${value('since', 'timestamptz(3)')}), '{}')`,
    },
    sql`device_turn where owner = ${value('me', 'text')} and kind = 'LOGIN'`,
  )
  const giveBack = prepare<{ deviceId: string }>(
    connection.db,
    'release_turns',
    {
      given: sql`update device_turn set owner = null where owner = ${value('me', 'text')} returning device_id`,
    },
    { deviceId: sql<string>`device_id` },
    sql`given`,
  )
  return {
    claim: async () => {
      const turns: Turn[] = []
      for (;;) {
        const rows = await claimBatch({ me, overdue: overdueSince(clock.now()) })
        for (const row of rows) {
          try {
            turns.push(turnOf(row))
          } catch (error) {
            unreadable.met(row.loginId, error)
          }
        }
        if (rows.length < batch) break
      }
      await unreadable.endOverdue()
      return turns
    },
    ownedVersions: async () =>
      new Map(
        (await versions({ me }))
          .filter(({ loginId }) => !unreadable.has(loginId))
          .map(({ loginId, version }) => [loginId, version]),
      ),
    changedVersions: async since => {
      const [row] = await changed({ me, since: iso(since) })
      const versions = Object.entries(row?.versions ?? {}).filter(([loginId]) => !unreadable.has(loginId))
      return { owned: row?.owned ?? 0, versions: new Map(versions) }
    },
    release: async () => {
      await giveBack({ me })
    },
  }
}

export interface Heartbeat {
  readonly begin: () => Promise<void>
  readonly beat: LoginStore['beat']
  readonly end: () => Promise<void>
}

const firstTrips = 3

/** Each beat also teaches the clock, from the middle of its round trip. */
export const heartbeatWith = (parts: {
  connection: Connection
  me: string
  clock: FollowedClock
}): Heartbeat => {
  const { connection, me, clock } = parts
  type Now = { now: number }
  const now = { now: millis(sql`clock_timestamp()`) }
  const read = prepare<Now>(connection.db, 'read_clock', {}, now, sql`(select 1) as once`)
  const learn = () => clock.learn(async () => (await read({}))[0]?.now ?? Number.NaN)
  /** A process that starts is busy, and what delays one answer is half taken for the time: the quickest of some teaches. */
  const learnFirst = async () => {
    for (let trip = 0; trip < firstTrips; trip += 1) await learn()
  }
  if (connection.engine === 'pglite') {
    return {
      begin: learnFirst,
      beat: async () => {
        await learn()
        return true
      },
      end: async () => {},
    }
  }
  const renew = prepare<Now>(
    connection.db,
    'renew_lease',
    {
      mine: sql`update instance set beat = now() where id = ${value('me', 'text')} and beat > now() - ${lease}
        returning id`,
    },
    now,
    sql`mine`,
  )
  /** Whatever this instance owned may be somebody else's by now; what is not is given back, to be claimed anew. */
  const joinAnew = prepare<{ id: string }>(
    connection.db,
    'join_instances',
    {
      given: sql`update device_turn set owner = null where owner = ${value('me', 'text')} returning device_id`,
      gone: sql`delete from instance where beat < now() - interval '1 day' and id <> ${value('me', 'text')} returning id`,
      mine: sql`insert into instance (id, beat) values (${value('me', 'text')}, now())
        on conflict (id) do update set beat = now() returning id`,
    },
    { id: sql<string>`id` },
    sql`mine`,
  )
  const leave = prepare<{ id: string }>(
    connection.db,
    'leave_instances',
    { mine: sql`delete from instance where id = ${value('me', 'text')} returning id` },
    { id: sql<string>`id` },
    sql`mine`,
  )
  return {
    begin: async () => {
      await learnFirst()
      await joinAnew({ me })
    },
    beat: async () => {
      let renewed = true
      await clock.learn(async () => {
        const [row] = await renew({ me })
        renewed = row !== undefined
        return row?.now ?? (await read({}))[0]?.now ?? Number.NaN
      })
      if (!renewed) await joinAnew({ me })
      return renewed
    },
    end: async () => {
      await leave({ me })
    },
  }
}
