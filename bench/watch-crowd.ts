// How far one core carries a wall of live logins: twenty thousand watchers, ten to a login, and events faster and faster
// until something gives out. What that was is said.

import type { Benchmark, Row, Settings } from './benchmark.ts'
import type { Crowd } from './processes/crowd.ts'
import type { WatchedServer } from './processes/watched-server.ts'
import { startChild } from './support/child.ts'
import { connectionsAtMost, kernelMemory } from './support/limits.ts'
import { percentile } from './support/numbers.ts'
import { startPostgres } from './support/postgres.ts'
import { fillDatabase } from './support/seed.ts'
import { type Step, take } from './support/step.ts'

const watchersOfOne = 10
/** Events a second. */
const rates = [250, 500, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000]
/** A round of pings is in it. */
const idleSeconds = 12

interface Size {
  readonly watchers: number
  readonly logins: number
  readonly sockets: number
  readonly seconds: number
}

interface Round {
  /** Seconds until all had their first frame. */
  readonly joined: number
  /** Of the server with all of them, while nothing happens, in bytes. */
  readonly residentOfAll: number
  /** The same of each watcher; `kernel`: of the machine, for both ends of its connection. */
  readonly heap: number
  readonly resident: number
  readonly kernel: number
  /** Of the core, while nothing happens. */
  readonly idleShare: number
  readonly steps: ReadonlyMap<number, Step>
}

export const watchCrowd: Benchmark = {
  name: 'watch-crowd',
  says: '20,000 watchers of 2,000 logins on one core, at growing rates, until something gives out',
  run: async settings => {
    const rounds = settings.rounds ?? 3
    const watchers = settings.watchers ?? 20_000
    const perSocket = Math.ceil(watchers / connectionsAtMost())
    const sockets = Math.ceil(watchers / perSocket)
    const logins = settings.logins?.[0] ?? Math.ceil(watchers / watchersOfOne)
    const size = { watchers, logins, sockets, seconds: settings.seconds ?? 10 }
    await using postgres = await startPostgres()
    await using filled = await fillDatabase(postgres, { logins: 2 })
    const done: Round[] = []
    for (let round = 1; round <= rounds; round++)
      done.push(
        await oneRound(filled.url, size, line => settings.say(`watch-crowd: round ${round}, ${line}`)),
      )
    const shared =
      perSocket === 1
        ? []
        : [`A process may not have ${watchers} connections here: ${perSocket} watchers share one.`]
    return [
      {
        title: `watch-crowd: ${watchers} watchers of ${logins} logins over ${sockets} sockets, ${size.seconds} s at each rate, ${rounds} rounds`,
        rows: [idleRow(done), ...rates.flatMap(rate => rateRow(rate, done))],
        notes: [
          ...shared,
          'p50 and p99: from the moment an event was due to its frame, in whole milliseconds.',
          ...done.flatMap(({ steps }, index) =>
            [...steps].flatMap(([rate, { gaveOut }]) =>
              gaveOut === null ? [] : [`Round ${index + 1}, ${rate} events a second: ${gaveOut}.`],
            ),
          ),
        ],
      },
    ]
  },
}

const oneRound = async (
  databaseUrl: string,
  { watchers, logins, sockets, seconds }: Size,
  say: Settings['say'],
): Promise<Round> => {
  await using crowd = await startChild<Crowd>('crowd', 'LOAD')
  await using child = await startChild<WatchedServer>('watched-server', 'MEASURED')
  const start = { server: 'GATEHOUSE', databaseUrl, logins, tellsBy: null, pings: true } as const
  const { url, ids } = await child.ask('start', start)
  const watched = Array.from({ length: watchers }, (_, watcher) => ids[watcher % ids.length] ?? '')
  // Ten are there before memory is looked at, so that what is made once is not told as theirs.
  await crowd.ask('watch', { url, ids: watched.slice(0, watchersOfOne), sockets: 1 })
  const before = { ...(await child.ask('memory')), kernel: kernelMemory() ?? Number.NaN }
  const began = performance.now()
  await crowd.ask('watch', { url, ids: watched.slice(watchersOfOne), sockets: sockets - 1 })
  const joined = (performance.now() - began) / 1_000
  say(`${watchers} watchers joined in ${joined.toFixed(0)} s`)
  const after = { ...(await child.ask('memory')), kernel: kernelMemory() ?? Number.NaN }
  const idle = await child.ask('idle', idleSeconds)
  const ofEach = (what: 'heap' | 'resident' | 'kernel') =>
    (after[what] - before[what]) / (watchers - watchersOfOne)
  const idleShare = idle.cpuMs / idle.wallMs
  const taking = { child, crowd, watchersOfEach: watchers / logins, idleShare }
  await take({ ...taking, rate: 100, seconds: 2 })
  const steps = new Map<number, Step>()
  for (const rate of rates) {
    const step = await take({ ...taking, rate, seconds })
    steps.set(rate, step)
    say(`${rate} events a second: ${step.usPerEvent.toFixed(1)} µs each, p99 ${p99(step)} ms`)
    if (step.gaveOut === null) continue
    say(step.gaveOut)
    break
  }
  return {
    joined,
    residentOfAll: after.resident,
    heap: ofEach('heap'),
    resident: ofEach('resident'),
    kernel: ofEach('kernel'),
    idleShare,
    steps,
  }
}

const p99 = ({ latencies }: Step): number => percentile(latencies, 0.99)
const kB = 1_024
const MB = kB * kB

const idleRow = (done: readonly Round[]): Row => ({
  label: 'nothing happens',
  cells: {
    'server busy %': done.map(({ idleShare }) => idleShare * 100),
    'resident MB': done.map(({ residentOfAll }) => residentOfAll / MB),
    'heap kB a watcher': done.map(({ heap }) => heap / kB),
    'resident kB a watcher': done.map(({ resident }) => resident / kB),
    'kernel kB a watcher': done.map(({ kernel }) => kernel / kB),
    'joined in s': done.map(({ joined }) => joined),
  },
})

/** None where no round came so far. */
const rateRow = (rate: number, done: readonly Round[]): readonly Row[] => {
  const steps = done.flatMap(round => round.steps.get(rate) ?? [])
  if (steps.length === 0) return []
  return [
    {
      label: `${rate.toLocaleString('en-US')} events a second`,
      cells: {
        'server busy %': steps.map(({ server }) => (server.cpuMs / server.wallMs) * 100),
        'µs an event': steps.map(({ usPerEvent }) => usPerEvent),
        'delivered a second': steps.map(({ delivered }) => delivered),
        'p50 ms': steps.map(({ latencies }) => percentile(latencies, 0.5)),
        'p99 ms': steps.map(p99),
        'lag p99 ms': steps.map(({ server }) => server.lagP99),
        'resident MB': steps.map(({ resident }) => resident / MB),
        'clients busy %': steps.map(({ clients }) => (clients.cpuMs / clients.wallMs) * 100),
      },
    },
  ]
}
