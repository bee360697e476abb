// An analyst of a test's database: a login role of its own, made as an operator makes one, and gone afterwards.

import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import postgres, { type Sql } from 'postgres'
import { addAnalyst } from '../../src/db/analysts.ts'
import type { TestDatabase } from './database.ts'

export interface Analyst extends AsyncDisposable {
  readonly role: string
  /** A connection as that role, and only that. */
  readonly sql: Sql
}

/** Only on a server: the embedded engine has one user. `tenants` empty: one that was granted nothing yet. */
export const anAnalyst = async (database: TestDatabase, tenants: readonly string[]): Promise<Analyst> => {
  const role = `analyst_${randomUUID().replaceAll('-', '')}`
  const password = await grant(database, role, tenants)
  const url = new URL(database.url ?? '')
  const client = postgres(url.href, {
    username: role,
    password,
    max: 1,
    onnotice: () => {},
    fetch_types: false,
    // What keeps an honest analyst from mistakes must not be what keeps the others out.
    connection: { options: '-c default_transaction_read_only=off' },
  })
  return {
    role,
    sql: client,
    [Symbol.asyncDispose]: async () => {
      await client.end({ timeout: 5 })
      await database.rows(sql.raw(`drop owned by ${role}`))
      await database.rows(sql.raw(`drop role ${role}`))
    },
  }
}

const grant = async (database: TestDatabase, role: string, tenants: readonly string[]): Promise<string> => {
  const [first = 'default', ...more] = tenants
  const { password } = await addAnalyst(database, { role, tenant: first })
  for (const tenant of more) await addAnalyst(database, { role, tenant })
  if (tenants.length === 0) {
    await database.rows(sql`select analytics_private.remove_analyst(${role}::text)`)
  }
  return password ?? ''
}
