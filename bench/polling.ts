// What a poll costs: thousands of logins that wait for a scan and whose answers do not change, against the shortest
// loop that asks the same.

import { type Benchmark, interleaved, type Row, type Settings, type Table } from './benchmark.ts'
import { strained } from './polling-strained.ts'
import type { BarePolls } from './processes/bare-polls.ts'
import type { Gateway } from './processes/gateway.ts'
import type { OpenUpstream } from './processes/open-upstream.ts'
import { startChild } from './support/child.ts'
import { median } from './support/numbers.ts'
import { type Postgres, startPostgres } from './support/postgres.ts'
import { fillDatabase, letGo, rowsWritten } from './support/seed.ts'
import { until } from './support/until.ts'

/** What the adapter opens at most to one upstream, for polls. */
const connections = 256
/** Seconds in which everything is compiled and every login has been polled. */
const warmUp = 6
const every = 2_000

export const polling: Benchmark = {
  name: 'polling',
  says: 'what a poll of an unchanged login costs, against a bare loop over undici `request`',
  run: async settings => {
    const { rounds = 5, seconds = 60, logins = [10_000, 20_000, 40_000] } = withDefaults(settings)
    await using database = await startPostgres()
    const rows: Row[] = []
    const goals: NonNullable<Table['goals']>[number][] = []
    for (const size of logins) {
      const { bare, ours } = await compare(database, settings, size, rounds, seconds)
      const ratios = ours.map((one, round) => one.usPerPoll / (bare[round]?.usPerPoll ?? Number.NaN))
      rows.push(bareRow(size, bare), oursRow(size, ours, ratios))
      goals.push({ what: `${size} logins: CPU per poll, × bare`, reached: ratios, atMost: 1 })
      if (size === 20_000)
        goals.push({ what: `${size} logins: lag p99, ms`, reached: ours.map(one => one.lagP99), atMost: 25 })
      goals.push({
        what: `${size} logins: rows written to the database`,
        reached: ours.map(one => one.rowsWritten),
        atMost: 0,
      })
      goals.push({
        what: `${size} logins: kB of heap per login`,
        reached: ours.map(one => one.heapPerLogin / 1_024),
        atMost: 4,
      })
    }
    const title = `polling: ${seconds} s, ${rounds} rounds`
    return [{ title, rows, goals }, ...(await strained(database, settings))]
  },
}

const withDefaults = ({ rounds, seconds, logins }: Settings) => ({
  ...(rounds === null ? {} : { rounds }),
  ...(seconds === null ? {} : { seconds }),
  ...(logins === null ? {} : { logins }),
})

const compare = async (
  postgres: Postgres,
  settings: Settings,
  logins: number,
  rounds: number,
  seconds: number,
) => {
  settings.say(`polling: filling a database with ${logins} logins`)
  await using filled = await fillDatabase(postgres, { logins })
  const run = { bare: bareRun, ours: oursRun }
  return await interleaved(rounds, ['bare', 'ours'] as const, async (name, round) => {
    await using upstream = await startChild<OpenUpstream>('open-upstream', 'LOAD')
    await using database = await postgres.fresh(filled.url)
    const result = await run[name]({
      upstream,
      databaseUrl: database.url,
      logins,
      seconds,
      profile:
        settings.profile === null
          ? null
          : `${settings.profile}/polling-${logins}-${name}-${round + 1}.cpuprofile`,
    })
    settings.say(
      `polling: ${logins} logins, round ${round + 1}, ${name}: ${result.usPerPoll.toFixed(1)} µs a poll, ${result.pollsPerSecond.toFixed(0)}/s`,
    )
    return result
  })
}

interface Run {
  readonly upstream: Awaited<ReturnType<typeof startChild<OpenUpstream>>>
  readonly databaseUrl: string
  readonly logins: number
  readonly seconds: number
  readonly profile: string | null
}

interface Result {
  readonly usPerPoll: number
  readonly pollsPerSecond: number
  readonly lagP99: number
  readonly lagMost: number
  readonly gcShare: number
  readonly connections: number
  readonly peak: number
  readonly upstreamShare: number
  readonly idleShare: number
  readonly rowsWritten: number
  readonly heapPerLogin: number
  readonly residentPerLogin: number
}

