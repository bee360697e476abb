// How Postgres reads what lists ask for, among 200,000 logins and their events: from the end of an index, and little more
// than a page. The planner is as it comes; the statements are those that the store sends.

import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountPage } from '../../src/db/accounts.ts'
import type { Database } from '../../src/db/connection/connection.ts'
import { eventPagesOf } from '../../src/db/events.ts'
import type { MomentCursor, Page } from '../../src/db/filters.ts'
import { loginCount, loginCountsOf, loginPage, loginPagesOf } from '../../src/db/login-pages.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { type LoginQuestion, type LoginQuestions, loginQuestions } from '../support/login-questions.ts'
import { tenant } from './given.ts'
import { accountOf, addManyLogins, deviceOf } from './skewed-logins.ts'

const many = {
  logins: 200_000,
  devices: 20_000,
  events: 3,
  until: Date.parse('2026-06-20T00:00:00Z'),
  span: 60 * 86_400_000,
}
const orders = ['STARTED_AT_DESC', 'STARTED_AT_ASC'] as const
const page: Page<MomentCursor> = { limit: 51, after: null, before: null, backward: false }
const middle = { at: many.until - many.span / 2, id: deviceOf(1) }
/** Rows that a page of 50 may look at: from the starting end of each reason, and some that do not fit. */
const mostRead = 6_000

let database: TestDatabase
let client: postgres.Sql
let db: Database
let asked: LoginQuestions

beforeAll(async () => {
  database = await freshDatabase('postgres')
  client = postgres(database.url ?? '', { max: 1, onnotice: () => {}, fetch_types: false })
  db = drizzle(client) as unknown as Database
  await addManyLogins(rowsWith(db), many)
  // What `ANALYZE` does not tell: which pages are visible to all, without which no index is read alone.
  await client.unsafe('vacuum (analyze) login, account')
  await client.unsafe('analyze')
  asked = await loginQuestions(rowsWith(db), tenant)
})

afterAll(async () => {
  await client?.end()
  await database?.[Symbol.asyncDispose]()
})

describe('a page of logins', () => {
  test('by any single filter reads from an index, in both orders, from the start and from the middle', async () => {
    expect(asked.singles.length).toBeGreaterThan(40)
    expect(await problemsOf(db, asked.singles)).toEqual([])
  })

  test('by the pairs that analysts join does too', async () => {
    expect(asked.pairs).toHaveLength(12)
    expect(await problemsOf(db, asked.pairs)).toEqual([])
  })

  test('deep within a range of ends reads no more than at its start', async () => {
    const [endedFrom, endedTo] = [middle.at - 3_600_000, middle.at]
    for (const at of [endedFrom - 60_000, endedFrom + 1_800_000, endedTo - 1_000])
      for (const order of orders) {
        const where = { endedFrom, endedTo, province: ['p33'] }
        const statement = loginPage(db, tenant, where, order, { ...page, after: { ...middle, at } })
        const { scanned, read } = await planOf(db, statement ?? sql`select 1`)
        expect([order, at, scanned, read < mostRead]).toEqual([order, at, [], true])
      }
  })

  test('of each of a hundred devices or accounts is read by theirs', async () => {
    for (const [whose, idOf] of [
      ['device', deviceOf],
      ['account', accountOf],
    ] as const) {
      const ids = Array.from({ length: 100 }, (_, n) => idOf(n + 1))
      const pages = loginPagesOf(db, tenant, whose, ids, { state: ['FAILED'] }, 'STARTED_AT_DESC', page)
      expect((await planOf(db, pages)).scanned).toEqual([])
      expect((await planOf(db, loginCountsOf(tenant, whose, ids, {}))).scanned).toEqual([])
    }
  })
})

test('counts by a filter that an index begins with read no table', async () => {
  const narrow = asked.singles.filter(
    ({ name }) =>
      /rarest|^device$|account|wcId|reference|live$|none/.test(name) && !name.startsWith('method'),
  )
  expect(narrow.length).toBeGreaterThan(10)
  for (const { name, where } of narrow) {
    const count = loginCount(tenant, where)
    if (count !== null) expect([name, (await planOf(db, count)).scanned]).toEqual([name, []])
  }
})

test('a name is searched for by its trigrams, and a Chinese one by its characters', async () => {
  for (const [search, index] of [
    ['xid_1999', 'account_names'],
    ['伟', 'account_name_grams'],
    ['欧阳', 'account_name_grams'],
    ['欧阳修', 'account_name_grams'],
  ] as const) {
    const [row] = await rowsWith(db)<{ 'QUERY PLAN': unknown }>(
      sql`explain (format json) ${accountPage(db, tenant, { search }, page, many.until)}`,
    )
    expect([search, JSON.stringify(row)]).toEqual([search, expect.stringContaining(index)])
  }
})

