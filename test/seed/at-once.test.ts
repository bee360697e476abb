// Two seeds of one database at the same time: whoever was not asked to write beside others never does.

import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { run } from '../../seed/run.ts'
import { type SeedOptions, seedHistory } from '../../seed/seed.ts'
import { emptyDatabase, engines, freshDatabase, type TestDatabase } from '../support/database.ts'
import { until } from './wish.ts'

const silent = { copied: () => {}, phase: () => {}, counted: () => {} }

type Given = Partial<SeedOptions> & { readonly seed: string }

/** Over a connection of its own, as from a process of its own. */
const seeding = async (database: TestDatabase, given: Given) =>
  await seedHistory({ connection: await database.connect(), logins: 600, days: 9, until, ...given })

const loginsOf = async (database: TestDatabase): Promise<number> => {
  const connection = await database.connect()
  const [row] = await connection.rows<{ count: number }>(sql`select count(*)::int as count from login`)
  return row?.count ?? Number.NaN
}

/** The first one, from when it has begun to write: what `meanwhile` answers with is settled after it. */
const whileSeeding = async <Result>(
  database: TestDatabase,
  given: Given,
  meanwhile: () => Promise<Result>,
): Promise<readonly PromiseSettledResult<unknown>[]> => {
  const begun = Promise.withResolvers<void>()
  const first = seeding(database, {
    ...given,
    progress: { ...silent, phase: name => name === 'COPYING' && begun.resolve() },
  })
  await Promise.race([begun.promise, first])
  return await Promise.allSettled([first, meanwhile()])
}

const refused = { status: 'rejected', reason: { name: 'NotEmptyError' } }

describe.each(engines)('two seeds at once on %s', engine => {
  it('are one too many: one of them writes, and the other one is refused', async () => {
    await using database = await freshDatabase(engine)
    const both = await Promise.allSettled(['a', 'b'].map(seed => seeding(database, { seed })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject(refused)
    expect(await loginsOf(database)).toBe(600)
  })

  it('both write where both were asked to write beside what is there', async () => {
    await using database = await freshDatabase(engine)
    await Promise.all(['a', 'b'].map(seed => seeding(database, { seed, intoExisting: true })))
    expect(await loginsOf(database)).toBe(1_200)
  })

  it('are one too many where the first alone was asked to write beside what is there', async () => {
    await using database = await freshDatabase(engine)
    const both = await whileSeeding(database, { seed: 'a', intoExisting: true }, () =>
      seeding(database, { seed: 'b' }),
    )
    expect(both).toMatchObject([{ status: 'fulfilled' }, refused])
    expect(await loginsOf(database)).toBe(600)
  })

  it('both write where the second was asked to write beside what is there', async () => {
    await using database = await freshDatabase(engine)
    const both = await whileSeeding(database, { seed: 'a' }, () =>
      seeding(database, { seed: 'b', intoExisting: true }),
    )
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect(await loginsOf(database)).toBe(1_200)
  })
})

const commanded = async (argv: string, DATABASE_URL: string | null) => {
  let err = ''
  const status = await run({
    argv: argv.split(' '),
    env: { DATABASE_URL: DATABASE_URL ?? '' },
    stdout: { write: () => {} },
    stderr: { write: text => (err += text) },
    onInterrupt: () => () => {},
  })
  return { status, err }
}

describe('the command', () => {
  it('twice at once into a server’s database without a table writes once, and says why not twice', async () => {
    await using database = await emptyDatabase()
    const both = await Promise.all(
      ['a', 'b'].map(seed => commanded(`--logins 600 --days 9 --seed ${seed}`, database.url)),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([0, 2])
    expect(both.find(({ status }) => status === 2)?.err).toContain('holds logins already')
  })

  it('says who may be in the way where a month cannot be made', async () => {
    await using database = await freshDatabase('postgres')
    const other = await database.connect()
    const told = await other.bulk(async session => {
      await session.rows(sql`lock table login_event in row exclusive mode`)
      return await commanded('--logins 5 --days 400', database.url)
    })
    expect(told).toEqual({
      status: 1,
      err: 'Others are at the events for long, such as another seed or a dump: try again when that is done. Nothing was written.\n',
    })
  })
})

/** Somebody else writes history beside what is there, or alone. Answers with what ends that. */
const holding = async (database: TestDatabase, way: '_shared' | '') => {
  const connection = await database.connect()
  const held = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const done = connection.bulk(async session => {
    await session.rows(sql`select pg_advisory_xact_lock${sql.raw(way)}(4711204013)`)
    held.resolve()
    await ended.promise
  })
  await Promise.race([held.promise, done])
  return async () => {
    ended.resolve()
    await done
  }
}

describe('a seed that meets another one', () => {
  it.each([
    { other: '', given: {}, first: 'WAITING' },
    { other: '', given: { intoExisting: true }, first: 'WAITING' },
    { other: '_shared', given: {}, first: 'WAITING' },
    { other: '_shared', given: { intoExisting: true }, first: 'COPYING' },
    // It would take indexes away, which two cannot do at once.
    { other: '_shared', given: { intoExisting: true, logins: 50_000 }, first: 'WAITING' },
  ] as const)('waits and says so, or begins, and is left by Ctrl-C: %j', async ({ other, given, first }) => {
    await using database = await freshDatabase('postgres')
    const end = await holding(database, other)
    const stop = new AbortController()
    const told: string[] = []
    const phase = (name: string) => {
      told.push(name)
      stop.abort()
    }
    const progress = { ...silent, phase }
    await expect(
      seeding(database, { seed: 'b', ...given, signal: stop.signal, progress }),
    ).rejects.toMatchObject({ name: 'AbortError' })
    expect(told).toEqual([first])
    await end()
    expect(await loginsOf(database)).toBe(0)
    expect((await seeding(database, { seed: 'b' })).logins).toBe(600)
  })
})
