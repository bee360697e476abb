// Hours of a zone that is three quarters of an hour off, on the day on which its clock leaps.

import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { newId } from '../../src/db/ids.ts'
import { everything } from '../../src/db/statistics.ts'
import { withStore } from '../support/database.ts'
import { aDevice, tenant } from './given.ts'

test.each([
  // 14:00 UTC: from 02:45 on to 03:45.
  ['forward', '2026-09-26T14:05:00Z'],
  // 14:00 UTC: from 03:45 back to 02:45.
  ['back', '2026-04-04T14:05:00Z'],
])('an hour of Chatham begins before what it counts, and less than an hour before: %s', (_, started) =>
  withStore('pglite', async (store, database) => {
    const device = await aDevice(store)
    await database.rows(sql`
      insert into login (id, tenant, device_id, provider, strategy, method, device_type, proxied, first_on_device, started_by,
        state, sequence, version, reason, advisories, qr_codes_asked, started, updated, ended)
      values (${newId(Date.parse(started))}::uuid, ${tenant}, ${device}::uuid, 'demo', 'AUTO', 'QR_CODE', 'IPAD', false, false,
        'test', 'CANCELLED', 2, 2, 'CANCELLED_BY_CALLER', '[]', '[]', ${started}::timestamptz, ${started}::timestamptz,
        ${started}::timestamptz)`)
    const answer = await store.readLoginStatistics(tenant, {
      ...everything,
      interval: 'HOUR',
      timeZone: 'Pacific/Chatham',
    })
    if (answer.kind !== 'COUNTED') throw new Error(answer.kind)
    const [bucket] = answer.rows.map(row => row.bucket ?? 0)
    const since = Date.parse(started) - (bucket ?? 0)
    expect(since).toBeGreaterThanOrEqual(0)
    expect(since).toBeLessThan(3_600_000)
  }),
)
