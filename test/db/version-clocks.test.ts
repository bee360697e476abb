// Clocks of instances on one database: how near they begin, and what is written where they differ.

import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { followClock } from '../../src/db/clock.ts'
import { engines, freshDatabase, withStore } from '../support/database.ts'
import { aDevice, tenant } from './given.ts'

test('a version never ends before it began, whatever the clocks of those who wrote', () =>
  withStore('postgres', async (store, database) => {
    const deviceId = await aDevice(store)
    const clock = followClock()
    const ahead = { now: () => clock.now() + 50, learn: clock.learn.bind(clock) }
    const other = await database.open({ clock: ahead, instanceId: 'other' })
    await other.updateDevice({ tenant, deviceId, change: { label: 'first' }, changedBy: 'shop' })
    await store.updateDevice({ tenant, deviceId, change: { label: 'second' }, changedBy: 'shop' })
    const page = { limit: 10, after: null }
    const versions = (await store.readDeviceVersions(tenant, [deviceId], page)).get(deviceId) ?? []
    expect(versions.map(({ label }) => label)).toEqual(['second', 'first', null])
    for (const { validFrom, validTo } of versions)
      expect(validTo ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(validFrom)
  }))

test.each(engines)('one answer that a busy start delayed does not set the clock, on %s', async engine => {
  await using database = await freshDatabase(engine)
  let late = 10_000
  let passed = 0
  const clock = followClock(() => performance.now() + passed)
  const learn: typeof clock.learn = ask =>
    clock.learn(async () => {
      const theirs = await ask()
      passed += late
      late = 0
      return theirs
    })
  const store = await database.open({ clock: { now: clock.now, learn } })
  const [now] = await database.rows<{ now: number }>(sql`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`)
  expect(Math.abs(store.clock.now() - (now?.now ?? 0))).toBeLessThan(1_000)
})
