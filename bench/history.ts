// What analysts wait for among millions of logins: a page of 50 by every single filter and by the pairs that they join,
// beside the plain SQL of each; counts and statistics; and what nobody was promised, which ends in half a second.

import { and } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Database } from '../src/db/connection/connection.ts'
import { connectPostgres } from '../src/db/connection/postgres.ts'
import { DatabaseError } from '../src/db/errors.ts'
import type { LoginFilter, MomentCursor, Page } from '../src/db/filters.ts'
import { loginConditions } from '../src/db/login-filter.ts'
import { type LoginOrder, loginKeys } from '../src/db/login-pages.ts'
import { selectLogins } from '../src/db/login-records.ts'
import { openStoreOn } from '../src/db/open-store.ts'
import type { StatisticsQuestion } from '../src/db/statistics-store.ts'
import type { Store } from '../src/db/store.ts'
import { type LoginQuestion, type LoginQuestions, loginQuestions } from '../test/support/login-questions.ts'
import type { Benchmark, Goal, Row, Settings, Table } from './benchmark.ts'
import type { Seeder } from './processes/seeder.ts'
import { startChild } from './support/child.ts'
import { moveTo } from './support/cores.ts'
import { percentile } from './support/numbers.ts'
import { startPostgres } from './support/postgres.ts'

const tenant = 'default'
const day = 86_400_000
const days = 365
const usual = 5_000_000
/** Of each question and round: from the start and from somewhere in the middle, in both orders. */
const samples = 150
/** Milliseconds of one try of the plain SQL, where it takes longer, and of all tries of a question and round: fewer will do then. */
const bareTimeout = 1_000
const bareEnough = 10_000

export const history: Benchmark = {
  name: 'history',
  says: 'a page of 50 among 5,000,000 logins by every filter, against plain SQL; counts and statistics',
  onlyByName: true,
  run: async settings => {
    const logins = settings.logins?.[0] ?? usual
    const rounds = settings.rounds ?? 3
    await using filled = await databaseFor(settings, logins)
    // The store that is measured is in this process.
    await using _core = onMeasuredCore()
    await using stage = await open(filled.url)
    const { connection, store, bare } = stage
    const asked = await loginQuestions(connection.rows, tenant)
    const edges = await edgesOf(bare)
    const pages = (questions: readonly LoginQuestion[]) =>
      pageRows({ settings, rounds, store, bare, questions, edges })
    const singles = await pages(asked.singles)
    const pairs = await pages(asked.pairs)
    return [
      ...filled.tables,
      tableOf('a page of 50 by every single filter', singles),
      tableOf('a page of 50 by the pairs that analysts join', pairs),
      await whole(settings, rounds, store, asked, edges.to),
    ]
  },
}

// ---------------------------------------------------------------- the database

