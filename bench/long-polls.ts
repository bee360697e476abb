// What a call costs that hangs for minutes: memory beside the login's own state, CPU, and whether short calls suffer.

import { type Benchmark, interleaved, type Row, type Settings, type Table } from './benchmark.ts'
import type { Gateway } from './processes/gateway.ts'
import type { HangingCalls } from './processes/hanging-calls.ts'
import type { IpadUpstream } from './processes/ipad-upstream.ts'
import { startChild } from './support/child.ts'
import { kernelMemory, needOpenFiles } from './support/limits.ts'
import { percentile } from './support/numbers.ts'
import { type Postgres, startPostgres } from './support/postgres.ts'
import { fillDatabase, letGo } from './support/seed.ts'
import { until } from './support/until.ts'

const kilo = 1_024
const shortCalls = { seconds: 10, perSecond: 50 }

export const longPolls: Benchmark = {
  name: 'longpolls',
  says: 'what a poll costs that hangs, in memory and CPU, and what short calls are like beside them',
  run: async settings => {
    const calls = settings.logins?.[0] ?? 10_000
    needOpenFiles(calls)
    await using postgres = await startPostgres()
    return [await adapterAlone(settings, calls), await wholeGateway(postgres, settings, calls)]
  },
}

const adapterAlone = async (settings: Settings, calls: number): Promise<Table> => {
  const rounds = settings.rounds ?? 3
  const seconds = settings.seconds ?? 60
  const { runs } = await interleaved(rounds, ['runs'] as const, async (_name, round) => {
    await using upstream = await startChild<IpadUpstream>('ipad-upstream', 'LOAD')
    await using adapter = await startChild<HangingCalls>('hanging-calls', 'MEASURED')
    await adapter.ask('open', (await upstream.ask('listen')).url)
    await adapter.ask('short', shortCalls)
    const alone = await adapter.ask('short', shortCalls)
    const before = await adapter.ask('memory')
    const kernelBefore = kernelMemory()
    await adapter.ask('hang', calls)
    await until(async () => (await upstream.ask('counts')).polls >= calls)
    const idle = await adapter.ask('idle', seconds)
    const after = await adapter.ask('memory')
    const kernelAfter = kernelMemory()
    const beside = await adapter.ask('short', shortCalls)
    settings.say(
      `longpolls: round ${round + 1}: ${((after.heap - before.heap) / calls / kilo).toFixed(1)} kB of heap a call`,
    )
    return {
      heap: (after.heap - before.heap) / calls / kilo,
      resident: (after.resident - before.resident) / calls / kilo,
      kernel:
        kernelBefore === null || kernelAfter === null
          ? Number.NaN
          : (kernelAfter - kernelBefore) / calls / kilo,
      cpuMsAMinute: (idle.cpuMs / idle.wallMs) * 60_000,
      lagP99: idle.lagP99,
      alone,
      beside,
    }
  })
  const short = (label: string, which: 'alone' | 'beside'): Row => ({
    label,
    cells: {
      'p50 ms': runs.map(run => percentile(run[which], 0.5)),
      'p99 ms': runs.map(run => percentile(run[which], 0.99)),
      'most ms': runs.map(run => Math.max(...run[which])),
    },
  })
  return {
    title: `longpolls: the adapter with ${calls} calls that hang, ${rounds} rounds`,
    rows: [
      {
        label: 'a hanging call',
        cells: {
          'heap kB': runs.map(({ heap }) => heap),
          'resident kB': runs.map(({ resident }) => resident),
          'kernel kB, both ends': runs.map(({ kernel }) => kernel),
          'CPU ms a minute, all': runs.map(({ cpuMsAMinute }) => cpuMsAMinute),
          'lag p99 ms': runs.map(({ lagP99 }) => lagP99),
        },
      },
      short('short calls alone', 'alone'),
      short('short calls beside them', 'beside'),
    ],
    goals: [
      { what: 'heap kB a call', reached: runs.map(({ heap }) => heap), atMost: 8 },
      { what: 'resident kB a call', reached: runs.map(({ resident }) => resident), atMost: 16 },
    ],
    notes: [
      `Short calls: ${shortCalls.perSecond} QR codes a second through the same adapter, each for a device of its own.`,
    ],
  }
}

const wholeGateway = async (postgres: Postgres, settings: Settings, logins: number): Promise<Table> => {
  const rounds = settings.rounds ?? 3
  const seconds = settings.seconds ?? 60
  settings.say(`longpolls: filling databases with ${logins} logins`)
  await using hanging = await fillDatabase(postgres, { dialect: 'ipad', logins, state: 'AWAITING_SCAN' })
  await using resting = await fillDatabase(postgres, { dialect: 'ipad', logins, state: 'AWAITING_SLIDER' })
  const filled = { resting, hanging }
  const runs = await interleaved(rounds, ['resting', 'hanging'] as const, async (name, round) => {
    await using database = await postgres.fresh(filled[name].url)
    await using upstream = await startChild<IpadUpstream>('ipad-upstream', 'LOAD')
    const { url } = await upstream.ask('listen')
    await using gateway = await startChild<Gateway>('gateway', 'MEASURED')
    const upstreams = [{ name: 'upstream', dialect: 'ipad', url }]
    await gateway.ask('start', { databaseUrl: database.url, upstreams })
    const before = await gateway.ask('memory')
    await letGo(database.url, async () => (await gateway.ask('counts')).live)
    if (name === 'hanging') await until(async () => (await upstream.ask('counts')).polls >= logins)
    const stretch = await gateway.ask('measure', seconds)
    const after = await gateway.ask('memory')
    settings.say(`longpolls: round ${round + 1}, ${name}: ${stretch.cpuMs.toFixed(0)} ms of CPU`)
    if (stretch.live !== logins) throw new Error(`${stretch.live} of ${logins} logins are live`)
    return {
      ...stretch,
      heap: (after.heap - before.heap) / logins / kilo,
      resident: (after.resident - before.resident) / logins / kilo,
    }
  })
  const row = (label: string, of: (typeof runs)['hanging']): Row => ({
    label,
    cells: {
      'heap kB a login': of.map(({ heap }) => heap),
      'resident kB a login': of.map(({ resident }) => resident),
      'CPU ms a minute, all': of.map(({ cpuMs, wallMs }) => (cpuMs / wallMs) * 60_000),
      'lag p99 ms': of.map(({ lagP99 }) => lagP99),
      'polls meanwhile': of.map(({ polls }) => polls),
    },
  })
  const more = (key: 'heap' | 'resident') =>
    runs.hanging.map((run, round) => run[key] - (runs.resting[round]?.[key] ?? Number.NaN))
  return {
    title: `longpolls: the gateway with ${logins} logins, ${rounds} rounds`,
    rows: [
      row('waiting for a person (no call)', runs.resting),
      row('waiting for a scan (a hanging call each)', runs.hanging),
    ],
    goals: [
      { what: 'heap kB a call, beside its login', reached: more('heap'), atMost: 8 },
      { what: 'resident kB a call, beside its login', reached: more('resident'), atMost: 16 },
    ],
  }
}
