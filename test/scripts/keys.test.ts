// npm run keys: what it says of itself, and whom it refuses to let into the database or to take out of it.

import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aDevice } from '../db/given.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { command } from './command.ts'

describe('npm run keys', () => {
  it.each([['--help'], ['analyst', '--help'], ['callback', '--help'], ['show', '--help']])(
    'tells how it is used where that is asked for: %s %s',
    async (...args) => {
      expect(await command('keys', args)).toEqual({
        code: 0,
        out: expect.stringMatching(/^Usage:\n {2}npm run keys -- show /),
        error: '',
      })
    },
  )

  it.each([[], ['analyst'], ['nothing']])(
    'tells it as a failure where it is used wrongly: %s',
    async (...args) => {
      expect(await command('keys', args)).toEqual({
        code: 1,
        out: '',
        error: expect.stringMatching(/^Usage:/),
      })
    },
  )
})

describe('npm run keys -- analyst', () => {
  let database: TestDatabase
  const roles: string[] = []
  const named = () => {
    const role = `test_${randomUUID().replaceAll('-', '')}`
    roles.push(role)
    return role
  }
  const analyst = (...args: readonly string[]) =>
    command('keys', ['analyst', ...args], { DATABASE_URL: database.url ?? '' })
  const isThere = async (role: string) =>
    (await database.rows(sql`select 1 from pg_roles where rolname = ${role}`)).length > 0
  const granted = async () =>
    await database.rows(sql`select role::text, tenant from analytics_private.analyst order by role, tenant`)
  const refused = (sentence: string) => ({ code: 1, out: '', error: `${sentence}\n` })

  beforeAll(async () => {
    database = await freshDatabase('postgres')
    const store = await database.open()
    await aDevice(store, { tenant: 'acme' })
  })
  afterAll(async () => {
    for (const role of roles)
      if (await isThere(role)) {
        await database.rows(sql.raw(`drop owned by ${role} cascade`))
        await database.rows(sql.raw(`drop role ${role}`))
      }
    await database[Symbol.asyncDispose]()
  })

  it('lets in to the tenant of the gateway and to one that has devices', async () => {
    const role = named()
    expect((await analyst(role)).code).toBe(0)
    expect(await analyst(role, '--tenant', 'acme')).toMatchObject({
      code: 0,
      out: expect.stringContaining('show of the tenants acme and default:'),
    })
    expect(await granted()).toEqual([
      { role, tenant: 'acme' },
      { role, tenant: 'default' },
    ])
    expect((await analyst(role, '--revoke')).out).toBe(`${role} sees nothing any more.\n`)
  })

  it.each(['revoke', 'tenant', 'force'])('refuses to go on where npm kept --%s to itself', async option => {
    const role = named()
    const env = { DATABASE_URL: database.url ?? '', [`npm_config_${option}`]: 'true' }
    expect(await command('keys', ['analyst', role], env)).toEqual(
      refused(
        'Mind the -- before the arguments: npm run keys -- analyst <role> --revoke. Nothing was changed.',
      ),
    )
    expect(await isThere(role)).toBe(false)
  })

  it.each([[], ['--revoke']])(
    'refuses a name of which Postgres would keep a part: %s',
    async (...options) => {
      const role = '分'.repeat(22)
      expect(await analyst(role, ...options)).toEqual(
        refused(
          `The name ${role} has more than 63 bytes: Postgres would cut it off, and nobody be found by it.`,
        ),
      )
      expect(await isThere('分'.repeat(21))).toBe(false)
    },
  )

  it('refuses a group, whose members would see nothing', async () => {
    const role = named()
    await database.rows(sql.raw(`create role ${role} nologin`))
    expect(await analyst(role)).toEqual(
      refused(
        `${role} cannot log in, and what is shown depends on who logs in, not on their groups: name each person's own role.`,
      ),
    )
    expect(await granted()).toEqual([])
  })

  it('refuses a tenant that nobody uses, and makes nothing', async () => {
    const role = named()
    expect(await analyst(role, '--tenant', 'nope')).toEqual(
      refused(
        'There is no tenant nope here, only default and acme: check its name, or add --force for one that is to come.',
      ),
    )
    expect(await isThere(role)).toBe(false)
    expect(await granted()).toEqual([])
  })

  it('lets in to a tenant that is to come where that is said', async () => {
    const role = named()
    const { code, out } = await analyst(role, '--tenant', 'later', '--force')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('show of the tenant later:') })
    expect((await analyst(role, '--tenant', 'later', '--revoke')).out).toBe(
      `${role} sees nothing of later any more.\n`,
    )
  })

  it('refuses whoever can read the tables themselves, forced or not, and grants nothing', async () => {
    const [me] = await database.rows<{ name: string }>(sql`select current_user::text as name`)
    const [reader, member] = [named(), named()]
    await database.rows(sql.raw(`create role ${reader} login`))
    await database.rows(sql.raw(`grant select on login to ${reader}`))
    await database.rows(sql.raw(`create role ${member} login noinherit in role ${reader}`))
    for (const args of [[me?.name ?? ''], [reader], [member, '--force']])
      expect(await analyst(...args)).toEqual(
        refused(
          `${args[0]} can read the tables themselves, with every person in them: name a role of its own, which is made where there is none.`,
        ),
      )
    expect(await granted()).toEqual([])
  })

  it('takes away only what there is, so that a wrong name is found out', async () => {
    const [nobody, alice, bob] = [named(), named(), named()]
    expect(await analyst(nobody, '--revoke')).toEqual(
      refused(
        `There is no role ${nobody}, and nothing was taken away: check its name, since nobody sees anything here.`,
      ),
    )
    await analyst(alice, '--tenant', 'acme')
    await database.rows(sql.raw(`create role ${bob} login`))
    expect(await analyst(nobody, '--revoke')).toEqual(
      refused(
        `There is no role ${nobody}, and nothing was taken away: check its name, since those who see something are ${alice}.`,
      ),
    )
    expect(await analyst(bob, '--tenant', 'acme', '--revoke')).toEqual(
      refused(
        `${bob} sees no tenant, and nothing was taken away: check its name, since those who see something are ${alice}.`,
      ),
    )
    expect(await analyst(alice, '--tenant', 'amce', '--revoke')).toEqual(
      refused(
        `${alice} does not see the tenant amce, and nothing was taken away: check its name, since ${alice} sees acme.`,
      ),
    )
    expect(await granted()).toEqual([{ role: alice, tenant: 'acme' }])
    expect(await analyst(alice, '--tenant', 'acme', '--revoke')).toMatchObject({ code: 0 })
    expect(await analyst(alice, '--revoke')).toMatchObject({ code: 1, out: '' })
  })

  it('takes away what a role that is gone was granted', async () => {
    const role = named()
    await analyst(role)
    await database.rows(sql.raw(`drop owned by ${role} cascade`))
    await database.rows(sql.raw(`drop role ${role}`))
    expect(await analyst(role, '--revoke')).toMatchObject({
      code: 0,
      out: `${role} sees nothing any more.\n`,
    })
    expect(await granted()).toEqual([])
  })

  it('refuses an option that it does not know', async () => {
    expect(await analyst(named(), '--tennant', 'acme')).toMatchObject({ code: 1, out: '' })
  })
})
