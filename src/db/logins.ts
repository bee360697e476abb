// Reading logins: one, many, a page, how many, and what a call or a person may be told of one.

import { and, eq, sql } from 'drizzle-orm'
import type { QrSecret } from '../login/observation.ts'
import type { Database } from './connection/connection.ts'
import { isId } from './ids.ts'
import { keyset } from './keyset.ts'
import { loginConditions } from './login-filter.ts'
import { type LoginRow, loginRecord, selectLogins } from './login-records.ts'
import type { ReadEnd } from './record.ts'
import type { LoginSecrets } from './records.ts'
import type { Sealing } from './sealing.ts'
import { ask, idList, ids, prepare, value } from './statement.ts'
import type { LoginStore } from './store.ts'
import { login } from './tables/login.ts'

type Unreadable = (loginId: string, error: unknown) => void

export const loginReaders = (
  db: Database,
  unreadable: Unreadable,
): Pick<LoginStore, 'readLogin' | 'readLogins' | 'pageLogins' | 'countLogins'> => {
  const one = selectLogins(db, {})
    .where(and(eq(login.tenant, sql.placeholder('tenant')), eq(login.id, sql.placeholder('login'))))
    .prepare('read_login')
  const many = selectLogins(db, {})
    .where(and(eq(login.tenant, sql.placeholder('tenant')), sql`${login.id} = any ${ids('logins')}`))
    .prepare('read_logins')
  const record = (row: LoginRow) => loginRecord(row, unreadable)
  return {
    readLogin: async (tenant, loginId) => {
      if (!isId(loginId)) return null
      const [row] = await ask(() => one.execute({ tenant, login: loginId }))
      return row === undefined ? null : record(row)
    },
    readLogins: async (tenant, loginIds) => {
      const known = loginIds.filter(isId)
      if (known.length === 0) return new Map()
      const rows = await ask(() => many.execute({ tenant, logins: idList(known) }))
      return new Map(rows.map(row => [row.login.id, record(row)]))
    },
    pageLogins: async (tenant, where, order, page) => {
      const keys = keyset(login.started, login.id, order === 'STARTED_AT_ASC' ? 'ASC' : 'DESC', page)
      const rows = await ask(() =>
        selectLogins(db, {})
          .where(and(loginConditions(tenant, where), keys.where))
          .orderBy(...keys.orderBy)
          .limit(page.limit),
      )
      return keys.shown(rows).map(record)
    },
    countLogins: async (tenant, where) => {
      const [row] = await ask(() =>
        db.select({ count: sql<number>`count(*)::int` }).from(login).where(loginConditions(tenant, where)),
      )
      return row?.count ?? 0
    },
  }
}

export const readEndFrom = (db: Database): ReadEnd => {
  const statement = db
    .select({ version: login.version, reason: login.reason, ended: login.ended })
    .from(login)
    .where(eq(login.id, sql.placeholder('login')))
    .prepare('read_end')
  return async loginId => {
    const [row] = await ask(() => statement.execute({ login: loginId }))
    if (row === undefined || row.reason === null || row.ended === null) return null
    return { version: row.version, reason: row.reason, ended: row.ended }
  }
}

/** What whoever may act on a login is shown of its secrets; for one that has ended, or is nobody's, nothing. */
export const secretReaders = (
  db: Database,
  sealing: Sealing,
): Pick<LoginStore, 'readSecrets' | 'readSecretsOf'> => {
  type Sealed = { loginId: string; qrCode: Uint8Array | null; slider: Uint8Array | null }
  const statement = prepare<Sealed>(
    db,
    'read_secrets',
    {},
    {
      loginId: sql<string>`subject_id`,
      qrCode: sql<Uint8Array | null>`qr_code`,
      slider: sql<Uint8Array | null>`slider`,
    },
    sql`device_turn where subject_id = any ${ids('logins')} and tenant = ${value('tenant', 'text')}
      and kind = 'LOGIN'`,
  )
  const opened = (row: Sealed, field: string, sealed: Uint8Array | null) =>
    sealed === null ? null : sealing.open({ table: 'device_turn', id: row.loginId, field }, sealed)
  const secretsOf = (row: Sealed): LoginSecrets => {
    const qrCode = opened(row, 'qr_code', row.qrCode)
    return {
      qrCode: qrCode === null ? null : (JSON.parse(qrCode) as QrSecret),
      sliderUrl: opened(row, 'slider', row.slider),
    }
  }
  const readSecretsOf: LoginStore['readSecretsOf'] = async (tenant, loginIds) => {
    const known = loginIds.filter(isId)
    if (known.length === 0) return new Map()
    const rows = await statement({ tenant, logins: idList(known) })
    return new Map(rows.map(row => [row.loginId, secretsOf(row)]))
  }
  return {
    readSecretsOf,
    readSecrets: async (tenant, loginId) =>
      (await readSecretsOf(tenant, [loginId])).get(loginId) ?? { qrCode: null, sliderUrl: null },
  }
}
