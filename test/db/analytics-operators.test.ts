// Where an analyst is let in and sees nothing, and what a restore trips over.

import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { expect, test } from 'vitest'
import { addAnalyst } from '../../src/db/analysts.ts'
import { newId } from '../../src/db/ids.ts'
import { freshDatabase } from '../support/database.ts'
import { aDevice, tenant } from './given.ts'

test('a role that a DBA made without INHERIT, and which is a member, reads the views or is told why not', async () => {
  await using database = await freshDatabase('postgres')
  const role = `analyst_${randomUUID().replaceAll('-', '')}`
  await database.rows(
    sql.raw(`create role ${role} login noinherit password 'secret' in role gatehouse_analyst`),
  )
  try {
    const store = await database.open()
    await aDevice(store)
    const { notes } = await addAnalyst(database, { role, tenant })
    const url = new URL(database.url ?? '')
    const client = postgres(url.href, { username: role, password: 'secret', max: 1, fetch_types: false })
    try {
      const read = await client`select count(*)::int as count from analytics.devices`.then(
        rows => rows[0]?.count as number,
        (error: Error) => error.message,
      )
      expect({ read, told: notes.length > 0 }).not.toEqual({
        read: 'permission denied for schema analytics',
        told: false,
      })
    } finally {
      await client.end()
    }
  } finally {
    await database.rows(sql.raw(`drop owned by ${role}`))
    await database.rows(sql.raw(`drop role ${role}`))
  }
})

test('a role that is made anew under the name of one that was dropped does not see what that one was granted', async () => {
  await using database = await freshDatabase('postgres')
  const role = `analyst_${randomUUID().replaceAll('-', '')}`
  const store = await database.open()
  for (const of of ['acme', 'default']) await aDevice(store, { tenant: of })
  await addAnalyst(database, { role, tenant: 'acme' })
  await database.rows(sql.raw(`drop owned by ${role}`))
  await database.rows(sql.raw(`drop role ${role}`))
  // Somebody else of that name, years later.
  const { password } = await addAnalyst(database, { role, tenant: 'default' })
  const client = postgres(database.url ?? '', {
    username: role,
    password: password ?? '',
    max: 1,
    fetch_types: false,
  })
  try {
    expect([...(await client`select distinct tenant from analytics.devices order by 1`)]).toEqual([
      { tenant: 'default' },
    ])
  } finally {
    await client.end()
    await database.rows(sql.raw(`drop owned by ${role}`))
    await database.rows(sql.raw(`drop role ${role}`))
  }
})

test('a function of somebody else in the same schema stays callable', async () => {
  await using database = await freshDatabase('postgres')
  await database.rows(sql`create function public.of_another_program() returns integer language sql return 1`)
  const may = async () =>
    await database.rows(
      sql`select has_function_privilege('pg_monitor', 'public.of_another_program()', 'execute') as may`,
    )
  expect(await may()).toEqual([{ may: true }])
  await database.rows(sql`select analytics_private.open_views()`)
  expect(await may()).toEqual([{ may: true }])
})

test('logins can be restored into the tables with the empty search_path that pg_dump sets', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  const device = await aDevice(store)
  const client = postgres(database.url ?? '', { max: 1, fetch_types: false })
  try {
    await client`select pg_catalog.set_config('search_path', '', false)`
    const now = Date.now()
    await client`
      insert into public.login (id, tenant, device_id, provider, strategy, method, device_type, proxied, first_on_device, started_by,
        state, sequence, version, reason, advisories, qr_codes_asked, started, updated, ended)
      values (${newId(now)}, ${tenant}, ${device}, 'demo', 'AUTO', 'QR_CODE', 'IPAD', false, false, 'test', 'CANCELLED', 2, 2,
        'CANCELLED_BY_CALLER', '[]', '[]', now(), now(), now())`
    expect([...(await client`select count(*)::int as waiting from public.login_unfolded`)]).toEqual([
      { waiting: 1 },
    ])
  } finally {
    await client.end()
  }
})
