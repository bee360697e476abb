// A login's start, in one statement: the idempotency key, the device's turn, the login, its first event and the key.
// A turn that is taken answers with who holds it, also where this statement's snapshot could not see that.

import { type SQL, sql } from 'drizzle-orm'
import { ended, type LoginState } from '../login/state.ts'
import type { Step } from '../login/step.ts'
import { transition } from '../login/transition.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import { isLost, isUniqueViolation } from './errors.ts'
import { isId, monthOf } from './ids.ts'
import type { ReadEnd, Recorder } from './record.ts'
import { endValues } from './record-end.ts'
import { eventValues } from './record-step.ts'
import { iso, prepare, type Values, value } from './statement.ts'
import type { LoginStart, LoginStarted, LoginStore, Turn } from './store.ts'
import { type ReadTurn, savedState } from './turn.ts'

const attempts = 3

interface Answer {
  readonly found: 'TURN' | 'KEY'
  readonly subject: string
  readonly kind: 'LOGIN' | 'OPERATION'
  readonly created: boolean
  readonly sameInput: boolean
  readonly provider: string | null
  readonly epoch: number | null
}

const prior = sql`
  select login_id, input_hash from login_key
  where tenant = ${value('tenant', 'text')} and key = ${value('key', 'text')} and expires > now()`

const stale = sql`
  delete from login_key
  where tenant = ${value('tenant', 'text')} and key = ${value('key', 'text')} and expires <= now() returning key`

const turn = sql`
  insert into device_turn (device_id, tenant, provider, kind, subject_id, started_month, owner, epoch, version,
    sequence, state, happened, updated)
  select d.id, d.tenant, d.provider, 'LOGIN', ${value('login', 'uuid')}, ${value('month', 'date')},
    ${value('owner', 'text')}, 1, 1, 1, ${value('state', 'jsonb')}, ${value('started', 'timestamptz(3)')},
    ${value('started', 'timestamptz(3)')}
  from device d where d.id = ${value('device', 'uuid')} and d.tenant = ${value('tenant', 'text')}
    and d.retired is null and not exists (select from prior)
  on conflict (device_id) do update set device_id = excluded.device_id
  returning device_id, tenant, provider, subject_id, kind, epoch, subject_id = ${value('login', 'uuid')} as created`

/** The old login's turn becomes the new one's, so that nobody slips in between. */
const turnReplaced = sql`
  update device_turn t set subject_id = ${value('login', 'uuid')}, started_month = ${value('month', 'date')},
    owner = ${value('owner', 'text')}, epoch = t.epoch + 1, version = 1, sequence = 1,
    state = ${value('state', 'jsonb')}, qr_code = null, code = null, slider = null,
    happened = ${value('started', 'timestamptz(3)')}, updated = ${value('started', 'timestamptz(3)')}
  from device d
  where t.device_id = ${value('device', 'uuid')} and t.tenant = ${value('tenant', 'text')} and t.kind = 'LOGIN'
    and t.subject_id = ${value('old', 'uuid')} and t.version = ${value('old_version', 'int')}
    and d.id = t.device_id and d.retired is null and not exists (select from prior)
  returning t.device_id, t.tenant, t.provider, t.subject_id, t.kind, t.epoch, true as created`

const oldEvents = sql`
  insert into login_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
  select ${value('old_month', 'date')}, ${value('old', 'uuid')}, ${value('old_sequence', 'int')} + e.n::int,
    live.tenant, e.type, e.state, e.body, ${value('old_happened', 'timestamptz(3)')}
  from live cross join rows from (
    jsonb_to_recordset(${value('old_events', 'jsonb')}) as (type text, state text, body jsonb)
  ) with ordinality as e(type, state, body, n)`

const oldEnd = sql`
  update login set state = ${value('login_state', 'text')}, version = ${value('old_version', 'int')} + 1,
    sequence = ${value('old_sequence', 'int')} + ${value('old_count', 'int')},
    updated = ${value('old_happened', 'timestamptz(3)')}, ended = ${value('old_happened', 'timestamptz(3)')},
    method = ${value('method', 'text')}, first_method = ${value('first_method', 'text')},
    reason = ${value('reason', 'text')}, next_step = ${value('next_step', 'text')},
    advisories = login.advisories || ${value('advisories', 'jsonb')}, qr_codes_asked = ${value('qr_codes_asked', 'jsonb')},
    prompt_until = ${value('prompt_until', 'timestamptz(3)')}
  from live where login.id = ${value('old', 'uuid')}`

