// What it costs to know who of many signed-in accounts is still there: questions to the upstream, CPU and memory, and how long
// a drop goes unseen. Beside it what the documented way, a question for each account once a minute, would ask.

import { setTimeout as wait } from 'node:timers/promises'
import postgres from 'postgres'
import { ask } from '../test/support/api-client.ts'
import type { Benchmark, Settings, Table } from './benchmark.ts'
import type { Gateway } from './processes/gateway.ts'
import type { SignedInUpstream } from './processes/signed-in-upstream.ts'
import { benchKey } from './support/bench-key.ts'
import { startChild } from './support/child.ts'
import { percentile } from './support/numbers.ts'
import { startPostgres } from './support/postgres.ts'
import { until } from './support/until.ts'

const mega = 1_048_576
const silentDrops = 20
/** Enough that asking after each takes minutes, at the pace. */
const massDrop = 400
const watchedFor = 60_000

export const presence: Benchmark = {
  name: 'presence',
  says: 'what it costs to know who of many signed-in accounts is still there, and how long a silent drop goes unseen',
  run: async settings => {
    const accounts = settings.logins?.[0] ?? 10_000
    await using servers = await startPostgres()
    const runs = []
    for (let round = 0; round < (settings.rounds ?? 1); round++) {
      await using database = await servers.fresh()
      runs.push(await once(settings, database.url, accounts))
    }
    return [tableOf(accounts, runs)]
  },
}

const once = async (settings: Settings, databaseUrl: string, accounts: number) => {
  const seconds = settings.seconds ?? 120
  await using upstream = await startChild<SignedInUpstream>('signed-in-upstream', 'LOAD')
  await using gateway = await startChild<Gateway>('gateway', 'MEASURED')
  const { url, token } = await upstream.ask('listen', accounts)
  const name = 'upstream'
  const at = await gateway.ask('start', { databaseUrl, upstreams: [{ name, dialect: 'open', url, token }] })
  const before = await gateway.ask('memory')
  settings.say(`presence: taking ${accounts} accounts over`)
  await takeOver({ url: at.url, key: benchKey }, name)
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    // Until what was written at the take-over has been written again once, as it is from then on.
    settings.say('presence: two minutes until everybody has been asked after')
    await wait(125_000)
    const asked = await upstream.ask('last')
    const stretch = await gateway.ask('measure', seconds)
    const after = await gateway.ask('memory')
    const { calls } = await upstream.ask('asked', asked)
    settings.say(`presence: ${calls} calls in ${seconds} s; now some drop without a word`)
    const seen = await dropsSeen(sql, upstream, accounts)
    const mass = await massDropped(sql, upstream, accounts)
    settings.say(`presence: a drop is seen after ${percentile(seen, 0.5).toFixed(1)} s`)
    return {
      ...stretch,
      callsASecond: calls / (stretch.wallMs / 1_000),
      resident: after.resident / mega,
      heapAnAccount: (after.heap - before.heap) / accounts,
      seen,
      ...mass,
    }
  } finally {
    await sql.end()
  }
}

type Run = Awaited<ReturnType<typeof once>>

const takeOver = async (at: { url: string; key: string }, provider: string): Promise<void> => {
  for (let page: string | null = null; ; ) {
    const told: { nextPage?: string | null; message?: string } = await ask(
      at,
      `mutation ($input: ImportDevicesInput!) { importDevices(input: $input) {
        ... on ImportDevicesPayload { nextPage } ... on Error { message } } }`,
      { input: { provider, page } },
    )
    if (told.message !== undefined) throw new Error(told.message)
    page = told.nextPage ?? null
    if (page === null) return
  }
}

const offlineSince = async (sql: postgres.Sql): Promise<number> => {
  const [row] = await sql`select count(*)::int as count from account where presence = 'OFFLINE'`
  return Number(row?.count ?? 0)
}

/** Seconds from each drop to the moment at which the database knows, one drop every few seconds. */
const dropsSeen = async (
  sql: postgres.Sql,
  upstream: { ask(name: 'drop', numbers: readonly number[]): Promise<number> },
  accounts: number,
): Promise<readonly number[]> => {
  const dropped = new Map<string, number>()
  const seen: number[] = []
  const look = async () => {
    const rows = await sql`select d.upstream_id as id from account a join device d on d.id = a.device_id
      where a.presence = 'OFFLINE'`
    for (const { id } of rows) {
      const at = dropped.get(String(id))
      if (at === undefined) continue
      seen.push((Date.now() - at) / 1_000)
      dropped.delete(String(id))
    }
  }
  for (let drop = 0; drop < silentDrops; drop++) {
    const number = Math.floor((drop * accounts) / silentDrops / 2)
    dropped.set(`account-${number}`, await upstream.ask('drop', [number]))
    for (let looked = 0; looked < watchedFor / silentDrops / 250; looked++) {
      await look()
      await wait(250)
    }
  }
  await until(async () => {
    await look()
    return dropped.size === 0
  })
  return seen
}

/** How long many drops at once take to be known, and how fast single accounts were asked after meanwhile. */
const massDropped = async (
  sql: postgres.Sql,
  upstream: Awaited<ReturnType<typeof startChild<SignedInUpstream>>>,
  accounts: number,
) => {
  const already = await offlineSince(sql)
  const first = Math.ceil(accounts / 2)
  const numbers = Array.from({ length: Math.min(massDrop, accounts - first) }, (_, each) => first + each)
  const after = await upstream.ask('last')
  const dropped = await upstream.ask('drop', numbers)
  await until(async () => (await offlineSince(sql)) >= already + numbers.length, 600_000)
  const { mostSinglesASecond } = await upstream.ask('asked', after)
  return { massSeconds: (Date.now() - dropped) / 1_000, mostSinglesASecond }
}

const tableOf = (accounts: number, runs: readonly Run[]): Table => ({
  title: `presence: ${accounts} accounts signed in on one provider of the dialect open`,
  rows: [
    {
      label: 'this gateway',
      cells: {
        'requests/s upstream': runs.map(({ callsASecond }) => callsASecond),
        'CPU ms a minute': runs.map(({ cpuMs, wallMs }) => (cpuMs / wallMs) * 60_000),
        'lag p99 ms': runs.map(({ lagP99 }) => lagP99),
        'resident MB': runs.map(({ resident }) => resident),
        'heap bytes an account': runs.map(({ heapAnAccount }) => heapAnAccount),
        'statements a minute': runs.map(({ reads, writes, wallMs }) => ((reads + writes) / wallMs) * 60_000),
      },
    },
    {
      label: 'a question for each, once a minute',
      cells: { 'requests/s upstream': [accounts / 60] },
    },
    {
      label: 'a silent drop is seen after',
      cells: {
        'p50 s': runs.map(({ seen }) => percentile(seen, 0.5)),
        'most s': runs.map(({ seen }) => Math.max(...seen)),
      },
    },
    {
      label: `${massDrop} drops at once`,
      cells: {
        'all seen after s': runs.map(({ massSeconds }) => massSeconds),
        'most questions within 1 s': runs.map(({ mostSinglesASecond }) => mostSinglesASecond),
      },
    },
  ],
  goals: [
    {
      what: 'requests/s upstream with bulk answers',
      reached: runs.map(({ callsASecond }) => callsASecond),
      atMost: 5,
    },
    {
      what: 'questions about single accounts within one second',
      reached: runs.map(({ mostSinglesASecond }) => mostSinglesASecond),
      // Four a second; a timer or two may be late.
      atMost: 5,
    },
  ],
})
