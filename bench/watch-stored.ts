// Watching from end to end: another process records in Postgres, the ring comes by NOTIFY without what it tells of, and
// the gateway reads each event once for all its watchers. Beside it the same without a database, so that what the
// reading costs stands apart.

import { interleaved, type Row, type Settings, type Table } from './benchmark.ts'
import type { Crowd } from './processes/crowd.ts'
import type { Teller } from './processes/teller.ts'
import type { WatchedServer } from './processes/watched-server.ts'
import { type Child, startChild } from './support/child.ts'
import { percentile } from './support/numbers.ts'
import type { Database, Postgres } from './support/postgres.ts'
import { fillDatabase, letGoAtOnce } from './support/seed.ts'
import { asWatched, type Result, type Run, watched } from './support/watched.ts'

const watchers = 1_000
const channel = 'bench_rings'

interface Case {
  readonly label: string
  readonly logins: number
  /** Between two events of a login, in milliseconds: what Postgres, recorder and watchers carry on one core. */
  readonly every: number
}

const cases = {
  A: { label: `A: ${watchers} watchers of one login`, logins: 1, every: 250 },
  B: { label: `B: ${watchers} logins with one watcher each`, logins: watchers, every: 1_000 },
} as const satisfies Record<string, Case>
type Name = keyof typeof cases

interface Stored extends Result {
  /** Of the gateway, for each event that was recorded. */
  readonly statements: number
}

export const fromDatabase = async (postgres: Postgres, settings: Settings): Promise<Table> => {
  const rounds = settings.rounds ?? 5
  const seconds = settings.seconds ?? 10
  settings.say(`watch: filling a database with ${watchers} logins`)
  await using filled = await fillDatabase(postgres, { logins: watchers })
  const names = ['A', 'A without', 'B', 'B without'] as const
  const results = await interleaved(rounds, names, async (name, round) => {
    await using database = await postgres.fresh(filled.url)
    const result = name.endsWith('without')
      ? await runWithout(database, cases[name[0] as Name], seconds)
      : await runWith(database, cases[name[0] as Name], seconds)
    const what = name.endsWith('without') ? `${name} a database` : `${name} with a database`
    settings.say(`watch: ${what}, round ${round + 1}: ${result.usPerEvent.toFixed(1)} µs an event`)
    return result
  })
  const row = (name: Name): Row => {
    const stored = results[name]
    const without = results[`${name} without`]
    const reading = (one: Stored, round: number) =>
      one.usPerEvent - (without[round]?.usPerEvent ?? Number.NaN)
    return {
      label: `${cases[name].label}, an event every ${cases[name].every} ms`,
      cells: {
        'µs an event': stored.map(one => one.usPerEvent),
        'of that reading': stored.map(reading),
        'without a database': without.map(one => one.usPerEvent),
        'statements an event read': stored.map(one => one.statements),
        'p50 ms': stored.map(one => percentile(one.latencies, 0.5)),
        'p99 ms': stored.map(one => percentile(one.latencies, 0.99)),
        'lag p99 ms': stored.map(one => one.lagP99),
      },
    }
  }
  return {
    title: `watch, end to end: recorded by another process, rung by NOTIFY, ${seconds} s, ${rounds} rounds`,
    rows: [row('A'), row('B')],
    notes: [
      'An event is one that is delivered to one watcher; it is read once for all of them. p50 and p99: from the moment that was recorded to the frame, in whole milliseconds, the write in Postgres among them.',
    ],
  }
}

const runWith = async (database: Database, { logins, every }: Case, seconds: number): Promise<Stored> => {
  await letGoAtOnce(database.url)
  await using crowd = await startChild<Crowd>('crowd', 'LOAD')
  await using teller = await startChild<Teller>('teller', 'LOAD')
  await using child = await startChild<WatchedServer>('watched-server', 'MEASURED')
  const server = { server: 'GATEHOUSE', databaseUrl: database.url, logins, pings: false } as const
  const { url, ids } = await child.ask('start', { ...server, tellsBy: channel })
  await teller.ask('open', { databaseUrl: database.url, only: logins === 1 ? plainId(ids[0] ?? '') : null })
  let events = 0
  let before = 0
  const result = await measure({
    child,
    crowd,
    url,
    ids,
    every,
    seconds,
    ring: async count => {
      before = (await child.ask('counts')).reads
      events = await teller.ask('ring', { times: count, every, channel })
      return { makingMs: 0 }
    },
  })
  const statements = ((await child.ask('counts')).reads - before) / events
  return { ...result, statements }
}

const runWithout = async (database: Database, { logins, every }: Case, seconds: number): Promise<Stored> => {
  await using crowd = await startChild<Crowd>('crowd', 'LOAD')
  await using child = await startChild<WatchedServer>('watched-server', 'MEASURED')
  const server = { server: 'GATEHOUSE', databaseUrl: database.url, logins, pings: false } as const
  const { url, ids } = await child.ask('start', { ...server, tellsBy: null })
  const ring = (count: number) => child.ask('ring', { times: count, every })
  return {
    ...(await measure({ child, crowd, url, ids, every, seconds, ring })),
    statements: 0,
  }
}

const measure = ({ child, ids, ...run }: Omit<Run, 'server'> & { readonly child: Child<WatchedServer> }) =>
  watched({
    ...run,
    server: asWatched(child),
    ids: Array.from({ length: watchers }, (_, watcher) => ids[watcher % ids.length] ?? ''),
  })

const plainId = (id: string): string => Buffer.from(id, 'base64').toString().split(':').at(-1) ?? ''
