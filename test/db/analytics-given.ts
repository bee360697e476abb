// What the tests of the views for analysts begin from.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { addAnalyst } from '../../src/db/analysts.ts'
import { migrationsFolder } from '../../src/db/migrations.ts'
import type { Store } from '../../src/db/store.ts'
import type { TestDatabase } from '../support/database.ts'
import { aDevice, aLogin, aProfile, scanned, signedIn, withQrCode } from './given.ts'

/** What the migration says, statement by statement. */
export const analyticsStatements = async (): Promise<readonly string[]> => {
  const journal = JSON.parse(await readFile(join(migrationsFolder, 'meta/_journal.json'), 'utf8')) as {
    entries: readonly { tag: string }[]
  }
  const { tag } = journal.entries.find(entry => entry.tag.endsWith('_analytics')) ?? { tag: '' }
  const text = await readFile(join(migrationsFolder, `${tag}.sql`), 'utf8')
  return text.split('--> statement-breakpoint')
}

/** Whoever the test itself is in the database sees these tenants. */
export const grantMe = async (database: TestDatabase, ...tenants: readonly string[]): Promise<void> => {
  const [me] = await database.rows<{ name: string }>(sql`select session_user::text as name`)
  for (const tenant of tenants) await addAnalyst(database, { role: me?.name ?? '', tenant })
}

/** Somebody signs in on a new device of that tenant. */
export const aSignIn = async (store: Store, tenant: string, wcId: string) => {
  const deviceId = await aDevice(store, { tenant })
  const { loginId } = await aLogin(store, deviceId, { tenant })
  await withQrCode(store, loginId)
  await scanned(store, loginId)
  await signedIn(store, loginId, aProfile({ wcId }))
  return { deviceId, loginId }
}

/** Names of all that an analyst may read. */
export const viewsOf = async (database: TestDatabase): Promise<readonly string[]> =>
  (
    await database.rows<{ name: string }>(
      sql`select relname as name from pg_class where relnamespace = 'analytics'::regnamespace order by 1`,
    )
  ).map(({ name }) => name)
