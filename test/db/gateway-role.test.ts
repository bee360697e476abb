// A gateway that connects as a role of its own, and not as the owner of its tables (ADR 13 reckons with one), goes on
// working when the operator lets an analyst in.

import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { foldLogins } from '../../src/db/fold.ts'
import { statisticsStore } from '../../src/db/statistics.ts'
import { freshDatabase } from '../support/database.ts'
import { aDevice, aLogin, signedIn, tenant, withQrCode } from './given.ts'

test('a gateway that is not the owner counts logins, before and after an analyst was let in', async () => {
  await using database = await freshDatabase('postgres')
  const role = `gateway_${randomUUID().replaceAll('-', '')}`
  await database.rows(sql.raw(`create role ${role} login password 'gateway'`))
  try {
    for (const statement of [
      `grant usage on schema public to ${role}`,
      `grant select, insert, update, delete on all tables in schema public to ${role}`,
      `grant execute on all functions in schema public to ${role}`,
    ])
      await database.rows(sql.raw(statement))
    const store = await database.open()
    const { loginId } = await aLogin(store, await aDevice(store))
    await withQrCode(store, loginId)
    await signedIn(store, loginId)

    const url = new URL(database.url ?? '')
    url.username = role
    url.password = 'gateway'
    const connection = await connectPostgres({ url: url.href, statements: 1 })
    try {
      const started = async () => {
        const answer = await statisticsStore(connection).readLoginStatistics(tenant, {
          where: {},
          groupBy: [],
          interval: null,
          timeZone: 'UTC',
          durations: true,
          dialects: {},
        })
        return answer.kind === 'COUNTED' ? answer.rows[0]?.started : answer.kind
      }
      expect(await started()).toBe(1)
      // What `npm run keys -- analyst` begins with, and the migration itself once it comes after the functions.
      await database.rows(sql`select analytics_private.open_views()`)
      expect(await started()).toBe(1)
      expect((await foldLogins(connection)).logins).toBe(1)
    } finally {
      await connection.close()
    }
  } finally {
    await database.rows(sql.raw(`drop owned by ${role}`))
    await database.rows(sql.raw(`drop role ${role}`))
  }
})
