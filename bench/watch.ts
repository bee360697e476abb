// What a delivered event costs: the gateway against bare `ws` that writes the same bytes, and against other servers for
// the same schema; many watchers of one login, and many logins with one watcher each. Then the same with a database.

import { type Benchmark, type Goal, interleaved, type Row, type Settings, type Table } from './benchmark.ts'
import type { BareSockets } from './processes/bare-sockets.ts'
import type { Crowd } from './processes/crowd.ts'
import type { ServerName, WatchedServer } from './processes/watched-server.ts'
import { installRivals } from './rivals/installed.ts'
import { startChild } from './support/child.ts'
import { type Database, startPostgres } from './support/postgres.ts'
import { fillDatabase } from './support/seed.ts'
import { asWatched, type Result, watched } from './support/watched.ts'
import { fromDatabase } from './watch-stored.ts'

const watchers = 1_000
/** Between two events of a login, in milliseconds: below what every server can carry. */
const every = 250

export const watch: Benchmark = {
  name: 'watch',
  says: 'what an event costs that is delivered to a watcher, against bare `ws` and other servers',
  run: async settings => {
    installRivals(line => settings.say(`watch: ${line}`))
    await using postgres = await startPostgres()
    settings.say('watch: making one login for all to look like')
    await using filled = await fillDatabase(postgres, { logins: 2 })
    const one = await compare(filled, settings, 'A', 1)
    const many = await compare(filled, settings, 'B', watchers)
    return [one, many, await fromDatabase(postgres, settings)]
  },
}

/** The gateway first, whose frames the bare server writes. */
const servers = ['GATEHOUSE', 'BARE', 'GRAPHQL_JS', 'YOGA', 'MERCURIUS', 'APOLLO'] as const
const labels: Readonly<Record<(typeof servers)[number], string>> = {
  BARE: 'bare `ws`, JSON per client',
  GATEHOUSE: 'Gatehouse',
  GRAPHQL_JS: 'Gatehouse, LIVE_PLANS=off',
  YOGA: 'yoga and graphql-ws, as documented',
  MERCURIUS: 'Mercurius',
  APOLLO: 'Apollo Server and graphql-ws',
}
const shownFirst = ['BARE', 'GATEHOUSE'] as const

const compare = async (
  database: Database,
  settings: Settings,
  kind: 'A' | 'B',
  logins: number,
): Promise<Table> => {
  const rounds = settings.rounds ?? 5
  const seconds = settings.seconds ?? 10
  let frames: readonly string[] = []
  const results = await interleaved(rounds, servers, async (name, round) => {
    const profile = settings.profile && `${settings.profile}/watch-${kind}-${round + 1}.cpuprofile`
    const result =
      name === 'BARE'
        ? await bareRun(frames, seconds)
        : await serverRun(name, database.url, logins, seconds, name === 'GATEHOUSE' ? profile : null)
    if (name === 'GATEHOUSE') frames = result.examples
    settings.say(`watch: ${kind}, round ${round + 1}, ${name}: ${result.usPerEvent.toFixed(1)} µs an event`)
    return result
  })
  const ratios = (of: keyof typeof results, to: keyof typeof results): readonly number[] =>
    results[of].map((one, round) => one.usPerEvent / (results[to][round]?.usPerEvent ?? Number.NaN))
  const row = (name: (typeof servers)[number]): Row => ({
    label: labels[name],
    cells: {
      'µs an event': results[name].map(one => one.usPerEvent),
      '× bare': ratios(name, 'BARE'),
      '× Gatehouse': ratios(name, 'GATEHOUSE'),
      'bytes a frame': results[name].map(one => one.bytesPerFrame),
      'lag p99 ms': results[name].map(one => one.lagP99),
      'heap kB a watcher': results[name].map(one => one.heapPerWatcher / 1_024),
      'resident kB a watcher': results[name].map(one => one.residentPerWatcher / 1_024),
    },
  })
  const goals: Goal[] = [
    { what: `${kind}: × bare`, reached: ratios('GATEHOUSE', 'BARE'), atMost: kind === 'A' ? 0.9 : 1.3 },
    {
      what: `${kind}: yoga as documented, × Gatehouse`,
      reached: ratios('YOGA', 'GATEHOUSE'),
      atLeast: kind === 'A' ? 5 : 3,
    },
    {
      what: `${kind}: heap kB of an idle watcher`,
      reached: results.GATEHOUSE.map(one => one.heapPerWatcher / 1_024),
      atMost: 12,
    },
  ]
  const what = logins === 1 ? `${watchers} watchers of one login` : `${logins} logins with one watcher each`
  const order = [...shownFirst, ...servers.filter(name => !shownFirst.some(first => first === name))]
  return {
    title: `watch ${kind}: ${what}, an event every ${every} ms, ${seconds} s, ${rounds} rounds`,
    rows: order.map(row),
    goals,
  }
}

const serverRun = async (
  server: ServerName,
  databaseUrl: string,
  logins: number,
  seconds: number,
  profile: string | null,
): Promise<Result> => {
  await using crowd = await startChild<Crowd>('crowd', 'LOAD')
  await using child = await startChild<WatchedServer>('watched-server', 'MEASURED')
  const { url, ids } = await child.ask('start', { server, databaseUrl, logins, tellsBy: null, pings: false })
  const result = await watched({
    server: asWatched(child),
    ring: count => child.ask('ring', { times: count, every }),
    crowd,
    url,
    ids: Array.from({ length: watchers }, (_, watcher) => ids[watcher % ids.length] ?? ''),
    every,
    seconds,
  })
  const { live } = await child.ask('counts')
  if (live !== null && live.interpreted > 0) throw new Error(`${live.interpreted} events left the plan`)
  if (profile !== null) await child.ask('profile', { file: profile, seconds: 5 })
  return result
}

const bareRun = async (frames: readonly string[], seconds: number): Promise<Result> => {
  await using crowd = await startChild<Crowd>('crowd', 'LOAD')
  await using child = await startChild<BareSockets>('bare-sockets', 'MEASURED')
  const { url } = await child.ask('start', frames)
  return await watched({
    server: asWatched(child),
    ring: async count => {
      await child.ask('ring', { times: count, every })
      return { makingMs: 0 }
    },
    crowd,
    url,
    ids: Array.from({ length: watchers }, () => 'bench'),
    every,
    seconds,
  })
}
