// The statement that records a step of a live login: its turn, its events, and at milestones its narrow row and who
// scanned. One statement, guarded by (login id, version) and, where asked for, by the owner's epoch.

import { type SQL, sql } from 'drizzle-orm'
import { ended } from '../login/state.ts'
import type { Step } from '../login/step.ts'
import type { Millis } from '../login/vocabulary.ts'
import type { Database } from './connection/connection.ts'
import { isChallenge, isMilestone, pushFailed, qrCodesAsked } from './milestone.ts'
import type { Sealing } from './sealing.ts'
import { iso, millis, prepare, type Values, value } from './statement.ts'
import type { Turn } from './store.ts'
import { savedState } from './turn.ts'

/** Of what was written; no row: somebody else moved first. */
export interface Written {
  readonly version: number
  readonly happened: Millis
}

export const writtenColumns: { readonly [Column in keyof Written]: SQL<Written[Column]> } = {
  version: sql<number>`version`,
  happened: millis(sql`happened`),
}

/** The row that is to be written, as it must stand. */
export const guard: SQL = sql`subject_id = ${value('login', 'uuid')} and kind = 'LOGIN'
  and version = ${value('version', 'int')}
  and (${value('epoch', 'int')} is null or epoch = ${value('epoch', 'int')})`

/** Needs a part `moved` with subject_id, tenant, started_month, before (the last number so far) and happened. */
export const writtenEvents: SQL = sql`
  insert into login_event (login_started_month, login_id, sequence, tenant, type, state, body, at)
  select m.started_month, m.subject_id, m.before + e.n::int, m.tenant, e.type, e.state, e.body, m.happened
  from moved m cross join rows from (
    jsonb_to_recordset(${value('events', 'jsonb')}) as (type text, state text, body jsonb)
  ) with ordinality as e(type, state, body, n)`

export const eventValues = (step: Step): string =>
  JSON.stringify(step.events.map(({ kind, state, ...body }) => ({ type: kind, state, body })))

const replaced = (field: 'qr_code' | 'code' | 'slider'): SQL =>
  sql`case when ${value(`${field}_changes`, 'boolean')} then ${value(field, 'bytea')} else ${sql.raw(field)} end`

const moved = sql`
  update device_turn set version = version + 1,
    sequence = sequence + ${value('count', 'int')}, state = ${value('state', 'jsonb')},
    happened = case when ${value('count', 'int')} > 0
      then greatest(happened, ${value('at', 'timestamptz(3)')}) else happened end,
    updated = greatest(updated, ${value('at', 'timestamptz(3)')}),
    qr_code = ${replaced('qr_code')}, code = ${replaced('code')}, slider = ${replaced('slider')}
  where ${guard}
  returning subject_id, tenant, started_month, version, sequence - ${value('count', 'int')} as before,
    happened, updated`

const narrow = sql`
  update login set state = ${value('login_state', 'text')}, sequence = m.before + ${value('count', 'int')},
    version = m.version, updated = m.updated, method = ${value('method', 'text')},
    device_type = ${value('login_device_type', 'text')},
    first_method = ${value('first_method', 'text')}, qr_codes_asked = ${value('qr_codes_asked', 'jsonb')},
    qr_code_issued = case when ${value('issued', 'boolean')}
      then coalesce(qr_code_issued, m.happened) else qr_code_issued end,
    scanned = case when ${value('scanned', 'boolean')} then coalesce(scanned, m.happened) else scanned end,
    was_challenged = was_challenged or ${value('challenged', 'boolean')},
    push_failed = case when ${value('push_failed', 'boolean')} then m.happened else push_failed end
  from moved m where login.id = m.subject_id`

const whoScanned = sql`
  insert into scanner (login_id, tenant, nick_name)
  select subject_id, tenant, ${value('nick_name', 'text')} from moved where ${value('told_scanner', 'boolean')}
  on conflict (login_id) do update set nick_name = excluded.nick_name`

export type WriteStep = (
  turn: Turn,
  step: Step,
  at: Millis,
  epoch: number | undefined,
) => Promise<Written | null>

export const writeStepWith = (db: Database, sealing: Sealing): WriteStep => {
  const quiet = prepare<Written>(
    db,
    'record_step',
    { moved, written: writtenEvents },
    writtenColumns,
    sql`moved`,
  )
  const milestone = prepare<Written>(
    db,
    'record_milestone',
    { moved, written: writtenEvents, narrow, who: whoScanned },
    writtenColumns,
    sql`moved`,
  )
  return async (turn, step, at, epoch) => {
    const values: Values = {
      ...stepValues(turn, step, at, epoch),
      ...secretValues(turn.loginId, step, sealing),
    }
    const [written] = isMilestone(turn.state, step)
      ? await milestone({ ...values, ...narrowValues(turn, step) })
      : await quiet(values)
    return written ?? null
  }
}

export const stepValues = (turn: Turn, step: Step, at: Millis, epoch: number | undefined): Values => ({
  login: turn.loginId,
  version: turn.version,
  epoch: epoch ?? null,
  count: step.events.length,
  state: savedState(step.state),
  at: iso(at),
  events: eventValues(step),
})

const narrowValues = (turn: Turn, step: Step): Values => ({
  login_state: step.state.kind,
  method: step.state.method,
  login_device_type: step.state.deviceType,
  first_method: step.state.firstMethod,
  qr_codes_asked: JSON.stringify(qrCodesAsked(turn.state, step.state)),
  issued: step.events.some(event => event.kind === 'QrCodeIssued'),
  scanned: step.events.some(event => event.kind === 'QrCodeScanned'),
  challenged: isChallenge(step),
  push_failed: !ended(step.state) && pushFailed(turn.state, step),
  told_scanner: step.scanner !== undefined,
  nick_name: step.scanner?.nickName ?? null,
})

/** Each is rewritten only where the step says so. */
const secretValues = (loginId: string, { secrets }: Step, sealing: Sealing): Values => {
  const sealed = (field: string, text: string | null | undefined): Uint8Array | null =>
    text === null || text === undefined
      ? null
      : sealing.seal({ table: 'device_turn', id: loginId, field }, text)
  const qrCode = secrets?.qrCode
  return {
    qr_code_changes: qrCode !== undefined,
    qr_code: sealed('qr_code', qrCode === null || qrCode === undefined ? null : JSON.stringify(qrCode)),
    code_changes: secrets?.code !== undefined,
    code: sealed('code', secrets?.code),
    slider_changes: secrets?.sliderUrl !== undefined,
    slider: sealed('slider', secrets?.sliderUrl),
  }
}
