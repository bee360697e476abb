// Twenty thousand watchers of two thousand logins on one core, at a pace that grows until something gives out.

import type { Benchmark, Row } from './benchmark.ts'
import type { Crowd } from './processes/crowd.ts'
import type { WatchedServer } from './processes/watched-server.ts'
import { startChild } from './support/child.ts'
import { needOpenFiles } from './support/limits.ts'
import { percentile } from './support/numbers.ts'
import { startPostgres } from './support/postgres.ts'
import { fillDatabase } from './support/seed.ts'
import { until } from './support/until.ts'

const watchersOfEach = 10
const watchersPerSocket = 5
/** Between two events of a login, in milliseconds. */
const paces = [8_000, 4_000, 2_000, 1_000, 500, 333, 250]
const warmUp = 5
/** Of the frames that are due; less means that somebody cannot follow. */
const keepsUp = 0.97

export const watchCrowd: Benchmark = {
  name: 'watch-crowd',
  says: '20,000 watchers of 2,000 logins on one core: memory, and latency at a growing pace',
  run: async settings => {
    const logins = settings.logins?.[0] ?? 2_000
    const seconds = settings.seconds ?? 15
    const watchers = logins * watchersOfEach
    const sockets = watchers / watchersPerSocket
    needOpenFiles(sockets)
    await using postgres = await startPostgres()
    await using filled = await fillDatabase(postgres, { logins: 2 })
    await using crowd = await startChild<Crowd>('crowd', 'LOAD')
    await using server = await startChild<WatchedServer>('watched-server', 'MEASURED')
    const start = { server: 'GATEHOUSE', databaseUrl: filled.url, logins, tellsBy: null } as const
    const { url, ids } = await server.ask('start', start)
    const before = await server.ask('memory')
    settings.say(`watch-crowd: ${watchers} watchers join, over ${sockets} sockets`)
    const watched = Array.from({ length: watchers }, (_, watcher) => ids[watcher % ids.length] ?? '')
    await crowd.ask('watch', { url, ids: watched, sockets })
    const idle = await server.ask('memory')
    await server.ask('ringEvenly', { seconds: warmUp, every: 1_000 })

    const rows: Row[] = []
    for (const every of paces) {
      // What was on its way has arrived.
      await until(async () => (await crowd.ask('counts')).frames === 0, 60_000)
      const stretch = await server.ask('ringEvenly', { seconds, every })
      const { frames, latencies } = await crowd.ask('counts')
      const share = frames / (stretch.events * watchers)
      const p99 = percentile(latencies, 0.99)
      const { resident } = await server.ask('memory')
      settings.say(`watch-crowd: ${Math.round(frames / seconds)} frames a second, p99 ${p99} ms`)
      rows.push({
        label: `an event of a login every ${every} ms`,
        cells: {
          'frames/s': [frames / (stretch.wallMs / 1_000)],
          'arrived in time': `${(share * 100).toFixed(0)} %`,
          'CPU %': [(stretch.cpuMs / stretch.wallMs) * 100],
          'µs an event': [(stretch.cpuMs * 1_000) / Math.max(1, frames)],
          'p50 ms': [percentile(latencies, 0.5)],
          'p99 ms': [p99],
          'lag p99 ms': [stretch.lagP99],
          'resident MB': [resident / 1_048_576],
        },
      })
      if (share < keepsUp || p99 > 1_000) break
    }
    const kilo = 1_024
    return [
      {
        title: `watch-crowd: ${watchers} watchers of ${logins} logins over ${sockets} sockets, ${seconds} s each`,
        rows,
        notes: [
          `An idle watcher: ${((idle.heap - before.heap) / watchers / kilo).toFixed(1)} kB of heap, ${((idle.resident - before.resident) / watchers / kilo).toFixed(1)} kB resident.`,
          'Latency: from the making of the update to the frame in the client, in whole milliseconds, of one frame in fifty. The watchers are one process on the other core: above some pace it is they who cannot follow.',
        ],
      },
    ]
  },
}
