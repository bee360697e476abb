// The ten questions of docs/analysts.md, asked as they stand there: in GraphQL of a gateway, in SQL as an analyst, of one
// history. Both must tell the same.

import { readFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seedHistory } from '../../seed/seed.ts'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { type Analyst, anAnalyst } from '../support/analyst.ts'
import { ask } from '../support/api-client.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const page = readFileSync(new URL('../../docs/analysts.md', import.meta.url), 'utf8')

interface Question {
  readonly title: string
  readonly graphql: string
  readonly sql: string
  /** What is asked before, for something to ask the question with. */
  readonly before: { readonly graphql: string; readonly sql: string }
}

const blocks = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block)

const block = (text: string, language: string, place: number): string =>
  blocks(text, language).at(place) ?? ''

const questions: readonly Question[] = page
  .split(/^## (?=\d+\. )/m)
  .slice(1)
  .map(text => ({
    title: text.slice(0, text.indexOf('\n')),
    graphql: block(text, 'graphql', -1),
    sql: block(text, 'sql', -1),
    before: { graphql: block(text, 'graphql', -2), sql: block(text, 'sql', -2) },
  }))

type Row = Readonly<Record<string, unknown>>

interface Stats {
  readonly bucketStart: string | null
  readonly keys: readonly { readonly value: string | null }[]
  readonly started: number
  readonly confirmed: number
  readonly alreadySignedIn: number
  readonly expired: number
  readonly rejected: number
  readonly cancelled: number
  readonly failed: number
  readonly live: number
  readonly successRate: number | null
  readonly secondsToScan: Readonly<Record<string, number>> | null
  readonly secondsToConfirm: Readonly<Record<string, number>> | null
}

let gateway: TestGateway
let analyst: Analyst

beforeAll(async () => {
  gateway = await startTestGateway({
    engine: 'postgres',
    upstream: { url: 'http://127.0.0.1:9', token: 'nobody-listens' },
  })
  const connection = await connectPostgres({ url: gateway.database.url ?? '', statements: 2 })
  try {
    const until = Date.parse('2026-11-16T00:00:00+08:00')
    await seedHistory({ connection, logins: 4_000, days: 60, seed: 'ten', until })
  } finally {
    await connection.close()
  }
  analyst = await anAnalyst(gateway.database, ['default'])
})

afterAll(async () => {
  await analyst?.[Symbol.asyncDispose]()
  await gateway?.[Symbol.asyncDispose]()
})

const inSql = async (number: number, loginId = ''): Promise<readonly Row[]> =>
  await analyst.sql.unsafe<Row[]>((questions[number - 1]?.sql ?? '').replace('<login id>', loginId))

const inGraphql = async <Result>(number: number, variables: object = {}): Promise<Result> =>
  await ask<Result>(gateway.address, questions[number - 1]?.graphql ?? '', variables)

const stats = async (number: number): Promise<readonly Stats[]> => await inGraphql<readonly Stats[]>(number)

const key = (row: Stats): string | null => row.keys[0]?.value ?? null

const near = (found: number | undefined, exact: unknown): void => {
  if (exact === null || found === undefined) {
    expect(found ?? null).toBe(exact)
    return
  }
  expect(Math.abs(found - Number(exact))).toBeLessThanOrEqual(Number(exact) * 0.01)
}

/** The same rows in any order: both are put in the order of what they are by. */
const pairs = <One, Other>(
  ones: readonly One[],
  others: readonly Other[],
  oneBy: (one: One) => unknown,
  otherBy: (other: Other) => unknown,
): readonly (readonly [One, Other])[] => {
  const found = new Map(others.map(other => [String(otherBy(other)), other]))
  expect(ones.map(one => String(oneBy(one))).sort()).toEqual([...found.keys()].sort())
  expect(ones.length).toBeGreaterThan(0)
  return ones.map(one => [one, found.get(String(oneBy(one))) as Other])
}

describe('docs/analysts.md', () => {
  it('has ten questions, each in both languages', () => {
    expect(questions).toHaveLength(10)
    for (const { graphql, sql } of questions) {
      expect(graphql).toMatch(/\S/)
      expect(sql).toMatch(/^select/)
    }
  })

  it('1: why logins failed', async () => {
    const { reasons } = await inGraphql<{ reasons: { reason: string; count: number }[] }>(1)
    const rows = await inSql(1)
    expect(rows.length).toBeGreaterThan(1)
    expect(reasons.toSorted((one, other) => one.reason.localeCompare(other.reason))).toEqual(
      rows
        .map(({ reason, count }) => ({ reason: String(reason), count }))
        .toSorted((one, other) => one.reason.localeCompare(other.reason)),
    )
  })

  it('2: push and QR on Macs', async () => {
    for (const [one, row] of pairs(await stats(2), await inSql(2), key, row => row.first_method)) {
      expect(one.started).toBe(row.started)
      expect(one.successRate).toBeCloseTo(Number(row.success_rate), 10)
      near(one.secondsToConfirm?.p50, row.p50)
      near(one.secondsToConfirm?.p95, row.p95)
    }
  })

  it('3: scans by hour', async () => {
    const both = pairs(await stats(3), await inSql(3), key, row => row.hour)
    expect(both.length).toBeGreaterThan(20)
    for (const [one, row] of both) {
      expect(one.started).toBe(row.started)
      near(one.secondsToScan?.p50, row.p50)
      near(one.secondsToScan?.p90, row.p90)
    }
  })

  it('4: day by day', async () => {
    const both = pairs(
      await stats(4),
      await inSql(4),
      one => one.bucketStart,
      row => (row.day as Date).toISOString(),
    )
    expect(both).toHaveLength(15)
    for (const [one, row] of both) {
      const { day, ...counts } = row
      const { started, confirmed, alreadySignedIn, expired, rejected, cancelled, failed, live } = one
      const ends = {
        confirmed,
        already_signed_in: alreadySignedIn,
        expired,
        rejected,
        cancelled,
        failed,
        live,
      }
      expect({ started, ...ends }).toEqual(counts)
      expect(Object.values(ends).reduce((total, count) => total + count, 0)).toBe(started)
    }
    // As the page says: 1 November in Shanghai.
    expect(both[0]?.[0].bucketStart).toBe('2026-10-31T16:00:00.000Z')
    const sum = (name: 'alreadySignedIn' | 'cancelled') => both.reduce((count, [one]) => count + one[name], 0)
    expect(sum('alreadySignedIn')).toBeGreaterThan(0)
    expect(sum('cancelled')).toBeGreaterThan(0)
  })

  it('5: provinces', async () => {
    const [ones, rows] = [await stats(5), await inSql(5)]
    const names = ones.map(key).filter(name => name !== null)
    expect(names).toEqual(names.toSorted())
    const rates = rows.map(row => Number(row.success_rate ?? 2))
    expect(rates).toEqual(rates.toSorted((one, other) => one - other))
    for (const [one, row] of pairs(ones, rows, key, row => row.province)) {
      expect([one.started, one.confirmed]).toEqual([row.started, row.confirmed])
      if (row.success_rate === null) expect(one.successRate).toBeNull()
      else expect(one.successRate).toBeCloseTo(Number(row.success_rate), 10)
    }
  })

  it('6: an upstream out of reach', async () => {
    const both = pairs(
      await stats(6),
      await inSql(6),
      one => `${one.bucketStart} ${key(one)}`,
      row => `${(row.hour as Date).toISOString()} ${row.provider}`,
    )
    for (const [one, row] of both) expect(one.failed).toBe(row.failed)
  })

  it('7: the fallback', async () => {
    for (const [one, row] of pairs(await stats(7), await inSql(7), key, row => row.method)) {
      expect([one.started, one.confirmed]).toEqual([row.started, row.confirmed])
      expect(one.successRate).toBeCloseTo(Number(row.success_rate), 10)
    }
  })

  it('8: first-day drops', async () => {
    const { edges } = await inGraphql<{
      edges: { node: { from: string; endReason: string; login: { deviceType: string } | null } }[]
    }>(8)
    const rows = await inSql(8)
    expect(rows.length).toBeGreaterThan(0)
    expect(edges.map(({ node: { login } }, index) => login?.deviceType ?? rows[index]?.device_type)).toEqual(
      rows.map(row => row.device_type),
    )
    expect(edges.filter(({ node }) => node.login !== null).length).toBeGreaterThan(rows.length / 2)
    expect(edges.map(({ node }) => [node.from, node.endReason])).toEqual(
      rows.map(row => [(row.began_at as Date).toISOString(), row.end_reason]),
    )
  })

  it('9: devices to reset', async () => {
    const { totalCount, edges } = await inGraphql<{
      totalCount: number
      edges: { node: { id: string; lastLoginAt: string | null } }[]
    }>(9)
    const rows = await inSql(9)
    // What the seed leaves: the page promises that there is one.
    expect(rows.length).toBeGreaterThan(0)
    expect(totalCount).toBe(edges.length)
    expect(edges.map(({ node }) => Buffer.from(node.id, 'base64').toString().split(':')[1])).toEqual(
      rows.map(row => row.device_id),
    )
  })

  it('10: one account', async () => {
    const [known] = await gateway.database.rows<{ wc_id: string; login_id: string }>(
      // An account whose logins fit the page, and one of these.
      sql`
        select a.wc_id, max(l.id::text) as login_id from login l join account a on a.id = l.account_id
        group by a.id, a.wc_id having count(*) between 2 and 20 order by count(*) desc, a.wc_id limit 1`,
    )
    if (known === undefined) throw new Error('Nobody signed in')
    const { edges } = await inGraphql<{
      edges: {
        node: {
          startedAt: string
          account: object | null
          events: { edges: { node: { state: string } }[] }
        }
      }[]
    }>(10, { wcId: known.wc_id })
    const rows = await inSql(10, known.login_id)
    // Those that failed are told in GraphQL alone.
    const seen = edges.flatMap(({ node }) =>
      node.account === null ? [] : node.events.edges.map(({ node: event }) => [node.startedAt, event.state]),
    )
    expect(seen.length).toBeGreaterThan(5)
    expect(seen).toEqual(rows.map(row => [(row.started_at as Date).toISOString(), row.state]))
  })

  it('10: an account with more than a page of logins says that there are more', async () => {
    const [known] = await gateway.database.rows<{ wc_id: string; count: number }>(sql`
      select a.wc_id, count(*)::int as count
      from account a join login l on coalesce(l.account_id = a.id, l.expected_wc_id = a.wc_id)
      group by a.wc_id order by count(*) desc, a.wc_id limit 1`)
    const { totalCount, edges, pageInfo } = await inGraphql<{
      totalCount: number
      pageInfo: { hasNextPage: boolean; endCursor: string }
      edges: unknown[]
    }>(10, { wcId: known?.wc_id })
    expect([totalCount, edges.length]).toEqual([known?.count, Math.min(100, totalCount)])
    expect(pageInfo).toEqual({ hasNextPage: totalCount > 100, endCursor: expect.any(String) })
  })

  it('10, before: where a wcId comes from, and a login', async () => {
    const { graphql = '', sql: statement = '' } = questions[9]?.before ?? {}
    const { edges } = await ask<{ edges: { node: { account: { wcId: string } } }[] }>(
      gateway.address,
      graphql,
    )
    expect(edges.map(({ node }) => node.account.wcId)).toEqual([expect.stringMatching(/\S/)])
    const found = await analyst.sql.unsafe<{ login_id: string }[]>(statement)
    expect(found).toHaveLength(1)
    expect((await inSql(10, found[0]?.login_id)).length).toBeGreaterThan(1)
  })

  it('keeps logins that found the account signed in apart from the confirmed ones, as a list by state does not', async () => {
    const [counts] = await ask<readonly Stats[]>(
      gateway.address,
      '{ loginStats { confirmed alreadySignedIn } }',
    )
    const listed = async (where: string) =>
      (await ask<{ totalCount: number }>(gateway.address, `{ logins(where: { ${where} }) { totalCount } }`))
        .totalCount
    const found = await listed('reason: [ALREADY_SIGNED_IN]')
    expect(found).toBeGreaterThan(0)
    expect(counts?.alreadySignedIn).toBe(found)
    expect(await listed('state: [CONFIRMED]')).toBe((counts?.confirmed ?? 0) + found)
  })
})
