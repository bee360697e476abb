// What a caller asks of sign-ins and of changes of presence, as conditions. An empty list asks for none. They need the
// device of a sign-in and the account of a change beside it.

import { and, eq, gte, inArray, isNotNull, isNull, lt, notInArray, or, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { type DropTag, type PresenceReason, presenceReasons } from '../login/presence.ts'
import type { PresenceChangeFilter, SignInFilter } from './filters.ts'
import { account } from './tables/account.ts'
import { device } from './tables/device.ts'
import { presenceChange } from './tables/presence-change.ts'
import { signIn } from './tables/sign-in.ts'

export const signInConditions = (tenant: string, where: SignInFilter): SQL | undefined =>
  and(
    eq(signIn.tenant, tenant),
    where.provider && inArray(device.provider, [...where.provider]),
    where.deviceType &&
      inArray(sql`coalesce(${signIn.deviceType}, ${device.deviceType})`, [...where.deviceType]),
    where.firstOnDevice === undefined ? undefined : eq(signIn.firstOnDevice, where.firstOnDevice),
    where.dropTag && hasTag(signIn.dropTags, where.dropTag),
    where.endReason && hasReason(signIn.endReason, where.endReason),
    where.ended === undefined ? undefined : where.ended ? isNotNull(signIn.ended) : isNull(signIn.ended),
    where.from === undefined ? undefined : gte(signIn.began, where.from),
    where.to === undefined ? undefined : lt(signIn.began, where.to),
  )

export const presenceChangeConditions = (tenant: string, where: PresenceChangeFilter): SQL | undefined =>
  and(
    eq(presenceChange.tenant, tenant),
    where.provider && inArray(account.provider, [...where.provider]),
    where.to && inArray(presenceChange.after, [...where.to]),
    where.reason && hasReason(presenceChange.reason, where.reason),
    where.dropTag && hasTag(presenceChange.dropTags, where.dropTag),
    where.from === undefined ? undefined : gte(presenceChange.at, where.from),
    where.until === undefined ? undefined : lt(presenceChange.at, where.until),
  )

const hasTag = (tags: PgColumn, wanted: readonly DropTag[]): SQL =>
  sql`exists (select from jsonb_array_elements_text(${tags}) tag where ${inArray(sql`tag`, [...wanted])})`

/** What reads OTHER is found by OTHER. */
const hasReason = (reason: PgColumn, wanted: readonly PresenceReason[]): SQL | undefined =>
  or(
    inArray(reason, [...wanted]),
    wanted.includes('OTHER') ? notInArray(reason, [...presenceReasons]) : undefined,
  )
