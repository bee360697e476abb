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

/** Whose devices stand here, by name. A tenant of which there is none yet may be used all the same. */
export const tenantsHere = async (connection: Rows): Promise<readonly string[]> =>
  await migrated(async () => {
    const found = await connection.rows<{ tenant: string }>(
      sql`select distinct tenant from public.device order by tenant`,
    )
    return found.map(({ tenant }) => tenant)
  })

/** Whoever sees something, and what; also under names of roles that are gone. */
export const grantsOf = async (connection: Rows): Promise<ReadonlyMap<string, readonly string[]>> =>
  await migrated(async () => {
    const found = await connection.rows<{ role: string; tenants: string }>(sql`
      select role::text, json_agg(tenant order by tenant)::text as tenants
      from analytics_private.analyst group by role order by role`)
    return new Map(found.map(({ role, tenants }) => [role, JSON.parse(tenants) as readonly string[]]))
  })

/** `readsTables`: as itself or as a role that it may become, so that no view keeps anything from it. `logsIn`: it is somebody, and not a group. Null: there is none. */
export const roleNamed = async (
  connection: Rows,
  role: string,
): Promise<{ readonly readsTables: boolean; readonly logsIn: boolean } | null> =>
  await migrated(async () => {
    const [found] = await connection.rows<{ readsTables: boolean; logsIn: boolean }>(sql`
      select r.rolcanlogin as "logsIn", exists (
        select from pg_class c join pg_class l on l.oid = 'public.login'::regclass
        join pg_roles may on pg_has_role(r.oid, may.oid, 'MEMBER')
        where c.relnamespace = l.relnamespace and c.relowner = l.relowner and c.relkind in ('r', 'p')
          and has_any_column_privilege(may.oid, c.oid, 'SELECT')
      ) as "readsTables"
      from pg_roles r where r.rolname = ${role}::text::name`)
    return found ?? null
  })

const migrated = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    // Without the schema, or without any table.
    if (error instanceof DatabaseError && (error.code === '3F000' || error.code === '42P01'))
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
