// Taking over an upstream that was in use before: 5,000 devices, through faults, by a command that is killed in the middle
// and run again. Everything by its real parts.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import type { World } from '../../simulator/world.ts'
import { ask } from '../support/api-client.ts'
import { providerOf, startTestGateway, type TestGateway, testKey } from '../support/gateway.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Command {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<number | null>
  /** Resolves once it has printed so many pages; rejects where it ends before. */
  read(pages: number): Promise<void>
}

const runImport = ({ address }: TestGateway, provider: string): Command => {
  const child = spawn(
    process.execPath,
    [
      '--import',
      './scripts/require-node.js',
      'client/import/main.ts',
      '--provider',
      provider,
      '--url',
      address.url,
    ],
    {
      cwd: root,
      env: { PATH: process.env.PATH ?? '', GATEHOUSE_ADMIN_KEY: testKey },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let [out, err] = ['', '']
  const looks = new Set<() => void>()
  child.stdout.on('data', part => {
    out += part
    for (const look of looks) look()
  })
  child.stderr.on('data', part => {
    err += part
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    read: pages =>
      new Promise((resolve, reject) => {
        looks.add(() => {
          if (out.includes(`page ${pages}: `)) resolve()
        })
        ended.then(code => reject(new Error(`It ended with ${code} before page ${pages}:\n${out}${err}`)))
      }),
  }
}

/** Every third device has somebody signed in, every third somebody who was; on the others nobody ever was. */
const inhabit = (world: World, count: number): void => {
  for (let number = 0; number < count; number++) {
    const device = world.createDevice(`设备 ${number}`)
    if (number % 3 === 0) world.signIn(device, device.person)
    if (number % 3 === 1) world.remember(device, device.person)
  }
}

/** What the database must say, from what is upstream. */
const truth = ({ world }: Simulator) =>
  [...world.devices.values()]
    .map(({ id, account, online }) => ({ device: id, who: account?.wcId ?? null, on: online }))
    .toSorted((one, other) => (one.device < other.device ? -1 : 1))

const taken = async ({ database }: TestGateway) => {
  const rows = await database.rows<{ device: string; who: string | null; on: boolean }>(sql`
    select d.upstream_id as device, a.wc_id as who, a.presence = 'ONLINE' and exists (
      select from sign_in s where s.device_id = d.id and s.account_id = a.id and s.ended is null
        and s.login_id is null and s.found_by = 'IMPORT') as on
    from device d left join account a on a.id = d.account_id and a.device_id = d.id and a.wc_id = d.known_wc_id
    where d.device_key = d.upstream_id`)
  return rows
    .map(row => ({ ...row, on: row.on === true }))
    .toSorted((one, other) => (one.device < other.device ? -1 : 1))
}

const counts = async ({ database }: TestGateway) => {
  const [row] = await database.rows(sql`select
    (select count(*)::int from device) as devices, (select count(*)::int from account) as accounts,
    (select count(*)::int from device_version where cause = 'IMPORTED' and number = 1) as versions,
    (select count(*)::int from sign_in) as sign_ins,
    (select count(*)::int from presence_change where after = 'ONLINE' and reason = 'FOUND_ONLINE') as found,
    (select count(*)::int from device_operation) as operations`)
  return row
}

const faults = ['html502', 'reset', 'cutJson', 'unexpectedCode'] as const

/** Some pages apart. */
const breakPages = ({ world }: Simulator): void => {
  world.faults.clear()
  for (const [index, kind] of faults.entries())
    world.faults.add({ endpoint: 'listWorkstations', kind, times: 1, skip: 3 * (index + 1) })
}

const totals = (said: string) => {
  const [, found, imported, known] =
    /Found ([\d,]+) on \S+: ([\d,]+) imported, ([\d,]+) known\./.exec(said) ?? []
  return [found, imported, known].map(number => Number(number?.replaceAll(',', '')))
}

// The upstream is asked for a page a second.
test('5,000 devices are each taken once', { timeout: 240_000 }, async () => {
  await using simulator = await startSimulator()
  inhabit(simulator.world, 5_000)
  await using gateway = await startTestGateway({ engine: 'postgres', upstream: simulator })

  breakPages(simulator)
  const first = runImport(gateway, providerOf('open'))
  await first.read(12)
  first.child.kill('SIGKILL')
  await first.ended
  const half = (await taken(gateway)).length
  expect(half).toBeGreaterThan(0)
  expect(half).toBeLessThan(5_000)

  breakPages(simulator)
  const second = runImport(gateway, providerOf('open'))
  expect(await second.ended, second.err()).toBe(0)
  expect(second.err().match(/Trying again in \d+ s\./g)).toHaveLength(faults.length)
  const [found, imported = 0, known = 0] = totals(second.out())
  expect({ found, all: imported + known }).toEqual({ found: 5_000, all: 5_000 })
  expect(known).toBeGreaterThanOrEqual(half)

  expect(await taken(gateway)).toEqual(truth(simulator))
  const all = {
    devices: 5_000,
    accounts: 3_334,
    versions: 5_000,
    sign_ins: 1_667,
    found: 1_667,
    operations: 0,
  }
  expect(await counts(gateway)).toEqual(all)

  // Whoever asks once more changes nothing, and upstream nothing was ever changed.
  const input = { provider: providerOf('open'), page: '50' }
  expect(
    await ask(
      gateway.address,
      `mutation ($input: ImportDevicesInput!) {
        importDevices(input: $input) { ... on ImportDevicesPayload { found imported known total nextPage } } }`,
      { input },
    ),
  ).toEqual({ found: 100, imported: 0, known: 100, total: 5_000, nextPage: null })
  expect(await counts(gateway)).toEqual(all)
  const reads = ['listWorkstations', 'queryLoginDevice', 'isOnline', 'offlineReason']
  expect(Object.keys(simulator.log.totals()).filter(endpoint => !reads.includes(endpoint))).toEqual([])
})
