import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/db/connection/connection.ts'
import { forgetExpired } from '../../src/db/expired.ts'
import type { MomentCursor, Page } from '../../src/db/filters.ts'
import { foldLogins } from '../../src/db/fold.ts'
import { retain } from '../../src/db/retention.ts'
import type { Store } from '../../src/db/store.ts'
import { engines, freshDatabase, type TestDatabase } from '../support/database.ts'
import { expectCells } from './cells.ts'
import { aDevice, aLogin, eventsOf, tenant, withQrCode } from './given.ts'
import { aPastMonth, aPlace, monthsBefore, type PastLogin } from './past.ts'

const all = { limit: 10_000, after: null, before: null, backward: false }

/** By hand, so that the code is held against something else: the month ended so many days ago, or more. */
const isOver = (month: string, now: number, days: number): boolean => {
  const [year, number] = month.split('-').map(Number)
  return Date.UTC(year ?? 0, number ?? 0, 1) <= now - days * 24 * 3_600_000
}

describe.each(engines)('retention on %s', engine => {
  test('A year of history with retention of 30 days: event partitions dropped, their space given back, queries still right', async () => {
    await using database = await freshDatabase(engine)
    const store = await database.open()
    const connection = await database.connect()
    const now = store.clock.now()
    const place = await aPlace(store, 12)
    const live = await aLogin(store, await aDevice(store))
    await withQrCode(store, live.loginId)
    const present = await store.pageLogins(tenant, {}, 'STARTED_AT_DESC', all)

    const past: PastLogin[] = []
    for (let count = 13; count >= 1; count -= 1)
      past.push(
        ...(await aPastMonth(database, place, monthsBefore(now, count), {
          count: 300,
          continues: past.at(-1)?.id ?? null,
        })),
      )
    await foldLogins(connection)
    const kept = past.filter(({ month }) => !isOver(month, now, 30))
    const gone = past.filter(({ month }) => isOver(month, now, 30))
    expect(gone.length).toBeGreaterThan(3_000)
    const files = await filesOf(database)
    const [before] = await database.rows<{ bytes: number; events: number }>(size)
    const progress: { month: string; logins: number; bytes: number }[] = []

    expect(
      await retain(connection, { days: 30, slice: 100, gone: month => progress.push(month) }),
    ).toMatchObject({ waits: null, changed: true })

    const [after] = await database.rows<{ bytes: number; events: number }>(size)
    const months = [...new Set(gone.map(({ month }) => month))].toSorted()
    expect(progress.map(({ month }) => month)).toEqual(months)
    expect(progress.map(({ logins }) => logins)).toEqual(months.map(() => 300))
    await expectKept(connection, store, kept, gone)
    const counted = await store.pageLogins(tenant, {}, 'STARTED_AT_DESC', all)
    expect(counted.slice(0, present.length)).toEqual(present)

    // Their space: the tables are not there any more, nor are their files after the next checkpoint.
    const left = await database.rows<{ month: string }>(partitions)
    expect(left.map(({ month }) => month).filter(month => isOver(month, now, 30))).toEqual([])
    for (const { bytes } of progress) expect(bytes).toBeGreaterThan(300 * 3 * 200)
    expect((before?.events ?? 0) - (after?.events ?? 0)).toBe(
      progress.reduce((sum, { bytes }) => sum + bytes, 0),
    )
    // Other tables grow a little, by what was written in going.
    expect((before?.bytes ?? 0) - (after?.bytes ?? 0)).toBeGreaterThan(
      0.8 * progress.reduce((sum, { bytes }) => sum + bytes, 0),
    )
    await database.rows(sql`checkpoint`)
    for (const { month, path } of files)
      expect([month, await isFile(database, path)]).toEqual([month, !isOver(month, now, 30)])

    // Pictures of those who scanned there go with the next round; a second run finds nothing.
    const pictures = await forgetExpired(connection)
    const gonePictures = gone.filter(({ account_id }) => account_id !== null).length
    expect(pictures).toMatchObject({ pictures: gonePictures, waits: null })
    expect(await retain(connection, { days: 30 })).toEqual({ waits: null, changed: false })
    expect(await forgetExpired(connection)).toMatchObject({ pictures: 0, keys: 0 })
  })
})