test('events of a hundred logins are read from the partitions of their months', async () => {
  const rows = await rowsWith(db)<{ id: string }>(
    sql`select id from login where started > ${new Date(middle.at).toISOString()} order by id limit 100`,
  )
  for (const backward of [false, true]) {
    const plan = await planOf(
      db,
      eventPagesOf(
        db,
        tenant,
        rows.map(({ id }) => id),
        { limit: 21, after: 1, before: null, backward },
      ),
    )
    expect(plan.scanned).toEqual([])
    expect(plan.read).toBeLessThanOrEqual(100 * 2)
  }
})

test('days of the funnel that analysts see are read where their logins lie', async () => {
  const day = new Date(middle.at).toISOString().slice(0, 10)
  const rows = sql`select * from analytics.daily_funnel where day between ${day}::date and ${day}::date + 1`
  const [row] = await rowsWith(db)<{ 'QUERY PLAN': unknown }>(sql`explain (format json) ${rows}`)
  expect(JSON.stringify(row)).toContain('login_by_utc_day')
})

/** In a transaction that is rolled back. */
const after = async (change: SQL, questions: readonly LoginQuestion[]): Promise<readonly string[]> => {
  const nothingLeft = new Error('rolled back')
  let problems: readonly string[] = []
  const undone = db.transaction(async tx => {
    await tx.execute(change)
    problems = await problemsOf(tx as unknown as Database, questions)
    throw nothingLeft
  })
  await expect(undone).rejects.toBe(nothingLeft)
  return problems
}

test('what is looked for among the first logins is so before anybody has analyzed the table, as after a restore', async () => {
  const faceted =
    /^(state|method|firstMethod|strategy|provider|deviceType|province|startedBy|firstOnDevice)\b/
  const questions = asked.singles.filter(({ name }) => faceted.test(name))
  expect(questions.length).toBeGreaterThan(20)
  expect(await after(sql`delete from pg_statistic where starelid = 'login'::regclass`, questions)).toEqual([])
})

test('without an index this is seen', async () => {
  const without = (index: string, questions: readonly LoginQuestion[]) =>
    after(sql.raw(`drop index ${index}`), questions)
  const rareProvince = asked.singles.filter(({ name }) => name === 'province, the rarest')
  expect(await without('login_ended_by_province', rareProvince)).not.toEqual([])
  const everything = [{ name: 'everything', where: {} }]
  expect(await problemsOf(db, everything)).toEqual([])
  expect(await without('login_by_start', everything)).toContainEqual(
    expect.stringContaining('Seq Scan on login'),
  )
})

const problemsOf = async (on: Database, questions: readonly LoginQuestion[]): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const { name, where } of questions)
    for (const order of orders)
      for (const after of [null, middle]) {
        const statement = loginPage(on, tenant, where, order, { ...page, after })
        if (statement === null) throw new Error(`Nothing is asked for by ${name}`)
        const { scanned, read } = await planOf(on, statement)
        const what = `${name}, ${order}, ${after === null ? 'from the start' : 'from the middle'}`
        for (const one of scanned) problems.push(`${what}: ${one}`)
        if (read > mostRead) problems.push(`${what}: looked at ${read} rows`)
      }
  return problems
}

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Node[]
}

/** Tables of logins and events that were read whole, and how many of their rows were looked at. Pruned ones were not. */
const planOf = async (on: Database, statement: SQL | SQLWrapper) => {
  const [row] = await rowsWith(on)<{ 'QUERY PLAN': readonly { Plan: Node }[] | string }>(
    sql`explain (analyze, timing off, format json) ${statement}`,
  )
  const told = row?.['QUERY PLAN'] ?? '[]'
  const [plan] = (typeof told === 'string' ? JSON.parse(told) : told) as readonly { Plan: Node }[]
  if (plan === undefined) throw new Error('There is no plan')
  const scans = nodesOf(plan.Plan).filter(node => /^login(_event\w*)?$/.test(node['Relation Name'] ?? ''))
  return {
    scanned: scans
      .filter(node => node['Node Type'].endsWith('Seq Scan') && node['Actual Loops'] > 0)
      .map(node => `${node['Node Type']} on ${node['Relation Name']}`),
    read: scans.reduce(
      (sum, node) =>
        sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
      0,
    ),
  }
}

const nodesOf = (node: Node): readonly Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

const rowsWith =
  (on: Database) =>
  async <Row>(statement: SQL): Promise<readonly Row[]> => [
    ...((await on.execute(statement)) as unknown as Iterable<Row>),
  ]
