// One narrow row per attempt: who, how, when, outcome, and the values of its device as they were. Touched at
// milestones only; what moves with every answer stands in `device_turn`.

import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  type PgColumn,
  pgTable,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import type {
  Advisory,
  DeviceType,
  LoginMethod,
  LoginStateName,
  LoginStrategy,
  NextStep,
  OutcomeReason,
} from '../../login/vocabulary.ts'
import { moment, tenant } from './columns.ts'
import { device } from './device.ts'

export const login = pgTable(
  'login',
  {
    id: uuid('id').primaryKey(),
    tenant: tenant(),
    deviceId: uuid('device_id').notNull(),
    provider: text('provider').notNull(),
    accountId: uuid('account_id'),
    expectedWcId: text('expected_wc_id'),
    strategy: text('strategy').$type<LoginStrategy>().notNull(),
    method: text('method').$type<LoginMethod>().notNull(),
    firstMethod: text('first_method').$type<LoginMethod>(),
    confirmedBy: text('confirmed_by').$type<LoginMethod>(),
    deviceType: text('device_type').$type<DeviceType>().notNull(),
    province: text('province'),
    proxied: boolean('proxied').notNull(),
    firstOnDevice: boolean('first_on_device').notNull(),
    startedBy: text('started_by').notNull(),
    reference: text('reference'),
    continues: uuid('continues'),
    state: text('state').$type<LoginStateName>().notNull(),
    sequence: integer('sequence').notNull(),
    /** As of the last milestone; after the end it never moves again. */
    version: integer('version').notNull(),
    reason: text('reason').$type<OutcomeReason>(),
    upstreamCode: text('upstream_code'),
    upstreamMessage: text('upstream_message'),
    nextStep: text('next_step').$type<NextStep>(),
    advisories: jsonb('advisories').$type<readonly Advisory[]>().notNull(),
    /** Moments at which its QR codes were asked for, as of the last milestone. */
    qrCodesAsked: jsonb('qr_codes_asked').$type<readonly number[]>().notNull(),
    started: moment('started').notNull(),
    updated: moment('updated').notNull(),
    ended: moment('ended'),
    qrCodeIssued: moment('qr_code_issued'),
    scanned: moment('scanned'),
    confirmed: moment('confirmed'),
    /** Was asked for a verify code or a slider, as of the last milestone. */
    wasChallenged: boolean('was_challenged').notNull().default(false),
    /**
     * For the index alone: an indexed column that moves while a login lives makes each of its milestones a row for every
     * index.
     */
    firstMethodAtEnd: text('first_method_at_end')
      .$type<LoginMethod>()
      .generatedAlwaysAs(sql`case when ended is not null then first_method end`),
    /** When its push lapsed or was refused. */
    pushFailed: moment('push_failed'),
    /** Until when its prompt may still be before the person though it has ended. */
    promptUntil: moment('prompt_until'),
  },
  t => {
    // A page of one value, or of one value and one reason, is read from its end, however rare they are. Ended logins
    // only: the few live ones are read from `login_live`, so that a login comes into these once, when it ends.
    const ended = (name: string, ...columns: [PgColumn, ...PgColumn[]]) =>
      index(`login_ended_by_${name}`)
        .on(t.tenant, ...columns, t.reason, t.started, t.id)
        .where(sql`${t.ended} is not null`)
    return [
      foreignKey({ name: 'login_device', columns: [t.deviceId], foreignColumns: [device.id] }),
      index('login_by_start').on(t.tenant, t.started, t.id),
      index('login_by_device').on(t.deviceId, t.started),
      index('login_by_account').on(t.accountId, t.started, t.id).where(sql`${t.accountId} is not null`),
      index('login_live').on(t.tenant, t.started, t.id).where(sql`${t.ended} is null`),
      index('login_by_reference')
        .on(t.tenant, t.reference, t.started, t.id)
        .where(sql`${t.reference} is not null`),
      index('login_by_continues').on(t.continues).where(sql`${t.continues} is not null`),
      index('login_by_expected_wc_id')
        .on(t.tenant, t.expectedWcId, t.started, t.id)
        .where(sql`${t.expectedWcId} is not null and ${t.accountId} is null`),
      index('login_by_upstream_code')
        .on(t.tenant, t.upstreamCode, t.started, t.id)
        .where(sql`${t.upstreamCode} is not null`),
      // Hardly any: what ended within an hour is found by its start.
      index('login_long')
        .on(t.tenant, t.started, t.id)
        .where(sql`${t.ended} - ${t.started} > interval '1 hour'`),
      index('login_ended_by_reason')
        .on(t.tenant, t.reason, t.started, t.id)
        .where(sql`${t.ended} is not null`),
      ended('province', t.province),
      ended('provider', t.provider),
      ended('starter', t.startedBy),
      ended('strategy', t.strategy),
      ended('method', t.method),
      ended('first_method', t.firstMethodAtEnd),
      ended('device_type', t.deviceType, t.method),
      ended('first_on_device', t.firstOnDevice),
      check('login_ends_with_reason', sql`(${t.ended} is null) = (${t.reason} is null)`),
    ]
  },
)
