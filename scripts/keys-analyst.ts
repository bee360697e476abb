// npm run keys -- analyst <role>: lets a Postgres role read the schema `analytics` of the gateway's database, as one
// tenant, and says what to type as that role. A password is made where the role is, shown once and kept nowhere. What is
// most likely a slip of the hand is refused before anything is changed.

import {
  type AnalystAdded,
  addAnalyst,
  grantsOf,
  removeAnalyst,
  roleNamed,
  tenantsHere,
} from '../src/db/analysts.ts'
import type { Connection } from '../src/db/connection/connection.ts'
import { connectPostgres } from '../src/db/connection/postgres.ts'

export interface AnalystCommand {
  /** Of the gateway; null: it keeps its data in a folder. */
  readonly databaseUrl: string | null
  readonly role: string
  /** Null: `default`; where revoked, all. */
  readonly tenant: string | null
  readonly revoke: boolean
  /** Also to a tenant that nobody uses yet. */
  readonly force: boolean
}

/** The one that keys are for (see src/config.ts); there may be rows of others. */
const ownTenant = 'default'

/** Bytes that Postgres keeps of a name. */
const longestName = 63

/** What to print. Throws an Error whose message is one for the operator. */
export const analystLines = async (command: AnalystCommand): Promise<readonly string[]> => {
  const { databaseUrl, role, tenant } = command
  if (databaseUrl === null)
    throw new Error(
      'DATABASE_URL is not set, and the embedded database has one user, the gateway: see docs/sql-for-analysts.md.',
    )
  if (Buffer.byteLength(role) > longestName)
    throw new Error(
      `The name ${role} has more than ${longestName} bytes: Postgres would cut it off, and nobody be found by it.`,
    )
  const connection = await connectPostgres({ url: databaseUrl, statements: 1 })
  try {
    if (command.revoke) return [await revoke(connection, role, tenant)]
    const asked = tenant ?? ownTenant
    if (!command.force) await refuseUnused(connection, asked)
    const known = await roleNamed(connection, role)
    if (known?.logsIn === false)
      throw new Error(
        `${role} cannot log in, and what is shown depends on who logs in, not on their groups: name each person's own role.`,
      )
    if (known?.readsTables === true)
      throw new Error(
        `${role} can read the tables themselves, with every person in them: name a role of its own, which is made where there is none.`,
      )
    const added = await addAnalyst(connection, { role, tenant: asked })
    return linesOf(databaseUrl, role, (await grantsOf(connection)).get(role) ?? [], added)
  } finally {
    await connection.close()
  }
}

const refuseUnused = async (connection: Connection, tenant: string): Promise<void> => {
  const used = [ownTenant, ...(await tenantsHere(connection)).filter(name => name !== ownTenant)]
  if (used.includes(tenant)) return
  throw new Error(
    `There is no tenant ${tenant} here, only ${listed(used)}: check its name, or add --force for one that is to come.`,
  )
}

/** Nothing to take away is most likely a wrong name: somebody else still sees what they should not. */
const revoke = async (connection: Connection, role: string, tenant: string | null): Promise<string> => {
  if ((await removeAnalyst(connection, { role, tenant })) > 0)
    return `${role} sees ${tenant === null ? 'nothing' : `nothing of ${tenant}`} any more.`
  const grants = await grantsOf(connection)
  const seen = grants.get(role) ?? []
  const instead =
    grants.size === 0
      ? 'nobody sees anything here'
      : seen.length === 0
        ? `those who see something are ${listed([...grants.keys()])}`
        : `${role} sees ${listed(seen)}`
  const found = (await roleNamed(connection, role)) !== null || seen.length > 0
  const what = !found
    ? `There is no role ${role}`
    : seen.length === 0
      ? `${role} sees no tenant`
      : `${role} does not see the tenant ${tenant}`
  throw new Error(`${what}, and nothing was taken away: check its name, since ${instead}.`)
}

const mostListed = 20

const listed = (names: readonly string[]): string => {
  const shown =
    names.length > mostListed ? [...names.slice(0, mostListed), `${names.length - mostListed} more`] : names
  return [shown.slice(0, -1).join(', '), ...shown.slice(-1)].filter(part => part !== '').join(' and ')
}

const linesOf = (
  databaseUrl: string,
  role: string,
  tenants: readonly string[],
  { password, notes }: AnalystAdded,
): readonly string[] => [
  ...notes,
  `${role} may read what the views of the schema analytics show of the ${tenants.length === 1 ? 'tenant' : 'tenants'} ${listed(tenants)}:`,
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
