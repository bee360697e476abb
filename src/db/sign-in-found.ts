// The parts of a statement in which somebody turns out to be signed in on a device that no login has: whatever is known to be
// later than the proof stands.

import { type SQL, sql } from 'drizzle-orm'
import type { Database } from './connection/connection.ts'
import { signInParts } from './sign-in.ts'
import { prepare, type Values, value } from './statement.ts'

/**
 * The device, locked as it is now. A turn that this statement's snapshot cannot see yet is one that began after this
 * was true; its end waits for the same lock.
 */
const held = sql`
  select d.*, p.began, exists (
      select from sign_in s join account a on a.id = s.account_id
      where s.device_id = d.id and s.ended is null and a.wc_id = ${value('wc_id', 'text')} and a.presence = 'ONLINE'
    ) as standing
  from proof p join device d on d.id = p.device_id
  where d.retired is null and not exists (select from device_turn t where t.device_id = p.device_id)
  for no key update of d`

/** Later than whatever is known of this device (`h`). */
const isNewest = sql`h.last_seen_signed_in is null or h.last_seen_signed_in < h.began`

/** A sign-in on this device that is known to be later than the call stands. */
const moved = sql`
  select null::uuid as subject_id, h.id as device_id, h.tenant, h.provider, h.began,
    ${value('at', 'timestamptz(3)')} as happened
  from held h where not h.standing and (${isNewest})`

/** The same of the account, wherever it is. */
const notSeenSince = sql`a.presence_as_of < (select began from moved)`

/** Each sign-in may bring a handle of its own. */
const handleSeen = (known: SQL) => sql`
  case when ${isNewest} then coalesce(${value('instance_id', 'text')}, ${known}) else ${known} end`

/** Who is known to be signed in there is only seen once more. */
const accountSeen = sql`
  update account a set presence_as_of = greatest(a.presence_as_of, ${value('at', 'timestamptz(3)')}),
    instance_id = ${handleSeen(sql`a.instance_id`)}
  from held h where h.standing and a.tenant = h.tenant and a.provider = h.provider
    and a.wc_id = ${value('wc_id', 'text')} and a.device_id = h.id and a.presence = 'ONLINE'
  returning a.device_id`

const deviceSeen = sql`
  update device d set last_seen_signed_in = greatest(d.last_seen_signed_in, ${value('at', 'timestamptz(3)')}),
    instance_id = ${handleSeen(sql`d.instance_id`)}
  from seen s cross join held h where d.id = s.device_id and h.id = d.id`

/** `proof` has device_id, tenant, provider, and when the call that proves it began; no row: it proves nothing. */
export const foundParts = (proof: SQL): Readonly<Record<string, SQL>> => ({
  proof,
  held,
  moved,
  ...signInParts(notSeenSince),
  seen: accountSeen,
  device_seen: deviceSeen,
})

/** Whether it was news, or what was known already; false: something later is known, or a turn is taken. */
export const foundOn = (db: Database): ((values: Values) => Promise<boolean>) => {
  const statement = prepare<{ taken: boolean }>(
    db,
    'record_found',
    foundParts(sql`
      select d.id as device_id, d.tenant, d.provider, ${value('began', 'timestamptz(3)')} as began
      from device d where d.id = ${value('device', 'uuid')}`),
    { taken: sql<boolean>`exists (select from acct) or exists (select from seen)` },
    sql`held`,
  )
  return async values => (await statement(values))[0]?.taken ?? false
}
