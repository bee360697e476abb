// What logins came to, counted: cells of a span of UTC time and of what their logins have in common. `fold.ts` writes
// them, `statistics.ts` reads them. A cell knows no person and no device.

import { sql } from 'drizzle-orm'
import { boolean, check, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytes, moment, tenant } from './columns.ts'

/** What cells keep apart. PLACE: upstream and province. WAY: everything but the province. */
export type Cube = 'PLACE' | 'WAY'

/** Cells begin at whole quarters of an hour, hours, sixths and thirds of a day, and days of UTC. */
export type Span = 'QUARTER' | 'HOUR' | 'SIXTH' | 'THIRD' | 'DAY'

export const loginRollup = pgTable(
  'login_rollup',
  {
    tenant: tenant(),
    cube: text('cube').$type<Cube>().notNull(),
    span: text('span').$type<Span>().notNull(),
    bucket: moment('bucket').notNull(),
    provider: text('provider').notNull(),
    /** Empty: none, or not kept apart here. So are those below. */
    province: text('province').notNull(),
    strategy: text('strategy').notNull(),
    method: text('method').notNull(),
    firstMethod: text('first_method').notNull(),
    deviceType: text('device_type').notNull(),
    /** False also where it is not kept apart. */
    firstOnDevice: boolean('first_on_device').notNull(),
    reason: text('reason').notNull(),
    started: integer('started').notNull(),
    prompted: integer('prompted').notNull(),
    scanned: integer('scanned').notNull(),
    challenged: integer('challenged').notNull(),
    confirmed: integer('confirmed').notNull(),
    alreadySignedIn: integer('already_signed_in').notNull(),
    expired: integer('expired').notNull(),
    rejected: integer('rejected').notNull(),
    cancelled: integer('cancelled').notNull(),
    failed: integer('failed').notNull(),
    /** Log-scaled histograms of milliseconds, as `merge_histograms` writes them. */
    toScan: bytes('to_scan').notNull(),
    toConfirm: bytes('to_confirm').notNull(),
  },
  t => [
    primaryKey({
      name: 'login_rollup_pk',
      columns: [
        t.tenant,
        t.cube,
        t.span,
        t.bucket,
        t.provider,
        t.province,
        t.strategy,
        t.method,
        t.firstMethod,
        t.deviceType,
        t.firstOnDevice,
        t.reason,
      ],
    }),
    check('login_rollup_cube', sql`${t.cube} in ('PLACE', 'WAY')`),
    check('login_rollup_span', sql`${t.span} in ('QUARTER', 'HOUR', 'SIXTH', 'THIRD', 'DAY')`),
  ],
)