/** A new one, seeded, or the one that was named. */
const databaseFor = async (
  settings: Settings,
  logins: number,
): Promise<AsyncDisposable & { readonly url: string; readonly tables: readonly Table[] }> => {
  if (settings.database !== null)
    return { url: settings.database, tables: [], [Symbol.asyncDispose]: async () => {} }
  await using parts = new AsyncDisposableStack()
  const servers = parts.use(await startPostgres())
  const { url } = parts.use(await servers.fresh())
  const tables = [await fill(settings, url, logins)]
  const kept = parts.move()
  return { url, tables, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const fill = async (settings: Settings, url: string, logins: number): Promise<Table> => {
  settings.say(`history: seeding ${logins} logins of ${days} days`)
  const began = performance.now()
  await using seeder = await startChild<Seeder>('seeder', 'MEASURED')
  const seeded = await seeder.ask('seed', { url, logins, days })
  const seconds = (performance.now() - began) / 1_000
  const sizes = postgres(url, { max: 1, onnotice: () => {} })
  const [size] = await sizes<{ all: number; login: number; indexes: number; events: number }[]>`
    select pg_database_size(current_database())::float8 as all, pg_table_size('login')::float8 as login,
      pg_indexes_size('login')::float8 as indexes,
      (select sum(pg_total_relation_size(inhrelid))::float8 from pg_inherits where inhparent = 'login_event'::regclass) as events`
  await sizes.end()
  const giga = (bytes = Number.NaN) => [bytes / 1_073_741_824]
  return {
    title: `history: ${logins} logins with ${seeded.events} events`,
    rows: [
      {
        label: 'seeded',
        cells: {
          seconds: [seconds],
          'rows/s': [seeded.rows / seconds],
          'database GB': giga(size?.all),
          'logins GB': giga(size?.login),
          'their indexes GB': giga(size?.indexes),
          'events GB': giga(size?.events),
        },
      },
    ],
  }
}

const onMeasuredCore = (): AsyncDisposable => {
  moveTo('MEASURED')
  return { [Symbol.asyncDispose]: async () => moveTo('LOAD') }
}

const open = async (url: string) => {
  const connection = await connectPostgres({ url })
  const store = await openStoreOn(connection, { secret: new Uint8Array(32) })
  const bare = postgres(url, {
    max: 1,
    onnotice: () => {},
    fetch_types: false,
    connection: { statement_timeout: bareTimeout },
  })
  return {
    connection,
    store,
    bare,
    [Symbol.asyncDispose]: async () => {
      await bare.end()
      await store.close()
    },
  }
}

const edgesOf = async (bare: postgres.Sql): Promise<{ readonly from: number; readonly to: number }> => {
  const [edges] = await bare<{ from: number; to: number }[]>`
    select (extract(epoch from min(started)) * 1000)::float8 as from, (extract(epoch from max(started)) * 1000)::float8 as to
    from login`
  return edges ?? { from: 0, to: 0 }
}

// ---------------------------------------------------------------- pages

interface Measured {
  readonly name: string
  /** By round. */
  readonly ours: readonly (readonly number[])[]
  readonly bare: readonly (readonly number[])[]
}

const pageRows = async (given: {
  settings: Settings
  rounds: number
  store: Store
  bare: postgres.Sql
  questions: readonly LoginQuestion[]
  edges: { readonly from: number; readonly to: number }
}): Promise<readonly Measured[]> => {
  const { settings, rounds, store, bare, questions, edges } = given
  const measured: Measured[] = []
  for (const { name, where } of questions) {
    const ours: number[][] = []
    const plain: number[][] = []
    for (let round = 0; round < rounds; round++) {
      ours.push([])
      plain.push([])
      for (let sample = 0; sample < samples; sample++) {
        const order: LoginOrder = sample % 2 === 0 ? 'STARTED_AT_DESC' : 'STARTED_AT_ASC'
        const page = { limit: 51, after: placeOf(where, edges, sample), before: null, backward: false }
        ours.at(-1)?.push(await took(() => store.pageLogins(tenant, where, order, page)))
        const tried = plain.at(-1) ?? []
        if (sum(tried) < bareEnough) tried.push(await took(() => plainPage(bare, where, order, page)))
      }
    }
    settings.say(`history: ${name}: p95 ${percentile(ours.flat(), 0.95).toFixed(1)} ms`)
    measured.push({ name, ours, bare: plain })
  }
  return measured
}

/** Every other time from the start, else from a place that lies within what is asked for. */
const placeOf = (
  where: LoginFilter,
  edges: { readonly from: number; readonly to: number },
  sample: number,
): MomentCursor | null => {
  if (sample % 4 < 2) return null
  const from = where.startedFrom ?? where.endedFrom ?? edges.from
  const to = where.startedTo ?? where.endedTo ?? edges.to
  return {
    at: Math.round(from + ((to - from) * (sample + 0.5)) / samples),
    id: '00000000-0000-7000-8000-000000000000',
  }
}

/** What one would type for the same rows: the filter as conditions, and beside each login its turn, scanner and successor. */
const plainPage = async (
  bare: postgres.Sql,
  where: LoginFilter,
  order: LoginOrder,
  page: Page<MomentCursor>,
): Promise<unknown> => {
  const keys = loginKeys(order, page)
  const { sql, params } = selectLogins(drizzle.mock() as unknown as Database, {})
    .where(and(loginConditions(tenant, where), keys.where))
    .orderBy(...keys.orderBy)
    .limit(page.limit)
    .toSQL()
  return await bare.unsafe(sql, params as never[])
}

const sum = (times: readonly number[]): number => times.reduce((total, time) => total + time, 0)

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  try {
    await work()
  } catch (error) {
    if (codeOf(error) !== '57014') throw error
  }
  return performance.now() - began
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code

const tableOf = (title: string, measured: readonly Measured[]): Table => {
  const p95 = (rounds: Measured['ours']) => rounds.map(round => percentile(round, 0.95))
  const ratios = ({ ours, bare }: Measured) =>
    ours.map((round, index) => percentile(round, 0.95) / percentile(bare[index] ?? [], 0.95))
  const worst = (of: (one: Measured) => readonly number[]) =>
    Array.from({ length: measured[0]?.ours.length ?? 0 }, (_, round) =>
      Math.max(...measured.map(one => of(one)[round] ?? Number.NaN)),
    )
  return {
    title: `history: ${title}`,
    rows: measured.map(one => ({
      label: one.name,
      cells: {
        'p50 ms': one.ours.map(round => percentile(round, 0.5)),
        'p95 ms': p95(one.ours),
        'bare p50 ms': one.bare.map(round => percentile(round, 0.5)),
        'bare p95 ms': p95(one.bare),
        '× bare': ratios(one),
      },
    })),
    goals: [
      { what: 'p95 of the slowest, ms', reached: worst(one => p95(one.ours)), atMost: 30 },
      { what: 'p95 of ours by p95 of plain SQL, the worst', reached: worst(ratios), atMost: 3 },
    ],
    notes: [
      `\`store.pageLogins\` against one plain select of the same rows with the filter as conditions, each ${samples} times a round, in turn; half from the start, half from the middle, in both orders.`,
      `Plain SQL that takes ${bareTimeout / 1_000} s is ended there, and tried no more once it has taken ${bareEnough / 1_000} s in a round.`,
    ],
  }
}

// ---------------------------------------------------------------- counts, statistics, and the rest

const about = (where: LoginFilter, more: Partial<StatisticsQuestion>): StatisticsQuestion => ({
  where,
  groupBy: [],
  interval: null,
  timeZone: 'UTC',
  durations: true,
  dialects: {},
  ...more,
})

/** As `loginFunnel` asks. */
const funnel = (where: LoginFilter): StatisticsQuestion =>
  about(where, { groupBy: ['REASON'], durations: false })

const whole = async (
  settings: Settings,
  rounds: number,
  store: Store,
  asked: LoginQuestions,
  to: number,
): Promise<Table> => {
  const quarter: LoginFilter = { startedFrom: to - 90 * day, startedTo: to }
  const counts = [{ name: 'everything', where: {} }, ...asked.pairs, ...asked.odd]
  const first = { limit: 51, after: null, before: null, backward: false }
  const cases: readonly { readonly name: string; readonly goal?: number; run(): Promise<unknown> }[] = [
    ...['UTC', 'Asia/Shanghai', 'Asia/Kathmandu', 'America/New_York'].map(timeZone => ({
      name: `statistics by province and day over 90 days of ${timeZone}`,
      goal: 100,
      run: () =>
        store.readLoginStatistics(
          tenant,
          about(quarter, { groupBy: ['PROVINCE'], interval: 'DAY', timeZone }),
        ),
    })),
    {
      name: 'the funnel over 90 days',
      goal: 100,
      run: () => store.readLoginStatistics(tenant, funnel(quarter)),
    },
    {
      name: 'the funnel of everything',
      goal: 100,
      run: () => store.readLoginStatistics(tenant, funnel({})),
    },
    ...counts.map(({ name, where }) => ({
      name: `totalCount: ${name}`,
      run: () => store.countLogins(tenant, where),
    })),
    ...asked.odd.map(({ name, where }) => ({
      name: `a page: ${name}`,
      run: () => store.pageLogins(tenant, where, 'STARTED_AT_DESC', first),
    })),
  ]
  const rows: Row[] = []
  const goals: Goal[] = []
  for (const { name, goal, run } of cases) {
    const times: number[][] = []
    let expensive = false
    for (let round = 0; round < rounds; round++) {
      times.push([])
      for (let sample = 0; sample < 5; sample++) {
        const began = performance.now()
        try {
          await run()
        } catch (error) {
          if (!(error instanceof DatabaseError && error.tooExpensive)) throw error
          expensive = true
        }
        times.at(-1)?.push(performance.now() - began)
      }
    }
    settings.say(`history: ${name}: ${percentile(times.flat(), 0.5).toFixed(0)} ms`)
    rows.push({
      label: name,
      cells: {
        'p50 ms': times.map(round => percentile(round, 0.5)),
        'most ms': times.map(round => Math.max(...round)),
        answer: expensive ? 'TOO_EXPENSIVE' : 'an answer',
      },
    })
    if (goal !== undefined)
      goals.push({
        what: `${name}, p50 ms`,
        reached: times.map(round => percentile(round, 0.5)),
        atMost: goal,
      })
  }
  return { title: 'history: counts, statistics, and questions that nobody was promised', rows, goals }
}
