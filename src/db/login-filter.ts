// What a caller asks of logins, as conditions. An empty list asks for none.

import { and, eq, gte, inArray, isNotNull, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { LoginFilter } from './filters.ts'
import { isId } from './ids.ts'
import { account } from './tables/account.ts'
import { login } from './tables/login.ts'

export const loginConditions = (tenant: string, where: LoginFilter): SQL | undefined =>
  and(eq(login.tenant, tenant), fitting(tenant, where))

/** The same, where that a login is of this tenant is asked elsewhere in the statement. */
export const fitting = (tenant: string, where: LoginFilter): SQL | undefined =>
  and(
    where.state && inArray(login.state, [...where.state]),
    where.live === undefined ? undefined : where.live ? isNull(login.ended) : isNotNull(login.ended),
    where.reason && inArray(login.reason, [...where.reason]),
    where.upstreamCode && inArray(login.upstreamCode, [...where.upstreamCode]),
    where.method && inArray(login.method, [...where.method]),
    where.firstMethod && inArray(login.firstMethod, [...where.firstMethod]),
    where.strategy && inArray(login.strategy, [...where.strategy]),
    where.provider && inArray(login.provider, [...where.provider]),
    where.deviceType && inArray(login.deviceType, [...where.deviceType]),
    where.province && inArray(login.province, [...where.province]),
    where.firstOnDevice === undefined ? undefined : eq(login.firstOnDevice, where.firstOnDevice),
    where.startedBy && inArray(login.startedBy, [...where.startedBy]),
    where.reference === undefined ? undefined : eq(login.reference, where.reference),
    where.device === undefined ? undefined : idIs(login.deviceId, where.device),
    where.account === undefined ? undefined : idIs(login.accountId, where.account),
    where.wcId === undefined ? undefined : ofWcId(tenant, where.wcId),
    where.startedFrom === undefined ? undefined : gte(login.started, where.startedFrom),
    where.startedTo === undefined ? undefined : lt(login.started, where.startedTo),
    where.endedFrom === undefined ? undefined : gte(login.ended, where.endedFrom),
    where.endedTo === undefined ? undefined : lt(login.ended, where.endedTo),
  )

const idIs = (column: typeof login.deviceId | typeof login.accountId, id: string): SQL =>
  isId(id) ? eq(column, id) : sql`false`

/** Logins that signed this account in, and those that expected it and did not get there. */
const ofWcId = (tenant: string, wcId: string): SQL | undefined =>
  or(
    sql`${login.accountId} in (select ${account.id} from ${account}
      where ${account.tenant} = ${tenant} and ${account.wcId} = ${wcId})`,
    and(isNull(login.accountId), eq(login.expectedWcId, wcId)),
  )
