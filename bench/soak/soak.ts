// Many logins on both dialects for a long while, with faults and with watchers that come and go: does the process stay
// as it is, and is anything lost? The gateway is the process that `npm start` runs, on a real Postgres.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import postgres from 'postgres'
import { noLimits } from '../../src/login/terms.ts'
import {
  freePort,
  type GatewayProcess,
  startProcess,
  temporaryFolder,
} from '../../test/support/gateway-process.ts'
import { benchKey } from '../support/bench-key.ts'
import { startChild } from '../support/child.ts'
import { onCore } from '../support/cores.ts'
import { shown } from '../support/numbers.ts'
import { startPostgres } from '../support/postgres.ts'
import type { Crowd } from './crowd.ts'
import type { Inside } from './inside.ts'
import type { SoakOptions, SoakReport } from './report.ts'
import type { Told } from './tally.ts'

const usualLogins = 2_000
const usualMinutes = 20
const betweenSamples = 15_000
/** How many do well at the pace of people in a hurry. */
const hurrying = 400
/** Some are between two logins. */
const desksPerLogin = 1.15
const shareOfFaults = 0.01
const mega = 1_048_576

export interface Sample extends Inside {
  /** Seconds since the crowd began. */
  readonly at: number
  readonly descriptors: number
  readonly databaseConnections: number
  readonly live: number
  /** Of the simulator, the people and the watchers: where that is late, the rest says nothing of the gateway. */
  readonly loadLagP99: number
  readonly loadCpu: number
  /** Calls upstream per second. */
  readonly callRate: number
}

export const run = async (options: SoakOptions): Promise<SoakReport> => {
  const logins = options.logins?.[0] ?? usualLogins
  const minutes = options.minutes ?? usualMinutes
  const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31))
  options.progress(`soak: ${logins} logins for ${minutes} minutes, seed ${seed}`)
  await using server = await startPostgres()
  await using database = await server.fresh()
  await using folder = await temporaryFolder()
  await using crowd = await startChild<Crowd>('../soak/crowd', 'LOAD')
  const upstream = await crowd.ask('listen')
  const inside = await freePort()
  const gateway = await startGateway({ folder: folder.path, inside, databaseUrl: database.url, upstream })
  const sql = postgres(database.url, { max: 1, onnotice: () => {} })
  try {
    const rampUp = Math.min(120_000, (minutes * 60_000) / 6)
    const patience = [30_000, 240_000] as const
    // The more they are the slower, so that logins start at a rate that one core is meant to take.
    const slowness = Math.max(1, logins / hurrying)
    const pace = [400 * slowness, 2_500 * slowness] as const
    await crowd.ask('begin', {
      gateway: gateway.address,
      inside: `http://127.0.0.1:${inside}/calls`,
      providers: { open: 'open', ipad: 'ipad' },
      logins: Math.ceil(logins * desksPerLogin),
      seed,
      faults: shareOfFaults,
      rampUp,
      patience,
      pace,
    })
    const began = performance.now()
    const samples: Sample[] = []
    let calls = (await crowd.ask('told')).calls
    const sample = async () => {
      const told = await crowd.ask('told')
      const [row] = await sql<{ connections: number }[]>`
        select count(*)::int as connections from pg_stat_activity
        where datname = current_database() and application_name = 'gatehouse'`
      const descriptors = (await readdir(`/proc/${gateway.child.pid}/fd`)).length
      const answer = (await (await fetch(`http://127.0.0.1:${inside}/`)).json()) as Inside
      samples.push({
        ...answer,
        at: (performance.now() - began) / 1_000,
        descriptors,
        databaseConnections: row?.connections ?? 0,
        live: told.live,
        loadLagP99: told.load.lagP99,
        loadCpu: told.load.cpu * 100,
        callRate: (told.calls - calls) / (betweenSamples / 1_000),
      })
      calls = told.calls
      if (samples.length % 4 === 0) options.progress(progressOf(samples, told))
    }
    while (performance.now() - began < minutes * 60_000) {
      await wait(Math.max(0, betweenSamples * (samples.length + 1) - (performance.now() - began)))
      const { exitCode, signalCode } = gateway.child
      if (exitCode !== null || signalCode !== null)
        throw new Error(`The gateway ended (${signalCode ?? exitCode}):\n${gateway.output().slice(-5_000)}`)
      await sample()
    }
    const told = await crowd.ask('finish')
    options.progress(`soak: ${told.logins} logins are over, ${told.live} are not`)
    const [left] = await sql<{ turns: number; gaps: number; logins: number }[]>`
      select (select count(*)::int from device_turn) as turns,
        (select count(*)::int from login) as logins,
        (select count(*)::int from (
          select login_id from login_event group by login_id having count(*) <> max(sequence) or min(sequence) <> 1
        ) as broken) as gaps`
    gateway.child.kill('SIGTERM')
    const stopped = await Promise.race([ended(gateway), wait(20_000, 'it did not stop')])
    const complaints = complaintsOf(gateway.output())
    return report({ logins, minutes, seed, samples, told, left: left ?? null, stopped, complaints, rampUp })
  } finally {
    await sql.end()
    if (gateway.child.exitCode === null && gateway.child.signalCode === null) await gateway.kill()
  }
}

