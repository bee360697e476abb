// Who may read the schema `analytics`, and as which tenant: asked of functions that stand in the database, so that an
// operator with psql does the same. Knows nothing of what the views show.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Connection } from './connection/connection.ts'
import { DatabaseError } from './errors.ts'

/** The database has no such schema: nobody has migrated it yet. */
export class AnalyticsMissingError extends Error {
  override readonly name = 'AnalyticsMissingError'
}

export interface AnalystAdded {
  /** Null: the role was there before, and has the one that it had. Kept nowhere. */
  readonly password: string | null
  /** Sentences for the operator. */
  readonly notes: readonly string[]
}

type Rows = Pick<Connection, 'rows'>

/** Makes the role where there is none. Throws DatabaseError (42501) whose message says what a DBA must type. */
export const addAnalyst = async (
  connection: Rows,
  { role, tenant }: { readonly role: string; readonly tenant: string },
): Promise<AnalystAdded> =>
  await migrated(async () => {
    const found = await connection.rows(sql`select 1 from pg_roles where rolname = ${role}::text::name`)
    const password = found.length > 0 ? null : randomBytes(18).toString('base64url')
    const verifier = password === null ? null : scramVerifier(password)
    const notes = await connection.rows<{ note: string }>(
      sql`select note from analytics_private.add_analyst(${role}::text, ${tenant}::text, ${verifier}::text) as note`,
    )
    return { password, notes: notes.map(({ note }) => note) }
  })

/** Takes one tenant away, or all (null); the role stays. Answers with how many it had. */
export const removeAnalyst = async (
  connection: Rows,
  { role, tenant }: { readonly role: string; readonly tenant: string | null },
): Promise<number> =>
  await migrated(async () => {
    const [removed] = await connection.rows<{ had: number }>(
      sql`select analytics_private.remove_analyst(${role}::text, ${tenant}::text) as had`,
    )
    return removed?.had ?? 0
  })

const migrated = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DatabaseError && error.code === '3F000')
      throw new AnalyticsMissingError('This database is not migrated yet: run "npm run db:migrate" first.')
    throw error
  }
}

const iterations = 4_096

/** What Postgres keeps of a password (RFC 5803): sent instead of it, so that no log of the server shows it. */
export const scramVerifier = (password: string, salt: Uint8Array = randomBytes(16)): string => {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest()
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`
}
