// How many events a second go into Postgres through `store.record`, beside one bare insert of an event's row.

import { type Benchmark, interleaved, type Row } from './benchmark.ts'
import type { Recorder } from './processes/recorder.ts'
import { startChild } from './support/child.ts'
import { percentile } from './support/numbers.ts'
import { startPostgres } from './support/postgres.ts'
import { fillDatabase, letGoAtOnce } from './support/seed.ts'

const inFlight = 32
const warmUp = 3

export const record: Benchmark = {
  name: 'record',
  says: 'events a second into Postgres through `store.record`, against one bare insert',
  run: async settings => {
    const rounds = settings.rounds ?? 5
    const seconds = settings.seconds ?? 15
    const logins = settings.logins?.[0] ?? Math.ceil((seconds + warmUp) * 2_500)
    await using postgres = await startPostgres()
    settings.say(`record: filling a database with ${logins} logins`)
    await using filled = await fillDatabase(postgres, { logins })
    const results = await interleaved(rounds, ['bare', 'ours'] as const, async (name, round) => {
      await using database = await postgres.fresh(name === 'ours' ? filled.url : undefined)
      await using recorder = await startChild<Recorder>('recorder', 'MEASURED')
      const verb = name === 'ours' ? 'record' : 'insert'
      if (name === 'ours') {
        await letGoAtOnce(database.url)
        await recorder.ask('open', database.url)
      } else await recorder.ask('openBare', database.url)
      await recorder.ask(verb, { seconds: warmUp, inFlight })
      const result = await recorder.ask(verb, { seconds, inFlight })
      const perSecond = result.events / (result.wallMs / 1_000)
      settings.say(`record: round ${round + 1}, ${name}: ${perSecond.toFixed(0)} events/s`)
      return { ...result, perSecond }
    })
    const { bare, ours } = results
    const row = (label: string, runs: typeof ours, ratios: Row['cells'][string]): Row => ({
      label,
      cells: {
        'events/s': runs.map(({ perSecond }) => perSecond),
        '× bare': ratios,
        'p50 ms': runs.map(({ took }) => percentile(took, 0.5)),
        'p99 ms': runs.map(({ took }) => percentile(took, 0.99)),
        'CPU µs an event, this side': runs.map(({ cpuMs, events }) => (cpuMs * 1_000) / events),
      },
    })
    const ratios = ours.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN))
    return [
      {
        title: `record: ${inFlight} logins in flight, ${seconds} s, ${rounds} rounds`,
        rows: [row('one bare insert', bare, '1'), row('`store.record`', ours, ratios)],
        notes: [
          'One life of a login is four records of one event each: a scan (which also writes the login and who scanned), a code page reported, withdrawn, and the end. Times are per event.',
          'The Postgres of this run waits for no disk (fsync and synchronous_commit are off on both sides).',
        ],
      },
    ]
  },
}
