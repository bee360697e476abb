// npm run keys -- analyst <role>: lets a Postgres role read the schema `analytics` of the gateway's database, as one
// tenant, and says what to type as that role. A password is made where the role is, shown once and kept nowhere.

import { type AnalystAdded, addAnalyst, removeAnalyst } from '../src/db/analysts.ts'
import { connectPostgres } from '../src/db/connection/postgres.ts'

export interface AnalystCommand {
  /** Of the gateway; null: it keeps its data in a folder. */
  readonly databaseUrl: string | null
  readonly role: string
  /** Null: `default`; where revoked, all. */
  readonly tenant: string | null
  readonly revoke: boolean
}

/** What to print. Throws an Error whose message is one for the operator. */
export const analystLines = async (command: AnalystCommand): Promise<readonly string[]> => {
  const { databaseUrl, role, tenant } = command
  if (databaseUrl === null)
    throw new Error(
      'DATABASE_URL is not set, and the embedded database has one user, the gateway: see docs/sql-for-analysts.md.',
    )
  const connection = await connectPostgres({ url: databaseUrl, statements: 1 })
  try {
    if (command.revoke) {
      const had = await removeAnalyst(connection, { role, tenant })
      return [
        had === 0
          ? `${role} saw no such tenant.`
          : `${role} sees ${tenant === null ? 'nothing' : `nothing of ${tenant}`} any more.`,
      ]
    }
    const added = await addAnalyst(connection, { role, tenant: tenant ?? 'default' })
    return linesOf(databaseUrl, role, tenant ?? 'default', added)
  } finally {
    await connection.close()
  }
}

const linesOf = (
  databaseUrl: string,
  role: string,
  tenant: string,
  { password, notes }: AnalystAdded,
): readonly string[] => [
  ...notes,
  `${role} may read what the views of the schema analytics show of the tenant ${tenant}:`,
  '',
  `  psql '${addressOf(databaseUrl, role)}' -c 'select * from analytics.daily_funnel order by day desc limit 10'`,
  '',
  password === null
    ? 'The password is the one that the role had before.'
    : `Password, shown only now: ${password}`,
]

/** The gateway's own, with the analyst's name; neither its password nor its settings but for how it encrypts. */
const addressOf = (databaseUrl: string, role: string): string => {
  const user = encodeURIComponent(role).replaceAll("'", '%27')
  // Several hosts are none to URL.
  if (!URL.canParse(databaseUrl)) return `postgresql://${user}@<host>/<database>`
  const { host, pathname, searchParams } = new URL(databaseUrl)
  const mode = searchParams.get('sslmode')
  return `postgresql://${user}@${host}${pathname}${mode === null ? '' : `?sslmode=${encodeURIComponent(mode)}`}`
}