const size = sql`select pg_database_size(current_database())::float8 as bytes,
  (select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent = 'login_event'::regclass)::float8 as events`

const partitions = sql`
  select to_char(to_date(right(relname, 7), 'YYYY_MM'), 'YYYY-MM-DD') as month from pg_class
  where relname ~ '^login_event_[0-9]{4}_[0-9]{2}$' order by 1`

const filesOf = (database: TestDatabase) =>
  database.rows<{ month: string; path: string }>(sql`
    select to_char(to_date(right(relname, 7), 'YYYY_MM'), 'YYYY-MM-DD') as month, pg_relation_filepath(oid) as path
    from pg_class where relname ~ '^login_event_[0-9]{4}_[0-9]{2}$'`)

const isFile = async (database: TestDatabase, path: string): Promise<boolean> => {
  const [found] = await database.rows<{ there: boolean }>(
    sql`select (pg_stat_file(${path}, true)).size is not null as there`,
  )
  return found?.there === true
}

/** Lists, counts, nested lists, events and counted cells, held against the rows that were put there. */
const expectKept = async (
  connection: Connection,
  store: Store,
  kept: readonly PastLogin[],
  gone: readonly PastLogin[],
): Promise<void> => {
  const past = { startedBy: ['past'] }
  const newestFirst = [...kept]
    .toSorted((one, other) => other.started - one.started || (one.id < other.id ? 1 : -1))
    .map(({ id }) => id)
  for (const [order, expected] of [
    ['STARTED_AT_DESC', newestFirst],
    ['STARTED_AT_ASC', newestFirst.toReversed()],
  ] as const) {
    const read = await store.pageLogins(tenant, past, order, all)
    expect(read.map(({ id }) => id)).toEqual(expected)
  }
  expect(await store.countLogins(tenant, past)).toBe(kept.length)
  for (const state of ['CONFIRMED', 'EXPIRED', 'REJECTED', 'FAILED'] as const)
    expect(await store.countLogins(tenant, { ...past, state: [state] })).toBe(
      kept.filter(login => login.state === state).length,
    )
  for (const device of new Set(kept.map(({ device_id }) => device_id)))
    expect(await store.countLogins(tenant, { ...past, device })).toBe(
      kept.filter(login => login.device_id === device).length,
    )
  const there = new Set(kept.map(({ id }) => id))
  for (const login of kept) {
    const read = await store.readLogin(tenant, login.id)
    expect(read?.continues).toBe(
      login.continues !== null && there.has(login.continues) ? login.continues : null,
    )
    const events = await eventsOf(store, login.id)
    expect(events.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: login.events }, (_, n) => n + 1),
    )
  }
  for (const login of gone.filter((_, n) => n % 10 === 0)) {
    expect(await store.readLogin(tenant, login.id)).toBeNull()
    expect(await store.readProgress(tenant, login.id, 0, 10)).toBeNull()
    expect(await eventsOf(store, login.id)).toEqual([])
  }
  // Nobody's cursor is lost with the login that it names.
  const cursor = gone.at(-1)
  if (cursor !== undefined) {
    const page: Page<MomentCursor> = { ...all, after: { at: cursor.started, id: cursor.id } }
    const read = await store.pageLogins(tenant, past, 'STARTED_AT_ASC', page)
    expect(read.map(({ id }) => id)).toEqual(newestFirst.toReversed())
  }
  // Sign-ins stay, all of them, and name only logins that are there.
  const signIns = (await store.pageSignIns(tenant, { to: monthEnd(kept, gone) }, all)).map(
    ({ loginId }) => loginId,
  )
  const confirmed = [...kept, ...gone].filter(({ account_id }) => account_id !== null)
  expect(signIns).toHaveLength(confirmed.length)
  expect(signIns.filter(id => id !== null).toSorted()).toEqual(
    kept
      .filter(({ account_id }) => account_id !== null)
      .map(({ id }) => id)
      .toSorted(),
  )
  await expectCells(connection)
}

const monthEnd = (kept: readonly PastLogin[], gone: readonly PastLogin[]): number =>
  Math.max(...[...kept, ...gone].map(({ ended }) => ended)) + 1
