// The end of an operation, in one statement with what it did: a log-out ends the sign-in, a reset makes the device new. The
// device's turn goes with it; whoever comes second finds it gone.

import { type SQL, sql } from 'drizzle-orm'
import type { Millis } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import { newestVersion } from './sign-in.ts'
import { iso, prepare, value } from './statement.ts'
import type { DeviceStore } from './store.ts'

const moved = sql`
  delete from device_turn where subject_id = ${value('operation', 'uuid')} and kind = 'OPERATION'
  returning subject_id, device_id`

const done = sql`
  update device_operation o set state = ${value('state', 'text')}, ended = ${value('at', 'timestamptz(3)')},
    upstream_code = ${value('upstream_code', 'text')}, upstream_message = ${value('upstream_message', 'text')}
  from moved where o.id = moved.subject_id
  returning o.*`

/** What follows only where it is done. */
const held = sql`
  select d.*, o.account_id as whom from done o join device d on d.id = o.device_id
  where o.state = 'DONE' and o.kind = ${value('kind', 'text')} for no key update of d`

const shut = sql`
  update sign_in s set ended = greatest(s.began, ${value('at', 'timestamptz(3)')}), end_reason = 'LOGGED_OUT_BY_CALLER'
  from held h where s.account_id = h.whom and s.device_id = h.id and s.ended is null`

const gone = sql`
  update account a set presence = 'OFFLINE', presence_before = a.presence, presence_number = a.presence_number + 1,
    presence_since = greatest(a.presence_since, ${value('at', 'timestamptz(3)')}),
    presence_as_of = greatest(a.presence_as_of, ${value('at', 'timestamptz(3)')}),
    presence_reason = 'LOGGED_OUT_BY_CALLER', presence_upstream_reason = null, presence_drop_tags = '[]'::jsonb
  from held h where a.id = h.whom and a.device_id = h.id and a.presence <> 'OFFLINE'
  returning a.*`

const change = sql`
  insert into presence_change (account_id, number, tenant, before, after, reason, at)
  select id, presence_number, tenant, presence_before, presence, presence_reason, presence_since from gone`

const raised = sql`update device d set version = d.version + 1 from held h where d.id = h.id`

/** New for every account (P 3.2): what it knew says nothing of it any more. */
const renewed = sql`
  update device d set account_id = null, known_wc_id = null, instance_id = null, device_type = 'IPAD',
    last_seen_signed_in = null, last_login = null, exit_changed = null, reset_required = false,
    reset = ${value('at', 'timestamptz(3)')}, version = d.version + 1, settings_version = d.version + 1
  from held h where d.id = h.id
  returning d.*, (select requested_by from done) as by_whom`

const version = sql`
  insert into device_version (device_id, number, tenant, label, device_type, province, city, proxy_host, proxy_port,
    proxy_username, ttuid, cause, changed_by, valid_from)
  select id, version, tenant, label, device_type, province, city, proxy_host, proxy_port, proxy_username, ttuid,
    'RESET', by_whom, greatest(reset, ${newestVersion(sql`renewed.id`)}) from renewed`

type End = Parameters<DeviceStore['endOperation']>[1]

export const operationEnds = (
  db: Database,
): ((operationId: string, end: End, at: Millis) => Promise<boolean>) => {
  const ending = (name: string, effects: Readonly<Record<string, SQL>>) =>
    prepare<{ kind: string }>(db, name, { moved, done, ...effects }, { kind: sql<string>`kind` }, sql`done`)
  const kindOf = prepare<{ kind: string }>(
    db,
    'read_operation_kind',
    {},
    { kind: sql<string>`kind` },
    sql`device_operation where id = ${value('operation', 'uuid')}`,
  )
  const plain = ending('end_operation', {})
  const loggedOut = ending('end_logout', { held, shut, gone, change, raised })
  const reset = ending('end_reset', { held, renewed, version })
  return async (operationId, { state, upstreamCode, upstreamMessage }, at) => {
    const [operation] = await kindOf({ operation: operationId })
    const kind = operation?.kind ?? ''
    const end = kind === 'LOGOUT' ? loggedOut : kind === 'RESET' ? reset : plain
    const rows = await end({
      operation: operationId,
      state,
      kind,
      at: iso(at),
      upstream_code: upstreamCode,
      upstream_message: upstreamMessage,
    })
    return rows.length > 0
  }
}
