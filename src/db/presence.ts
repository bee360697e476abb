// Presence as it is kept: who is asked after, and what was found. Everybody locks the device before the account; a presence
// that something later is known of is left alone.

import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Millis } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import { isLost } from './errors.ts'
import { isId } from './ids.ts'
import type { DeviceStanding, Followed, PresenceStore } from './presence-store.ts'
import { foundBy, isSignInMet, signInValues } from './sign-in.ts'
import { foundOn } from './sign-in-found.ts'
import { earlyDrop } from './start-facts.ts'
import { ask, idList, ids, iso, millis, prepare, type Values, value } from './statement.ts'
import { device } from './tables/device.ts'

const attempts = 3

interface Row {
  readonly accountId: string
  readonly tenant: string
  readonly provider: string
  readonly deviceId: string
  readonly upstreamId: string
  readonly wcId: string
  readonly handle: string | null
  readonly state: Followed['state']
  readonly asOf: Millis
  readonly number: number
  readonly signInId: string | null
  readonly began: Millis | null
  readonly made: boolean | null
  readonly probationUntil: Millis | null
  readonly busy: boolean
}

const columns: { readonly [Column in keyof Row]: SQL<Row[Column]> } = {
  accountId: sql<string>`a.id`,
  tenant: sql<string>`a.tenant`,
  provider: sql<string>`a.provider`,
  deviceId: sql<string>`d.id`,
  upstreamId: sql<string>`d.upstream_id`,
  wcId: sql<string>`a.wc_id`,
  handle: sql<string | null>`a.instance_id`,
  state: sql<Followed['state']>`a.presence`,
  asOf: millis(sql`a.presence_as_of`),
  number: sql<number>`a.presence_number`,
  signInId: sql<string | null>`s.id`,
  began: millis(sql`s.began`),
  made: sql<boolean | null>`s.login_id is not null or s.found_by = 'WRONG_ACCOUNT'`,
  probationUntil: millis(sql`a.probation_until`),
  busy: sql<boolean>`t.device_id is not null`,
}

/** A device is of whoever is signed in there, or was last: others that were are asked after no more. */
const followed = sql`account a
  join device d on d.id = a.device_id and d.account_id = a.id and d.retired is null
  left join sign_in s on s.account_id = a.id and s.device_id = d.id and s.ended is null
  left join device_turn t on t.device_id = d.id`

const textList = (name: string): SQL => sql`array(select jsonb_array_elements_text(${value(name, 'jsonb')}))`

/** Read once: as an array it would be read again for each row that a plan looks at. */
const oneByOne = (name: string): SQL => sql`select unnest${ids(name)}`

const read = (row: Row): Followed => {
  const { signInId, began, made, ...rest } = row
  const signIn = signInId === null || began === null ? null : { id: signInId, began, made: made === true }
  return { ...rest, signIn }
}

const held = sql`select d.id from device d where d.id = ${value('device', 'uuid')} for no key update of d`

/** The row lock of the sign-in is what a later one waits for, or has taken already: then this finds it ended. */
const shut = sql`
  update sign_in s set ended = greatest(s.began, ${value('missed', 'timestamptz(3)')}),
    end_reason = ${value('reason', 'text')}, drop_tags = ${value('drop_tags', 'jsonb')}
  from held where s.id = ${value('sign_in', 'uuid')} and s.device_id = held.id and s.ended is null
  returning s.id`

const gone = sql`
  update account a set presence = 'OFFLINE', presence_before = a.presence, presence_number = a.presence_number + 1,
    presence_since = greatest(a.presence_since, ${value('missed', 'timestamptz(3)')}),
    presence_as_of = greatest(a.presence_as_of, ${value('missed', 'timestamptz(3)')}),
    presence_reason = ${value('reason', 'text')}, presence_upstream_reason = ${value('words', 'text')},
    presence_drop_tags = ${value('drop_tags', 'jsonb')}
  from held where a.id = ${value('account', 'uuid')} and a.presence_number = ${value('number', 'int')}
    and a.presence <> 'OFFLINE' and a.presence_as_of <= ${value('missed', 'timestamptz(3)')}
    and (${value('sign_in', 'uuid')} is null or exists (select from shut))
  returning a.*`

const change = sql`
  insert into presence_change (account_id, number, tenant, before, after, reason, upstream_reason, drop_tags, at)
  select id, presence_number, tenant, presence_before, presence, presence_reason, presence_upstream_reason,
    presence_drop_tags, presence_since from gone`

/** What was read before belongs to a sign-in that is over. */
const raised = sql`update device d set version = d.version + 1 from gone where d.id = gone.device_id`

const goneParts: Readonly<Record<string, SQL>> = { held, shut, gone, change, raised }

const goneValues = ({
  followed,
  missed,
  reason,
  words,
  dropTags,
}: Parameters<PresenceStore['recordGone']>[0]): Values => ({
  device: followed.deviceId,
  account: followed.accountId,
  sign_in: followed.signIn?.id ?? null,
  number: followed.number,
  missed: iso(missed),
  reason,
  words,
  drop_tags: JSON.stringify(dropTags),
})

