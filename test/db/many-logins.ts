// Ended logins by the thousand, as rows: of every kind that the columns allow, spread over a year and thick around the
// nights on which New York changes its clock.

import { type SQL, sql } from 'drizzle-orm'
import { newId } from '../../src/db/ids.ts'
import type { Store } from '../../src/db/store.ts'
import { reasonsOf } from '../../src/login/ending.ts'
import type { EndName, OutcomeReason } from '../../src/login/vocabulary.ts'
import type { TestDatabase } from '../support/database.ts'
import { aDevice } from './given.ts'

const year = { from: Date.parse('2026-01-15T00:00:00Z'), to: Date.parse('2026-11-15T00:00:00Z') }
const nights = [Date.parse('2026-03-08T00:00:00Z'), Date.parse('2026-11-01T00:00:00Z')]

const ends: readonly EndName[] = ['CONFIRMED', 'EXPIRED', 'REJECTED', 'CANCELLED', 'FAILED']
const outcomes = ends.flatMap(state => reasonsOf([state]).map(reason => ({ state, reason })))

export const manyLogins = async (
  store: Store,
  database: TestDatabase,
  wanted: { readonly logins: number; readonly tenant: string; readonly seed: number },
): Promise<void> => {
  const random = randomFrom(wanted.seed)
  const one = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random() * values.length)] as Value
  const deviceId = await aDevice(store, { tenant: wanted.tenant })
  const made = () => {
    const started = Math.floor(
      random() < 0.4 ? one(nights) + random() * 24 * 3_600_000 : year.from + random() * (year.to - year.from),
    )
    const { state, reason } = random() < 0.5 ? signedIn : one(outcomes)
    const after = (seconds: number) => new Date(started + Math.floor(seconds * 1_000)).toISOString()
    const scan = 40 * random() ** 3
    const push = random() < 0.4
    return {
      id: newId(started),
      started: after(0),
      ended: after(scan + 60),
      state,
      reason,
      provider: one(['north', 'south', 'gone']),
      strategy: one(['AUTO', 'QR_CODE', 'PUSH']),
      method: one(['QR_CODE', 'PUSH']),
      first_method: random() < 0.1 ? null : push ? 'PUSH' : 'QR_CODE',
      device_type: one(['IPAD', 'MAC']),
      province: one([null, '广东', '北京', '西藏']),
      first_on_device: random() < 0.3,
      started_by: one(['desk', 'night']),
      qr_code_issued: random() < 0.7 ? after(0.8) : null,
      scanned: random() < 0.5 ? after(scan) : null,
      confirmed: reason === 'SIGNED_IN' ? after(scan + 20 * random()) : null,
      was_challenged: random() < 0.2,
    }
  }
  for (let left = wanted.logins; left > 0; left -= most) {
    const rows = Array.from({ length: Math.min(left, most) }, made)
    await database.rows(insertOf(rows, wanted.tenant, deviceId))
  }
}

/** Rows of one statement. */
const most = 5_000

const insertOf = (rows: readonly object[], tenant: string, deviceId: string): SQL => sql`
    insert into login (id, tenant, device_id, provider, strategy, method, first_method, device_type, province, proxied,
      first_on_device, started_by, state, sequence, version, reason, next_step, advisories, qr_codes_asked, started, updated,
      ended, qr_code_issued, scanned, confirmed, was_challenged)
    select id, ${tenant}, ${deviceId}::uuid, provider, strategy, method, first_method, device_type, province, false,
      first_on_device, started_by, state, 3, 3, reason, 'NONE', '[]', '[]', started, ended, ended, qr_code_issued, scanned,
      confirmed, was_challenged
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as given (id uuid, started timestamptz, ended timestamptz,
      state text, reason text, provider text, strategy text, method text, first_method text, device_type text,
      province text, first_on_device boolean, started_by text, qr_code_issued timestamptz, scanned timestamptz,
      confirmed timestamptz, was_challenged boolean)`

const signedIn: { readonly state: EndName; readonly reason: OutcomeReason } = {
  state: 'CONFIRMED',
  reason: 'SIGNED_IN',
}

/** mulberry32: the same numbers each time. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
