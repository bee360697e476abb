// How roles come to be: cluster-wide, while several databases migrate at once, by an owner that may or may not make
// roles, and by the operator's command.

import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import postgres, { type Sql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { analystLines } from '../../scripts/keys-analyst.ts'
import { AnalyticsMissingError, addAnalyst, scramVerifier } from '../../src/db/analysts.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { databaseUrl } from '../support/postgres.ts'
import { analyticsStatements } from './analytics-given.ts'
import { aDevice, aLogin } from './given.ts'

const unused = (): string => `test_${randomUUID().replaceAll('-', '')}`

/** Says the migration anew, for a group of that name. */
const migrateFor = async (client: Sql, group: string): Promise<void> => {
  const statements = await analyticsStatements()
  await client.begin(async transaction => {
    for (const statement of statements)
      await transaction.unsafe(statement.replaceAll('gatehouse_analyst', group))
  })
}

const session = (url: string, told: string[] = []): Sql =>
  postgres(url, { max: 1, fetch_types: false, onnotice: notice => told.push(notice.message ?? '') })

const withRoles = async (
  work: (database: TestDatabase, role: (name: string) => void) => Promise<void>,
): Promise<void> => {
  const roles: string[] = []
  await using database = await freshDatabase('postgres')
  try {
    await work(database, name => roles.push(name))
  } finally {
    for (const role of roles.toReversed()) {
      await database.rows(sql.raw(`drop owned by ${role} cascade`))
      await database.rows(sql.raw(`drop role ${role}`))
    }
  }
}

describe('the role of analysts', () => {
  test('is made once by databases of one server that migrate at the same moment', () =>
    withRoles(async (database, remember) => {
      const group = unused()
      const others = await Promise.all(Array.from({ length: 4 }, () => freshDatabase('postgres')))
      const clients = [database, ...others].map(({ url }) => session(url ?? ''))
      try {
        await Promise.all(clients.map(client => migrateFor(client, group)))
        expect(await database.rows(sql`select rolcanlogin from pg_roles where rolname = ${group}`)).toEqual([
          { rolcanlogin: false },
        ])
        for (const client of clients)
          expect([
            ...(await client`select has_table_privilege(${group}, 'analytics.logins', 'select') as may`),
          ]).toEqual([{ may: true }])
      } finally {
        await Promise.all(clients.map(client => client.end()))
        await Promise.all(others.map(other => other[Symbol.asyncDispose]()))
        remember(group)
      }
    }))

  test('need not be made by an owner who may not: the migration goes on, and says what a superuser types', () =>
    withRoles(async (database, remember) => {
      const [group, owner, alice] = [unused(), unused(), unused()]
      await database.rows(sql.raw(`create role ${owner} login password 'owner'`))
      remember(owner)
      const [name] = await database.rows<{ name: string; me: string }>(
        sql`select current_database() as name, current_user as me`,
      )
      const everything = [
        'schema public',
        'schema analytics',
        'schema analytics_private',
        `database ${name?.name}`,
      ]
      for (const one of everything) await database.rows(sql.raw(`alter ${one} owner to ${owner}`))
      await database.rows(
        sql.raw(`do $$ declare one record; begin
          for one in select format('alter table %s owner to ${owner}', c.oid::regclass) as it from pg_class c
            where c.relnamespace in ('public'::regnamespace, 'analytics'::regnamespace, 'analytics_private'::regnamespace)
              and c.relkind in ('r', 'p', 'v') loop execute one.it; end loop;
          for one in select format('alter function %s owner to ${owner}', p.oid::regprocedure) as it from pg_proc p
            where p.pronamespace in ('public'::regnamespace, 'analytics_private'::regnamespace)
              and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') loop execute one.it; end loop;
        end $$`),
      )
      const url = new URL(database.url ?? '')
      url.username = owner
      url.password = 'owner'
      const told: string[] = []
      const client = session(url.href, told)
      const add = async (password: string | null = null) =>
        await client
          .unsafe(
            `select note from analytics_private.add_analyst('${alice}', 'default', ${password === null ? 'null' : `'${password}'`}) as note`,
          )
          .then(
            rows => rows.map(row => String(row.note)),
            error => String((error as Error).message),
          )
      try {
        await migrateFor(client, group)
        expect(told.join('\n')).toContain(`CREATE ROLE ${group} NOLOGIN;`)
        expect(await add()).toContain(`let a superuser type: CREATE ROLE ${group} NOLOGIN;`)
        await database.rows(sql.raw(`create role ${group} nologin`))
        remember(group)
        expect(await add()).toBe(`There is no role ${alice}: give a password to have it made.`)
        expect(await add('secret')).toContain(`CREATE ROLE ${alice} LOGIN`)
        await database.rows(sql.raw(`create role ${alice} login password 'secret'`))
        remember(alice)
        expect(await add()).toContain(`let a superuser type: GRANT ${group} TO ${alice};`)
        await database.rows(sql.raw(`grant ${group} to ${alice}`))
        expect(await add()).toEqual(['There is no device of a tenant default: check its name.'])
        expect(
          await database.rows(sql`select has_table_privilege(${alice}, 'analytics.logins', 'select') as may,
            has_table_privilege(${alice}, 'public.login', 'select') as more`),
        ).toEqual([{ may: true, more: false }])
      } finally {
        await client.end()
        await database.rows(sql.raw(`reassign owned by ${owner} to ${name?.me}`))
      }
    }))
})

describe('npm run keys -- analyst', () => {
  test('makes the role, prints what to type and, once, its password', () =>
    withRoles(async (database, remember) => {
      const role = unused()
      const command = { databaseUrl: database.url, role, tenant: null, revoke: false, force: false }
      const lines = await analystLines(command)
      remember(role)
      const { host, pathname } = new URL(database.url ?? '')
      expect(lines.join('\n')).toContain(`psql 'postgresql://${role}@${host}${pathname}' -c 'select `)
      const password = /Password, shown only now: (\S{24})$/.exec(lines.at(-1) ?? '')?.[1] ?? ''
      const [kept] = await database.rows<{ verifier: string }>(
        sql`select rolpassword as verifier from pg_authid where rolname = ${role}`,
      )
      const salt = Buffer.from(/:(.+?)\$/.exec(kept?.verifier ?? '')?.[1] ?? '', 'base64')
      expect(scramVerifier(password, salt)).toBe(kept?.verifier)
      const again = await analystLines(command)
      expect(again.at(-1)).toBe('The password is the one that the role had before.')
      expect(await analystLines({ ...command, revoke: true })).toEqual([`${role} sees nothing any more.`])
      await expect(analystLines({ ...command, revoke: true })).rejects.toThrow(/nothing was taken away/)
    }))

  test('keeps of a password what the server itself would', () =>
    withRoles(async (database, remember) => {
      const role = unused()
      await database.rows(sql`set password_encryption = 'scram-sha-256'`)
      await database.rows(sql.raw(`create role ${role} login password 'open sesame'`))
      remember(role)
      const [kept] = await database.rows<{ verifier: string }>(
        sql`select rolpassword as verifier from pg_authid where rolname = ${role}`,
      )
      const salt = Buffer.from(/:(.+?)\$/.exec(kept?.verifier ?? '')?.[1] ?? '', 'base64')
      expect(scramVerifier('open sesame', salt)).toBe(kept?.verifier)
    }))

  test('a role that is made anew under a name sees nothing of what the one before saw', () =>
    withRoles(async (database, remember) => {
      const store = await database.open()
      for (const tenant of ['default', 'acme'])
        await aLogin(store, await aDevice(store, { tenant }), { tenant })
      const role = unused()
      await addAnalyst(database, { role, tenant: 'default' })
      await addAnalyst(database, { role, tenant: 'acme' })
      await database.rows(sql.raw(`drop owned by ${role}`))
      await database.rows(sql.raw(`drop role ${role}`))
      await database.rows(
        sql.raw(`create role ${role} login password 'open sesame' in role gatehouse_analyst`),
      )
      remember(role)
      const url = new URL(database.url ?? '')
      url.username = role
      url.password = 'open sesame'
      const client = session(url.href)
      const tenants = async () =>
        (await client`select distinct tenant from analytics.logins order by 1`).map(({ tenant }) => tenant)
      try {
        expect(await tenants()).toEqual([])
        await addAnalyst(database, { role, tenant: 'acme' })
        expect(await tenants()).toEqual(['acme'])
      } finally {
        await client.end()
      }
    }))

  test('in SQL says of a role that can read the tables that it is no analyst', async () => {
    await using database = await freshDatabase('postgres')
    const [me] = await database.rows<{ name: string }>(sql`select current_user::text as name`)
    const { password, notes } = await addAnalyst(database, { role: me?.name ?? '', tenant: 'default' })
    expect(password).toBeNull()
    expect(notes.join('\n')).toContain('can read the tables themselves')
  })

  test('refuses a database without the views, and the embedded one', async () => {
    await using database = await freshDatabase('postgres')
    const command = {
      databaseUrl: databaseUrl(database.url ?? '', 'postgres'),
      role: unused(),
      tenant: null,
      revoke: false,
      force: false,
    }
    await expect(analystLines(command)).rejects.toThrow(AnalyticsMissingError)
    await expect(analystLines({ ...command, databaseUrl: null })).rejects.toThrow(/^DATABASE_URL is not set/)
  })
})