const login = sql`
  insert into login (id, tenant, device_id, provider, expected_wc_id, strategy, method, device_type, province, proxied,
    first_on_device, started_by, reference, continues, state, sequence, version, advisories, qr_codes_asked, started,
    updated)
  select live.subject_id, live.tenant, live.device_id, live.provider, ${value('expected_wc_id', 'text')},
    ${value('strategy', 'text')}, ${value('first_login_method', 'text')}, ${value('device_type', 'text')}, d.province,
    d.proxy_host is not null, ${value('first_on_device', 'boolean')}, ${value('started_by', 'text')}, ${value('reference', 'text')},
    ${value('continues', 'uuid')}, 'STARTING', 1, 1, ${value('start_advisories', 'jsonb')}, '[]',
    ${value('started', 'timestamptz(3)')}, ${value('started', 'timestamptz(3)')}
  from live join device d on d.id = live.device_id where live.created`

const firstEvent = sql`
  insert into login_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
  select ${value('month', 'date')}, subject_id, 1, tenant, 'LoginStarted', 'STARTING',
    jsonb_build_object('strategy', ${value('strategy', 'text')}, 'method', ${value('first_login_method', 'text')}),
    ${value('started', 'timestamptz(3)')}
  from live where created`

/** What was owed after an earlier end: this login looks for itself. */
export const looksSettled = sql`
  delete from device_check c using live where c.device_id = live.device_id and live.created`

/** A plain insert on purpose: two calls with one key end in 23505, which undoes everything; run again, `prior` answers. */
const key = sql`
  insert into login_key (tenant, key, login_id, input_hash, expires)
  select tenant, ${value('key', 'text')}, subject_id, ${value('input_hash', 'text')}, now() + interval '24 hours'
  from live where ${value('key', 'text')} is not null and kind = 'LOGIN'
    and (created or subject_id = ${value('settled_on', 'uuid')}) and (select count(*) from stale) >= 0`

const answered: { readonly [Column in keyof Answer]: SQL<Answer[Column]> } = {
  found: sql<Answer['found']>`found`,
  subject: sql<string>`subject`,
  kind: sql<Answer['kind']>`kind`,
  created: sql<boolean>`created`,
  sameInput: sql<boolean>`same_input`,
  provider: sql<string | null>`provider`,
  epoch: sql<number | null>`epoch`,
}

const answer = sql`(
  select 'TURN' as found, subject_id as subject, kind, created, true as same_input, provider, epoch from live
  union all
  select 'KEY', login_id, 'LOGIN', false, input_hash = ${value('input_hash', 'text')}, null, null from prior
) as answer`

