// What a delivered event costs: the gateway's server with its schema and feeds, against bare `ws` that writes the same
// bytes; many watchers of one login, and many logins with one watcher each.

import { type Benchmark, interleaved, type Row, type Settings, type Table } from './benchmark.ts'
import type { BareSockets } from './processes/bare-sockets.ts'
import type { Crowd } from './processes/crowd.ts'
import type { WatchedGateway } from './processes/watched-gateway.ts'
import { startChild } from './support/child.ts'
import { type Database, startPostgres } from './support/postgres.ts'
import { fillDatabase } from './support/seed.ts'
import { until } from './support/until.ts'

const watchers = 1_000
/** Between two events of a login, in milliseconds: below what either side can carry. */
const every = 200
const warmUp = 3

export const watching: Benchmark = {
  name: 'watching',
  says: 'what an event costs that is delivered to a watcher, against bare `ws`',
  run: async settings => {
    await using postgres = await startPostgres()
    settings.say('watching: making one login for all to look like')
    await using filled = await fillDatabase(postgres, { logins: 2 })
    return [await compare(filled, settings, 'A', 1), await compare(filled, settings, 'B', watchers)]
  },
}

interface Result {
  readonly usPerEvent: number
  readonly frames: number
  readonly bytesPerFrame: number
  readonly lagP99: number
  readonly heapPerWatcher: number
  readonly residentPerWatcher: number
  readonly newest: string
}

const compare = async (
  database: Database,
  settings: Settings,
  kind: 'A' | 'B',
  logins: number,
): Promise<Table> => {
  const rounds = settings.rounds ?? 5
  const seconds = settings.seconds ?? 15
  const url = database.url
  // What the bare server writes; the first run of the gateway tells.
  let frame = ''
  // The gateway first, whose frames the other one writes.
  const { ours, bare } = await interleaved(rounds, ['ours', 'bare'] as const, async (name, round) => {
    const profile =
      settings.profile === null ? null : `${settings.profile}/watching-${kind}-${round + 1}.cpuprofile`
    const result =
      name === 'ours' ? await oursRun(url, logins, seconds, profile) : await bareRun(frame, seconds)
    if (name === 'ours') frame = result.newest
    settings.say(
      `watching: ${kind}, round ${round + 1}, ${name}: ${result.usPerEvent.toFixed(1)} µs an event`,
    )
    return result
  })
  const row = (label: string, results: readonly Result[], ratios: Row['cells'][string]): Row => ({
    label,
    cells: {
      'µs an event': results.map(one => one.usPerEvent),
      '× bare': ratios,
      'bytes a frame': results.map(one => one.bytesPerFrame),
      'lag p99 ms': results.map(one => one.lagP99),
      'heap kB a watcher': results.map(one => one.heapPerWatcher / 1_024),
      'resident kB a watcher': results.map(one => one.residentPerWatcher / 1_024),
    },
  })
  const ratios = ours.map((one, round) => one.usPerEvent / (bare[round]?.usPerEvent ?? Number.NaN))
  const what = logins === 1 ? `${watchers} watchers of one login` : `${logins} logins with one watcher each`
  return {
    title: `watching ${kind}: ${what}, an event every ${every} ms, ${seconds} s, ${rounds} rounds`,
    rows: [row('bare `ws`', bare, '1'), row('Gatehouse', ours, ratios)],
  }
}

type CrowdOf = Awaited<ReturnType<typeof startChild<Crowd>>>

interface Server {
  readonly ring: (times: number) => Promise<{ cpuMs: number; wallMs: number; lagP99: number }>
  readonly idle: (seconds: number) => Promise<{ cpuMs: number; wallMs: number }>
  readonly memory: () => Promise<{ heap: number; resident: number }>
}

const measure = async (
  server: Server,
  crowd: CrowdOf,
  url: string,
  ids: readonly string[],
  seconds: number,
): Promise<Result> => {
  const before = await server.memory()
  await crowd.ask('watch', { url, ids })
  const after = await server.memory()
  const idle = await server.idle(2)
  const times = (seconds * 1_000) / every
  await server.ring((warmUp * 1_000) / every)
  await crowd.ask('counts')
  const stretch = await server.ring(times)
  const expected = times * ids.length
  let counted = { frames: 0, bytes: 0, newest: '' }
  await until(async () => {
    const { frames, bytes, newest } = await crowd.ask('counts')
    counted = {
      frames: counted.frames + frames,
      bytes: counted.bytes + bytes,
      newest: newest || counted.newest,
    }
    return counted.frames >= expected
  }, 30_000)
  return {
    usPerEvent: ((stretch.cpuMs - (idle.cpuMs / idle.wallMs) * stretch.wallMs) * 1_000) / counted.frames,
    frames: counted.frames,
    bytesPerFrame: counted.bytes / counted.frames,
    lagP99: stretch.lagP99,
    heapPerWatcher: (after.heap - before.heap) / ids.length,
    residentPerWatcher: (after.resident - before.resident) / ids.length,
    newest: counted.newest,
  }
}

const oursRun = async (
  databaseUrl: string,
  logins: number,
  seconds: number,
  profile: string | null,
): Promise<Result> => {
  await using crowd = await startChild<Crowd>('crowd', 'LOAD')
  await using gateway = await startChild<WatchedGateway>('watched-gateway', 'MEASURED')
  const { url, ids } = await gateway.ask('start', { databaseUrl, logins })
  const watched = Array.from({ length: watchers }, (_, watcher) => ids[watcher % ids.length] ?? '')
  const server: Server = {
    ring: times => gateway.ask('ring', { times, every }),
    idle: length => gateway.ask('idle', length),
    memory: () => gateway.ask('memory'),
  }
  const result = await measure(server, crowd, url, watched, seconds)
  if (profile !== null) await gateway.ask('profile', { file: profile, seconds })
  return result
}

const bareRun = async (frame: string, seconds: number): Promise<Result> => {
  await using crowd = await startChild<Crowd>('crowd', 'LOAD')
  await using sockets = await startChild<BareSockets>('bare-sockets', 'MEASURED')
  const { url } = await sockets.ask('start', frame)
  const server: Server = {
    ring: times => sockets.ask('ring', { times, every, frame }),
    idle: length => sockets.ask('idle', length),
    memory: () => sockets.ask('memory'),
  }
  return await measure(
    server,
    crowd,
    url,
    Array.from({ length: watchers }, () => 'bench'),
    seconds,
  )
}