const standingsReader = (db: Database): PresenceStore['readDeviceStandings'] => {
  const newest = sql`(select s.found_by, s.ended is null as open from sign_in s where s.device_id = device.id
    order by s.began desc, s.id desc limit 1)`
  const statement = db
    .select({
      id: device.id,
      standing: sql<{ readonly found_by: DeviceStanding['foundBy']; readonly open: boolean } | null>`(
        select to_jsonb(newest) from ${newest} newest)`,
      exitRejected: earlyDrop,
    })
    .from(device)
    .where(and(eq(device.tenant, sql.placeholder('tenant')), sql`${device.id} = any ${ids('devices')}`))
    .prepare('read_standings')
  return async (tenant, deviceIds) => {
    const known = deviceIds.filter(isId)
    if (known.length === 0) return new Map()
    const rows = await ask(() => statement.execute({ tenant, devices: idList(known) }))
    return new Map(
      rows.flatMap(({ id, standing, exitRejected }) =>
        standing === null ? [] : [[id, { open: standing.open, foundBy: standing.found_by, exitRejected }]],
      ),
    )
  }
}

export const presenceStore = (db: Database): Omit<PresenceStore, 'readDueLooks' | 'lookDone'> => {
  const all = prepare<Row>(
    db,
    'read_followed',
    {},
    columns,
    sql`${followed} where a.provider = any (${textList('providers')})`,
  )
  const byAccount = prepare<Row>(
    db,
    'read_followed_of',
    {},
    columns,
    sql`${followed} where a.provider = ${value('provider', 'text')} and a.id in (${oneByOne('accounts')})`,
  )
  // Looks at every account of the provider: asked once a second at most.
  const byName = prepare<Row>(
    db,
    'read_followed_by_name',
    {},
    columns,
    sql`${followed} where a.provider = ${value('provider', 'text')}
      and (a.wc_id = any (${textList('wc_ids')}) or a.instance_id = any (${textList('handles')}))`,
  )
  const on = prepare<Row>(
    db,
    'read_followed_on',
    {},
    columns,
    sql`${followed} where d.id = ${value('device', 'uuid')}`,
  )
  const confirm = prepare<{ id: string }>(
    db,
    'confirm_presence',
    {
      seen: sql`update account a set presence_as_of = greatest(a.presence_as_of, ${value('at', 'timestamptz(3)')})
        where a.id in (${oneByOne('accounts')}) and a.presence = ${value('state', 'text')} returning a.id`,
    },
    { id: sql<string>`id` },
    sql`seen limit 1`,
  )
  // By itself: everybody else locks the device before the account.
  const confirmDevices = prepare<{ id: string }>(
    db,
    'confirm_devices',
    {
      seen: sql`update device d set
          last_seen_signed_in = greatest(d.last_seen_signed_in, ${value('at', 'timestamptz(3)')})
        from account a where a.id in (${oneByOne('accounts')}) and a.presence = 'ONLINE' and d.id = a.device_id
        returning d.id`,
    },
    { id: sql<string>`id` },
    sql`seen limit 1`,
  )
  const recordGone = prepare<{ number: number }>(
    db,
    'record_gone',
    goneParts,
    { number: sql<number>`presence_number` },
    sql`gone`,
  )
  const recordFound = foundOn(db)
  return {
    readDeviceStandings: standingsReader(db),
    readFollowed: async providers => {
      if (providers.length === 0) return []
      return (await all({ providers: JSON.stringify(providers) })).map(read)
    },
    readFollowedOf: async ({ provider, accounts = [], wcIds = [], handles = [] }) => {
      const known = accounts.filter(isId)
      const names = { wc_ids: JSON.stringify(wcIds), handles: JSON.stringify(handles) }
      const rows = [
        ...(known.length === 0 ? [] : await byAccount({ provider, accounts: idList(known) })),
        ...(wcIds.length + handles.length === 0 ? [] : await byName({ provider, ...names })),
      ]
      return rows.map(read)
    },
    readFollowedOn: async deviceId => {
      const [row] = await on({ device: deviceId })
      return row === undefined ? null : read(row)
    },
    confirmPresence: async ({ accounts, state, at, seenSignedIn }) => {
      if (accounts.length === 0) return
      const values = { accounts: idList(accounts), at: iso(at) }
      if (seenSignedIn) await again(() => confirmDevices(values))
      await again(() => confirm({ ...values, state }))
    },
    recordGone: async what => {
      const [row] = await again(() => recordGone(goneValues(what)))
      return row?.number ?? null
    },
    recordFound: async ({ deviceId, profile, began, at, by }) => {
      const values = {
        ...foundBy(by),
        ...signInValues(profile, at),
        device: deviceId,
        began: iso(began),
        at: iso(at),
      }
      return await again(() => recordFound(values))
    },
  }
}

/** What was lost, met another one or was let go by the server is sent again: it sees what stands now. */
const again = async <Result>(statement: () => Promise<Result>): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await statement()
    } catch (error) {
      if (!(isLost(error) || isSignInMet(error)) || attempt === attempts) throw error
    }
  }
}
