// What a login that waits costs: polls that are never closer than a second, no row written for an answer that changed
// nothing, and no poll after the end.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import { collect, registerDevice, startLogin, watchBySocket } from '../support/api-client.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

let simulator: Simulator
let gateway: TestGateway

beforeAll(async () => {
  simulator = await startSimulator()
  gateway = await startTestGateway({ engine: 'postgres', upstream: simulator })
})

afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]()
  await simulator?.close()
})

/** Which transaction wrote each row of every table last. The heartbeat is no poll's doing. */
const everyRow = async (): Promise<readonly string[]> => {
  const { database } = gateway
  if (database === null) throw new Error('No database of its own')
  const tables = await database.rows<{ name: string }>(
    sql`select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename <> 'instance'`,
  )
  const rows: string[] = []
  for (const { name } of tables) {
    const written = await database.rows<{ by: string; count: number }>(
      sql.raw(`select xmin::text as by, count(*)::int as count from ${name} group by 1 order by 1`),
    )
    rows.push(...written.map(({ by, count }) => `${name}: ${count} by ${by}`))
  }
  return rows
}

it('a login that waits to be scanned writes nothing, and one that has ended is not polled', async () => {
  const { address, gatehouse } = gateway
  const { device } = await registerDevice(address, {
    provider: 'upstream',
    deviceKey: 'quiet',
    province: '广东',
  })
  if (device === undefined) throw new Error('Not registered')
  const { login } = await startLogin(address, { deviceId: device.id, strategy: 'QR_CODE' })
  if (login === undefined) throw new Error('Not started')
  const watched = collect(watchBySocket(address, login.id, 0))
  await simulator.world.when('polled', device.upstreamId, 2)

  const before = await everyRow()
  expect(before.length).toBeGreaterThan(4)
  const recorded = gatehouse.polling.records
  await simulator.world.when('polled', device.upstreamId, 6)
  expect(await everyRow()).toEqual(before)
  expect(gatehouse.polling.records).toBe(recorded)
  expect(gatehouse.polling.unchangedPolls).toBeGreaterThanOrEqual(4)

  simulator.world.phone(device.upstreamId).scan()
  await simulator.world.when('scanSeen', device.upstreamId)
  simulator.world.phone(device.upstreamId).confirm()
  await watched
  const polls = simulator.world.calls('checkLoginShort', device.upstreamId)
  for (const [index, poll] of polls.entries()) {
    const next = polls[index + 1]
    if (next) expect(next.began - poll.began).toBeGreaterThanOrEqual(1_000)
  }
  // A poll that was under way at the end would have come by the time that another login has been polled twice.
  const other = await registerDevice(address, { provider: 'upstream', deviceKey: 'other', province: '广东' })
  if (other.device === undefined) throw new Error('Not registered')
  await startLogin(address, { deviceId: other.device.id, strategy: 'QR_CODE' })
  await simulator.world.when('polled', other.device.upstreamId, 2)
  expect(simulator.world.calls('checkLoginShort', device.upstreamId)).toHaveLength(polls.length)
  expect(simulator.world.device(device.upstreamId).watch).toMatchObject({
    pollsAfterSuccess: 0,
    pollsTooSoon: 0,
  })
})
