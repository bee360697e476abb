// Reading logins: one, many, a page, how many, and what a call or a person may be told of one.

import { and, eq, sql } from 'drizzle-orm'
import type { QrSecret } from '../login/observation.ts'
import type { Connection, Database } from './connection/connection.ts'
import { isId } from './ids.ts'
import { loginCount, loginCountsOf, loginKeys, loginPage, loginPagesOf } from './login-pages.ts'
import { type LoginRow, loginRecord, selectLogins } from './login-records.ts'
import type { ReadEnd } from './record.ts'
import type { LoginSecrets } from './records.ts'
import type { Sealing } from './sealing.ts'
import { ask, idList, ids, prepare, rowsOf, value } from './statement.ts'
import type { LoginStore } from './store.ts'
import { login } from './tables/login.ts'

type Unreadable = (loginId: string, error: unknown) => void

/** `pages`: where lists are read, see `Connection`. */
export const loginReaders = (
  { db, forPages: pages }: Pick<Connection, 'db' | 'forPages'>,
  unreadable: Unreadable,
): Pick<
  LoginStore,
  'readLogin' | 'readLogins' | 'pageLogins' | 'countLogins' | 'readLoginsOf' | 'countLoginsOf'
> => {
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
      const statement = loginPage(pages, tenant, where, order, page)
      if (statement === null) return []
      return loginKeys(order, page)
        .shown(await ask(() => statement))
        .map(record)
    },
    countLogins: async (tenant, where) => {
      const statement = loginCount(tenant, where)
      if (statement === null) return 0
      const [row] = await rowsOf<{ count: number }>(pages, statement)
      return row?.count ?? 0
    },
    readLoginsOf: async (tenant, whose, ids, where, order, page) => {
      const { shown } = loginKeys(order, page)
      const known = ids.filter(isId)
      if (known.length === 0) return new Map()
      const rows = await ask(() => loginPagesOf(pages, tenant, whose, known, where, order, page))
      const groups = Map.groupBy(
        rows,
        ({ login: row }) => row[whose === 'device' ? 'deviceId' : 'accountId'] ?? '',
      )
      return new Map([...groups].map(([id, group]) => [id, shown(group).map(record)]))
    },
    countLoginsOf: async (tenant, whose, ids, where) => {
      const known = ids.filter(isId)
      if (known.length === 0) return new Map()
      const rows = await rowsOf<{ id: string; count: number }>(
        pages,
        loginCountsOf(tenant, whose, known, where),
      )
      return new Map(rows.map(({ id, count }) => [id, count]))
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