const startGateway = async (given: {
  readonly folder: string
  readonly inside: number
  readonly databaseUrl: string
  readonly upstream: { readonly url: string; readonly token: string }
}): Promise<GatewayProcess> => {
  const { url: baseUrl, token } = given.upstream
  const providers = (['open', 'ipad'] as const).map(dialect => ({ name: dialect, dialect, baseUrl, token }))
  const gateway = await startProcess(given.folder, await freePort(), {
    NODE_OPTIONS: `--import ${new URL('inside.ts', import.meta.url).href}`,
    SOAK_PORT: String(given.inside),
    DATABASE_URL: given.databaseUrl,
    GATEHOUSE_PROFILE: 'development',
    GATEHOUSE_ADMIN_KEY: benchKey,
    GATEHOUSE_SECRET: randomBytes(32).toString('hex'),
    GATEHOUSE_PROVIDERS: JSON.stringify(providers),
    LOGIN_LIMITS: JSON.stringify(noLimits),
    LOG_LEVEL: 'warn',
  })
  const [taskset, flag, core] = onCore('MEASURED')
  if (taskset !== undefined && flag !== undefined && core !== undefined)
    execFileSync(taskset, ['-a', '-p', flag, core, String(gateway.child.pid)], { stdio: 'ignore' })
  return gateway
}

const ended = (gateway: GatewayProcess): Promise<string> =>
  new Promise(resolve => {
    gateway.child.once('exit', (code, signal) => resolve(`ended with ${signal ?? code}`))
  })

/** What the gateway logged, by its message. */
const complaintsOf = (output: string): Readonly<Record<string, { count: number; first: string }>> => {
  const found: Record<string, { count: number; first: string }> = {}
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue
    const { msg, error } = JSON.parse(line) as { msg?: string; error?: unknown }
    const name = `${msg ?? line.slice(0, 80)}${typeof error === 'string' ? ` (${error})` : ''}`
    const known = found[name] ?? { count: 0, first: line.slice(0, 1_500) }
    found[name] = known
    known.count++
  }
  return found
}

const progressOf = (samples: readonly Sample[], told: Told): string => {
  const last = samples.at(-1)
  if (last === undefined) return 'soak: nothing yet'
  const wrong = Object.values(told.wrong).reduce((sum, { count }) => sum + count, 0)
  return `soak: ${shown(last.at / 60)} min, ${last.live} live, ${told.logins} over, ${shown(last.resident / mega)} MB resident, ${shown(last.heap / mega)} MB heap, ${last.descriptors} descriptors, ${last.databaseConnections} connections, lag p99 ${shown(last.lagP99)} ms, wrong ${wrong}`
}

