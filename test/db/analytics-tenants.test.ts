// Whose rows an analyst sees: those of the tenants that an operator granted, as long as they are granted.

import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { removeAnalyst } from '../../src/db/analysts.ts'
import { anAnalyst } from '../support/analyst.ts'
import { withStore } from '../support/database.ts'
import { aSignIn, viewsOf } from './analytics-given.ts'
import { aDevice, aLogin } from './given.ts'

const tableOf: Readonly<Record<string, string>> = {
  accounts: 'account',
  daily_funnel: 'login',
  device_versions: 'device_version',
  devices: 'device',
  login_events: 'login_event',
  logins: 'login',
  presence_changes: 'presence_change',
  sign_ins: 'sign_in',
}

test('an analyst sees every row of the tenants granted, none of another, and none once they are taken away', () =>
  withStore('postgres', async (store, database) => {
    for (const tenant of ['default', 'second', 'third']) {
      await aSignIn(store, tenant, 'wxid_lin')
      await aLogin(store, await aDevice(store, { tenant }), { tenant })
    }
    await using analyst = await anAnalyst(database, ['default', 'second'])
    await using stranger = await anAnalyst(database, [])
    for (const view of await viewsOf(database)) {
      const table = tableOf[view]
      if (table === undefined) throw new Error(`Of what is ${view}?`)
      const there = await database.rows<{ tenant: string; rows: number }>(
        sql.raw(
          `select tenant, count(*)::int as rows from ${table} where tenant <> 'third' group by 1 order by 1`,
        ),
      )
      expect(there).toHaveLength(2)
      const count = view === 'daily_funnel' ? 'sum(started)' : 'count(*)'
      const seen = await analyst.sql.unsafe(
        `select tenant, ${count}::int as rows from analytics.${view} group by 1 order by 1`,
      )
      expect([view, [...seen]]).toEqual([view, there])
      expect([
        ...(await analyst.sql.unsafe(`select * from analytics.${view} where tenant = 'third'`)),
      ]).toEqual([])
      expect([...(await stranger.sql.unsafe(`select * from analytics.${view}`))]).toEqual([])
    }

    const tenants = async () =>
      (await analyst.sql`select distinct tenant from analytics.logins order by 1`).map(row => row.tenant)
    await analyst.sql`set role gatehouse_analyst`
    expect(await tenants()).toEqual(['default', 'second'])
    expect(await removeAnalyst(database, { role: analyst.role, tenant: 'second' })).toBe(1)
    expect(await tenants()).toEqual(['default'])
    await analyst.sql`reset role`
    expect(await removeAnalyst(database, { role: analyst.role, tenant: null })).toBe(1)
    expect(await tenants()).toEqual([])
    expect(await removeAnalyst(database, { role: analyst.role, tenant: null })).toBe(0)
  }))
