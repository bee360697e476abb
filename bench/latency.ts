// How long after the upstream's answer with the news the watcher's frame comes: what the gateway adds to the pace of its
// polls. Real store, real Postgres, real sockets.

import { type Benchmark, interleaved } from './benchmark.ts'
import type { ChangingUpstream } from './processes/changing-upstream.ts'
import type { Gateway } from './processes/gateway.ts'
import { startChild } from './support/child.ts'
import { percentile } from './support/numbers.ts'
import { startPostgres } from './support/postgres.ts'
import { fillDatabase, letGo, seededLogins } from './support/seed.ts'

export const latency: Benchmark = {
  name: 'latency',
  says: "from the upstream's answer that tells of a change to the watcher's frame",
  run: async settings => {
    const rounds = settings.rounds ?? 3
    const seconds = settings.seconds ?? 60
    const logins = settings.logins?.[0] ?? 2_500
    await using postgres = await startPostgres()
    settings.say(`latency: filling a database with ${logins} logins`)
    await using filled = await fillDatabase(postgres, { logins })
    const { runs } = await interleaved(rounds, ['runs'] as const, async (_name, round) => {
      await using database = await postgres.fresh(filled.url)
      await using load = await startChild<ChangingUpstream>('changing-upstream', 'LOAD')
      const upstream = { name: 'upstream', dialect: 'open', ...(await load.ask('listen')) }
      await using gateway = await startChild<Gateway>('gateway', 'MEASURED')
      const { url } = await gateway.ask('start', { databaseUrl: database.url, upstreams: [upstream] })
      await letGo(database.url, async () => (await gateway.ask('counts')).live)
      await load.ask('watch', { url, logins: await seededLogins(database.url) })
      settings.say(`latency: round ${round + 1}: ${logins} watchers, ${logins * 2} changes`)
      await gateway.ask('begin')
      const { latencies, waits } = await load.ask('change', seconds)
      return { ...(await gateway.ask('end')), latencies, waits }
    })
    const p99 = runs.map(({ latencies }) => percentile(latencies, 0.99))
    return [
      {
        title: `latency: ${logins * 2} changes of ${logins} watched logins in ${seconds} s, ${rounds} rounds`,
        rows: [
          {
            label: 'answer to frame',
            cells: {
              changes: runs.map(({ latencies }) => latencies.length),
              'p50 ms': runs.map(({ latencies }) => percentile(latencies, 0.5)),
              'p99 ms': p99,
              'most ms': runs.map(({ latencies }) => Math.max(...latencies)),
              'mean wait for the poll, ms': runs.map(
                ({ waits }) => waits.reduce((sum, one) => sum + one, 0) / waits.length,
              ),
              'CPU %': runs.map(({ cpuMs, wallMs }) => (cpuMs / wallMs) * 100),
              'lag p99 ms': runs.map(({ lagP99 }) => lagP99),
            },
          },
        ],
        goals: [{ what: 'p99, ms', reached: p99, atMost: 25 }],
      },
    ]
  },
}
