// Instances whose clocks differ write versions of one device: none begins before the one that it ends.

import { expect, test } from 'vitest'
import { followClock } from '../../src/db/clock.ts'
import { withStore } from '../support/database.ts'
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
