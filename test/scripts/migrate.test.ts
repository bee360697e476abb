// npm run db:migrate, on either engine: how much it did.

import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import { migrationsFolder } from '../../src/db/migrations.ts'
import { freshDatabase } from '../support/database.ts'
import { databaseUrl } from '../support/postgres.ts'
import { command } from './command.ts'

const said = (out: string) => ({ code: 0, out: `${out}\n`, error: '' })

const twice = async (env: Readonly<Record<string, string>>) => {
  const count = (await readdir(migrationsFolder)).filter(name => name.endsWith('.sql')).length
  expect(await command('migrate', [], env)).toEqual(
    said(`The database is up to date: ${count} migrations were applied.`),
  )
  expect(await command('migrate', [], env)).toEqual(
    said('The database is up to date: there was nothing to apply.'),
  )
}

it('says how many migrations an empty server was given, and then that there was nothing to do', async () => {
  await using database = await freshDatabase('postgres')
  const name = `gatehouse_test_${randomUUID().replaceAll('-', '')}`
  const admin = postgres(database.url ?? '', { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${name} template template0`)
  try {
    await twice({ DATABASE_URL: databaseUrl(database.url ?? '', name) })
  } finally {
    await admin.unsafe(`drop database ${name} with (force)`)
    await admin.end()
  }
})

it('says it of the embedded database', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-migrate-'))
  try {
    await twice({ DATA_DIR: folder })
    expect((await readdir(folder)).filter(name => name.includes('lock'))).toEqual([])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it('says in a sentence that a database cannot be used', async () => {
  expect(await command('migrate', [], { DATABASE_URL: 'postgres://x@127.0.0.1:1/x' })).toEqual({
    code: 1,
    out: '',
    error: expect.stringMatching(/^The database at 127\.0\.0\.1:1\/x cannot be used .*\n$/),
  })
})

it('does nothing where it is asked how it is used', async () => {
  expect(await command('migrate', ['--help'], { DATABASE_URL: 'postgres://x@127.0.0.1:1/x' })).toEqual({
    code: 0,
    out: expect.stringMatching(/^Usage: npm run db:migrate\n/),
    error: '',
  })
})