export const startLoginWith = (parts: {
  db: Database
  owner: string
  recorder: Recorder
  readTurn: ReadTurn
  readEnd: ReadEnd
}): LoginStore['startLogin'] => {
  const after = { login, first: firstEvent, looks: looksSettled, login_key_kept: key }
  const start = prepare<Answer>(
    parts.db,
    'start_login',
    { prior, stale, live: turn, ...after },
    answered,
    answer,
  )
  const replace = prepare<Answer>(
    parts.db,
    'replace_login',
    { prior, stale, live: turnReplaced, old_events: oldEvents, old_end: oldEnd, ...after },
    answered,
    answer,
  )

  const begin = async (wish: LoginStart): Promise<LoginStarted> => {
    const [found] = await start(startValues(wish, parts.owner))
    if (found === undefined) return { kind: 'NO_DEVICE' }
    return told(found, wish, null)
  }

  const takeOver = async (wish: LoginStart, replaces: NonNullable<LoginStart['replaces']>) => {
    const old = await parts.readTurn(replaces.loginId)
    if (old !== null && old.turn.version !== replaces.version) return { kind: 'MOVED' } as const
    if (old === null || old.turn.deviceId !== wish.deviceId) return await begin({ ...wish, replaces: null })
    const at = wish.terms.started
    const step = transition(old.turn.state, { kind: 'CancelAsked', at, by: 'SUPERSEDED' })
    if (!ended(step.state)) return { kind: 'MOVED' } as const
    const values = oldValues(old.turn, step, step.state, Math.max(at, old.happened))
    const [found] = await replace({ ...startValues(wish, parts.owner), ...values })
    if (found === undefined) return { kind: 'MOVED' } as const
    return told(found, wish, { ...old.turn, version: old.turn.version + 1, state: step.state })
  }

  const once = (wish: LoginStart): Promise<LoginStarted> => {
    const { replaces } = wish
    return replaces === null
      ? begin(wish)
      : parts.recorder.inLine(replaces.loginId, () => takeOver(wish, replaces))
  }

  /** What a start made whose answer was lost: the id is this call's own. Null: nothing. */
  const gotThrough = async ({ loginId }: LoginStart): Promise<LoginStarted | null> => {
    const mine = await parts.readTurn(loginId)
    if (mine !== null) return { kind: 'CREATED', turn: mine.turn, replaced: null }
    // Somebody ended it meanwhile: nobody drives it any more, it is what this call is answered with.
    return (await parts.readEnd(loginId)) && { kind: 'SAME_KEY', loginId, sameInput: true }
  }

  return async wish => {
    if (!isId(wish.deviceId)) return { kind: 'NO_DEVICE' }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(wish)
      } catch (error) {
        // Unique: a key of another call, or what a lost attempt of this one did after we had looked.
        if (!(isUniqueViolation(error) || isLost(error)) || attempt === attempts) throw error
        const made = await gotThrough(wish)
        if (made !== null) return made
      }
    }
  }
}

export const loginKeyReader = (db: Database): LoginStore['readLoginKey'] => {
  const statement = prepare<{ loginId: string; inputHash: string }>(
    db,
    'read_login_key',
    { prior },
    { loginId: sql<string>`login_id`, inputHash: sql<string>`input_hash` },
    sql`prior`,
  )
  return async (tenant, key) => (await statement({ tenant, key }))[0] ?? null
}

const told = (found: Answer, wish: LoginStart, replaced: Turn | null): LoginStarted => {
  if (found.found === 'KEY') return { kind: 'SAME_KEY', loginId: found.subject, sameInput: found.sameInput }
  if (found.kind === 'OPERATION') return { kind: 'OPERATION', operationId: found.subject }
  if (!found.created) return { kind: 'ACTIVE', loginId: found.subject }
  const turn: Turn = {
    loginId: wish.loginId,
    deviceId: wish.deviceId,
    tenant: wish.tenant,
    provider: found.provider ?? '',
    version: 1,
    epoch: found.epoch ?? 1,
    state: wish.state,
  }
  return { kind: 'CREATED', turn, replaced }
}

const startValues = (wish: LoginStart, owner: string): Values => ({
  login: wish.loginId,
  month: monthOf(wish.loginId),
  tenant: wish.tenant,
  device: wish.deviceId,
  owner,
  state: savedState(wish.state),
  started: iso(wish.terms.started),
  expected_wc_id: wish.terms.expectedWcId,
  strategy: wish.terms.strategy,
  first_login_method: wish.terms.firstMethod,
  device_type: wish.terms.deviceType,
  first_on_device: wish.terms.firstOnDevice,
  started_by: wish.startedBy,
  reference: wish.reference,
  continues: wish.continues,
  start_advisories: JSON.stringify(wish.advisories),
  key: wish.idempotency?.key ?? null,
  input_hash: wish.idempotency?.inputHash ?? '',
  settled_on: wish.settledOn ?? null,
})

const oldValues = (
  old: Turn,
  step: Step,
  end: Extract<LoginState, { outcome: unknown }>,
  happened: Millis,
): Values => ({
  ...endValues(old, step, end),
  old: old.loginId,
  old_version: old.version,
  old_month: monthOf(old.loginId),
  old_sequence: old.state.sequence,
  old_count: step.events.length,
  old_events: eventValues(step),
  old_happened: iso(happened),
})
