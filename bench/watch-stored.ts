// Watching from end to end: another process records in Postgres, the ring comes by NOTIFY without what it tells of, and
// the gateway reads each event once for all its watchers.

import { interleaved, type Row, type Settings, type Table } from './benchmark.ts'
import type { Crowd } from './processes/crowd.ts'
import type { Teller } from './processes/teller.ts'
import type { WatchedServer } from './processes/watched-server.ts'
import { startChild } from './support/child.ts'
import { percentile } from './support/numbers.ts'
import type { Database, Postgres } from './support/postgres.ts'
import { fillDatabase, letGoAtOnce } from './support/seed.ts'
import { type Result, watched } from './support/watched.ts'

const watchers = 1_000
/** Between two events of a login, in milliseconds: what Postgres beside the watchers on one core carries. */
const every = 1_000
const channel = 'bench_rings'

interface Stored extends Result {
  readonly statementsPerEvent: number
}

export const fromDatabase = async (postgres: Postgres, settings: Settings): Promise<Table> => {
  const rounds = settings.rounds ?? 5
  settings.say(`watch: filling a database with ${watchers} logins`)
  await using filled = await fillDatabase(postgres, { logins: watchers })
  const results = await interleaved(rounds, ['A', 'B'] as const, async (kind, round) => {
    await using database = await postgres.fresh(filled.url)
    const result = await run(database, kind === 'A' ? 1 : watchers, settings.seconds ?? 10)
    settings.say(
      `watch: ${kind} with a database, round ${round + 1}: ${result.usPerEvent.toFixed(1)} µs an event`,
    )
    return result
  })
  const row = (label: string, stored: readonly Stored[]): Row => ({
    label,
    cells: {
      'µs an event': stored.map(one => one.usPerEvent),
      'statements an event': stored.map(one => one.statementsPerEvent),
      'p50 ms': stored.map(one => percentile(one.latencies, 0.5)),
      'p99 ms': stored.map(one => percentile(one.latencies, 0.99)),
      'lag p99 ms': stored.map(one => one.lagP99),
      'heap kB a watcher': stored.map(one => one.heapPerWatcher / 1_024),
    },
  })
  return {
    title: `watch, end to end: recorded by another process, rung by NOTIFY, an event of each login every ${every} ms`,
    rows: [
      row(`A: ${watchers} watchers of one login`, results.A),
      row(`B: ${watchers} logins with one watcher each`, results.B),
    ],
    notes: [
      'What the reading costs is the difference to the tables above. p50 and p99: from the making of the update to the frame, in whole milliseconds.',
    ],
  }
}

const run = async (database: Database, logins: number, seconds: number): Promise<Stored> => {
  await letGoAtOnce(database.url)
  await using crowd = await startChild<Crowd>('crowd', 'LOAD')
  await using teller = await startChild<Teller>('teller', 'LOAD')
  await using child = await startChild<WatchedServer>('watched-server', 'MEASURED')
  const start = { server: 'GATEHOUSE', databaseUrl: database.url, logins, tellsBy: channel } as const
  const { url, ids } = await child.ask('start', start)
  await teller.ask('open', { databaseUrl: database.url, only: logins === 1 ? plainId(ids[0] ?? '') : null })
  let reads = 0
  const result = await watched({
    server: {
      ring: async times => {
        const before = await child.ask('counts')
        const [stretch] = await Promise.all([
          child.ask('idle', (times * every) / 1_000),
          teller.ask('ring', { times, every, channel }),
        ])
        reads = ((await child.ask('counts')).reads - before.reads) / (times * logins)
        return stretch
      },
      memory: () => child.ask('memory'),
    },
    crowd,
    url,
    ids: Array.from({ length: watchers }, (_, watcher) => ids[watcher % ids.length] ?? ''),
    times: Math.ceil((seconds * 1_000) / every),
  })
  return { ...result, statementsPerEvent: reads }
}

const plainId = (id: string): string => Buffer.from(id, 'base64').toString().split(':').at(-1) ?? ''