interface Found {
  readonly logins: number
  readonly minutes: number
  readonly seed: number
  readonly rampUp: number
  readonly samples: readonly Sample[]
  readonly told: Told & { readonly faults: Readonly<Record<string, number>>; readonly calls: number }
  readonly left: { readonly turns: number; readonly gaps: number; readonly logins: number } | null
  readonly stopped: string
  readonly complaints: Readonly<Record<string, { readonly count: number; readonly first: string }>>
}

const report = (found: Found): SoakReport => {
  const { logins, minutes, seed, samples, told, left, stopped, complaints, rampUp } = found
  // Five minutes each, or a quarter of what there is.
  const stretch = Math.min(300, (minutes * 60 - rampUp / 1_000) / 4)
  const from = rampUp / 1_000
  const first = samples.filter(({ at }) => at >= from && at < from + stretch)
  const last = samples.filter(({ at }) => at >= minutes * 60 - stretch)
  const row = (label: string, of: (sample: Sample) => number) => {
    const [before, after] = [mean(first.map(of)), mean(last.map(of))]
    const most = Math.max(...samples.map(of))
    return [label, shown(before), shown(after), `${shown((after / before - 1) * 100)} %`, shown(most)]
  }
  const counted = (all: Told['wrong']) =>
    Object.entries(all)
      .map(([name, { count }]) => `${name} ${count}`)
      .join(', ') || 'none'
  return {
    title: `soak: ${logins} logins over both dialects for ${minutes} minutes, seed ${seed}`,
    columns: ['', `first ${shown(stretch / 60)} min`, `last ${shown(stretch / 60)} min`, 'change', 'most'],
    rows: [
      row('resident MB', ({ resident }) => resident / mega),
      row('heap MB, after a collection', ({ heap }) => heap / mega),
      row('outside the heap MB', ({ external }) => external / mega),
      row('descriptors', ({ descriptors }) => descriptors),
      row('active handles', ({ handles }) => Object.values(handles).reduce((sum, count) => sum + count, 0)),
      row('database connections', ({ databaseConnections }) => databaseConnections),
      row('lag p99 ms', ({ lagP99 }) => lagP99),
      row('lag p99 ms, load', ({ loadLagP99 }) => loadLagP99),
      row('CPU %, load', ({ loadCpu }) => loadCpu),
      row('calls upstream a second', ({ callRate }) => callRate),
      row('logins live', ({ live }) => live),
    ],
    notes: [
      `${told.logins} logins ended, ${told.events} events watched, ${told.resumed} watchers came back, ${told.calls} calls upstream`,
      `wrong: ${counted(told.wrong)}`,
      `signed in upstream and not confirmed: ${counted(told.unconfirmed)}`,
      `wrong only as the upstream sees it: ${counted(told.accepted)}`,
      `ends: ${counted(told.reasons)}`,
      `refusals: ${counted(told.refusals)}`,
      `broken: ${counted(told.errors)}`,
      `faults: ${Object.entries(told.faults)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`,
      `left in the database: ${left?.turns} turns, ${left?.gaps} logins with a gap, of ${left?.logins}`,
      `logged by the gateway: ${
        Object.entries(complaints)
          .map(([name, { count }]) => `${name} ${count}`)
          .join(', ') || 'nothing'
      }`,
      `stopped: ${stopped}`,
      ...examplesOf('wrong', told.wrong),
      ...examplesOf('signed in upstream and not confirmed', told.unconfirmed),
      ...examplesOf('wrong only as the upstream sees it', told.accepted),
    ],
    json: found,
  }
}

/** A few logins of each kind, with their events and calls: so that nobody has to guess. */
const examplesOf = (what: string, all: Told['wrong']): readonly string[] =>
  Object.entries(all).flatMap(([name, { examples }]) =>
    examples.length === 0
      ? []
      : [`${what}, for example ${name}:\n${examples.join('\n').replaceAll(/^/gmu, '    ')}`],
  )

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