const bareRun = async ({ upstream, logins, seconds, profile }: Run): Promise<Result> => {
  const { url } = await upstream.ask('listen')
  await using bare = await startChild<BarePolls>('bare-polls', 'MEASURED')
  const idle = await bare.ask('measure', idleSeconds(seconds))
  const before = await bare.ask('memory')
  await bare.ask('start', { url, logins, connections, every })
  await bare.ask('measure', warmUp)
  const loadBefore = await upstream.ask('counts')
  const busy = await bare.ask('measure', seconds)
  const loadAfter = await upstream.ask('counts')
  const after = await bare.ask('memory')
  if (profile !== null) await bare.ask('profile', { file: profile, seconds })
  return {
    ...costs(idle, busy),
    connections: loadAfter.mostConnections,
    peak: loadAfter.peak,
    upstreamShare: (loadAfter.cpuMs - loadBefore.cpuMs) / busy.wallMs,
    rowsWritten: 0,
    heapPerLogin: (after.heap - before.heap) / logins,
    residentPerLogin: (after.resident - before.resident) / logins,
  }
}

const oursRun = async ({ upstream, databaseUrl, logins, seconds, profile }: Run): Promise<Result> => {
  const { url } = await upstream.ask('listen')
  await using gateway = await startChild<Gateway>('gateway', 'MEASURED')
  await gateway.ask('start', { databaseUrl, upstreams: [{ name: 'upstream', dialect: 'open', url }] })
  // Idle: the same process, before it owns a login.
  await gateway.ask('measure', 2)
  const idle = await gateway.ask('measure', idleSeconds(seconds))
  const before = await gateway.ask('memory')
  await letGo(databaseUrl, async () => (await gateway.ask('counts')).live)
  await until(async () => (await gateway.ask('counts')).unchangedPolls > logins)
  await gateway.ask('measure', warmUp)
  const loadBefore = await upstream.ask('counts')
  const rowsBefore = await rowsWritten(databaseUrl)
  const busy = await gateway.ask('measure', seconds)
  const rowsAfter = await rowsWritten(databaseUrl)
  const loadAfter = await upstream.ask('counts')
  const after = await gateway.ask('memory')
  if (profile !== null) await gateway.ask('profile', { file: profile, seconds })
  if (busy.live !== logins || busy.failures + busy.errors > 0)
    throw new Error(
      `${busy.live} of ${logins} logins are live, ${busy.failures} failures, ${busy.errors} errors`,
    )
  return {
    ...costs(idle, busy),
    connections: loadAfter.mostConnections,
    peak: loadAfter.peak,
    upstreamShare: (loadAfter.cpuMs - loadBefore.cpuMs) / busy.wallMs,
    rowsWritten: rowsAfter - rowsBefore,
    heapPerLogin: (after.heap - before.heap) / logins,
    residentPerLogin: (after.resident - before.resident) / logins,
  }
}

const idleSeconds = (seconds: number) => Math.min(10, seconds)

interface Measured {
  readonly cpuMs: number
  readonly wallMs: number
  readonly polls: number
  readonly lagP99: number
  readonly lagMost: number
  readonly gcShare: number
}

const costs = (idle: Measured, busy: Measured) => {
  const idleShare = idle.cpuMs / idle.wallMs
  return {
    idleShare,
    usPerPoll: ((busy.cpuMs - idleShare * busy.wallMs) * 1_000) / busy.polls,
    pollsPerSecond: busy.polls / (busy.wallMs / 1_000),
    lagP99: busy.lagP99,
    lagMost: busy.lagMost,
    gcShare: busy.gcShare,
  }
}

const percent = (shares: readonly number[]) => `${(median(shares) * 100).toFixed(1)} %`
const of = <Key extends keyof Result>(results: readonly Result[], key: Key) => results.map(one => one[key])

const bareRow = (logins: number, results: readonly Result[]): Row => ({
  label: `${logins.toLocaleString('en-US')}, bare \`request\``,
  cells: { ...common(results), '× bare': '1' },
})

const oursRow = (logins: number, results: readonly Result[], ratios: readonly number[]): Row => ({
  label: `${logins.toLocaleString('en-US')}, Gatehouse`,
  cells: {
    ...common(results),
    '× bare': ratios,
    'rows written': of(results, 'rowsWritten'),
    'heap kB a login': of(results, 'heapPerLogin').map(bytes => bytes / 1_024),
    'resident kB a login': of(results, 'residentPerLogin').map(bytes => bytes / 1_024),
  },
})

const common = (results: readonly Result[]): Row['cells'] => ({
  'µs a poll': of(results, 'usPerPoll'),
  'polls/s': of(results, 'pollsPerSecond'),
  'peak/s': of(results, 'peak'),
  'lag p99 ms': of(results, 'lagP99'),
  'lag most ms': of(results, 'lagMost'),
  GC: percent(of(results, 'gcShare')),
  connections: of(results, 'connections'),
  idle: percent(of(results, 'idleShare')),
  'upstream busy': percent(of(results, 'upstreamShare')),
})
