import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/db/connection/connection.ts'
import { foldLogins } from '../../src/db/fold.ts'
import { retain } from '../../src/db/retention.ts'
import type { Store } from '../../src/db/store.ts'
import { engines, freshDatabase, type TestDatabase } from '../support/database.ts'
import { expectCells } from './cells.ts'
import { aDevice, aLogin, tenant, told } from './given.ts'
import { aPastMonth, aPlace, monthsBefore, type PastLogin } from './past.ts'

const all = { limit: 1_000, after: null, before: null, backward: false }

/** Old months and one that stays, all counted. */
const aHistory = async (database: TestDatabase, store: Store, connection: Connection) => {
  const place = await aPlace(store, 2)
  const now = store.clock.now()
  const old: PastLogin[] = []
  for (const count of [4, 3]) {
    const month = monthsBefore(now, count)
    // Within hours of one day, so that a cell of a day or an hour loses some of its logins and keeps others.
    const at = Array.from({ length: 8 }, (_, n) => Date.parse(month) + n * 20 * 60_000)
    old.push(...(await aPastMonth(database, place, month, { at, continues: old.at(-1)?.id ?? null })))
  }
  const kept = await aPastMonth(database, place, monthsBefore(now, 1), {
    count: 10,
    continues: old.at(-1)?.id ?? null,
  })
  await foldLogins(connection)
  return { old, kept }
}

/** What anybody may see at any moment: whole logins or none, and counts of those. */
const expectWhole = async (store: Store, connection: Connection, logins: readonly PastLogin[]) => {
  for (const login of logins) {
    const there = await store.readProgress(tenant, login.id, 0, 100)
    if (there !== null) expect(there.events).toHaveLength(login.events)
  }
  const listed = await store.pageLogins(tenant, {}, 'STARTED_AT_DESC', all)
  expect(await store.countLogins(tenant, {})).toBe(listed.length)
  await expectCells(connection)
}

const expectDone = async (
  store: Store,
  connection: Connection,
  { old, kept }: Awaited<ReturnType<typeof aHistory>>,
) => {
  const listed = await store.pageLogins(tenant, { startedBy: ['past'] }, 'STARTED_AT_ASC', all)
  expect(listed.map(({ id }) => id)).toEqual(kept.map(({ id }) => id))
  const [left] = await connection.rows(sql`
    select (select count(*)::int from login_event where login_id in (${ids(old)})) as events,
      (select count(*)::int from scanner where login_id in (${ids(old)})) as scanners,
      (select count(*)::int from sign_in where login_id in (${ids(old)})) as sign_ins,
      (select count(*)::int from login where continues in (${ids(old)})) as continues,
      (select count(*)::int from login_event where login_id in (${ids(kept)})) as kept`)
  const events = kept.reduce((sum, login) => sum + login.events, 0)
  expect(left).toEqual({ events: 0, scanners: 0, sign_ins: 0, continues: 0, kept: events })
  await expectWhole(store, connection, kept)
}

const ids = (logins: readonly PastLogin[]) =>
  sql.join(
    logins.map(({ id }) => sql`${id}::uuid`),
    sql`, `,
  )

/** A connection on which something happens in its `count`th transaction, before or after its own work. */
const inTransaction = (
  connection: Connection,
  count: number,
  happens: (
    when: 'BEFORE' | 'AFTER',
    db: Parameters<Parameters<Connection['transaction']>[0]>[0],
  ) => Promise<void>,
): Connection => {
  let begun = 0
  return {
    ...connection,
    transaction: work =>
      connection.transaction(async db => {
        begun += 1
        const now = begun === count
        if (now) await happens('BEFORE', db)
        const result = await work(db)
        if (now) await happens('AFTER', db)
        return result
      }),
  }
}

describe.each(engines)('retention cut off on %s', engine => {
  test('ended by an error after any of its steps, it goes on where it was; what is shown is right all the while', async () => {
    await using database = await freshDatabase(engine)
    const store = await database.open()
    const connection = await database.connect()
    const history = await aHistory(database, store, connection)
    let cuts = 0
    // Each costs a recount, which the embedded engine is slow at.
    for (let count = 1; ; count += engine === 'pglite' ? 4 : 1) {
      const cut = inTransaction(connection, count, async when => {
        if (when === 'BEFORE') return
        cuts += 1
        throw new Error('cut')
      })
      const before = cuts
      const run = retain(cut, { days: 30, slice: 2 })
      if (count > 40) throw new Error('It never ends')
      await run.catch(error => expect(error).toMatchObject({ message: 'cut' }))
      await expectWhole(store, connection, [...history.old, ...history.kept])
      if (cuts === before) break
    }
    expect(cuts).toBeGreaterThan(engine === 'pglite' ? 2 : 4)
    await expectDone(store, connection, history)
  })
})

describe.each(engines)('two at once on %s', engine => {
  test('instances that run at once do it once, and none fails', async () => {
    await using database = await freshDatabase(engine)
    const store = await database.open()
    const connections = [await database.connect(), await database.connect()]
    const [connection] = connections
    if (connection === undefined) return
    const history = await aHistory(database, store, connection)
    let logins = 0
    const again = () =>
      Promise.all(
        connections.map(each =>
          retain(each, {
            days: 30,
            slice: 2,
            gone: month => {
              logins += month.logins
            },
          }),
        ),
      )
    const waits = (await again()).map(retained => retained.waits)
    expect(waits.filter(wait => wait !== null && wait !== 'TAKEN')).toEqual([])
    await again()
    expect(await retain(connection, { days: 30 })).toEqual({ waits: null, changed: false })
    // Who came between two steps of the other tells only what it did itself.
    expect(logins).toBeLessThanOrEqual(history.old.length)
    await expectDone(store, connection, history)
  })
})

describe('beside writers and readers on postgres', () => {
  test('killed in the middle of any step, the next run ends it', async () => {
    await using database = await freshDatabase('postgres')
    const store = await database.open()
    const connection = await database.connect()
    const history = await aHistory(database, store, connection)
    let ended = false
    for (let count = 1; !ended; count += 3) {
      if (count > 60) throw new Error('It never ends')
      const dying = await database.connect()
      const killed = inTransaction(dying, count, async (when, db) => {
        if (when === 'AFTER') await db.execute(sql`select pg_terminate_backend(pg_backend_pid())`)
      })
      ended = await retain(killed, { days: 30, slice: 2 }).then(
        () => true,
        error => {
          expect(error).toMatchObject({ name: 'DatabaseError', lost: true })
          return false
        },
      )
      await expectWhole(store, connection, [...history.old, ...history.kept])
    }
    await expectDone(store, connection, history)
  })

  test('logins start and end while any of its steps but the dropping is held open', async () => {
    await using database = await freshDatabase('postgres')
    const store = await database.open()
    const connection = await database.connect()
    const history = await aHistory(database, store, connection)
    const device = await aDevice(store)
    let held = 0
    const holding: Connection = {
      ...connection,
      transaction: work =>
        connection.transaction(async db => {
          const result = await work(db)
          const [locks] = await database.rows<{ exclusive: number }>(sql`
            select count(*)::int as exclusive from pg_locks
            where mode = 'AccessExclusiveLock' and locktype = 'relation' and granted
              and database = (select oid from pg_database where datname = current_database())`)
          // Dropping ends with the transaction, whose last statement it is.
          if (locks?.exclusive !== 0) return result
          const { loginId } = await aLogin(store, device)
          await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
          expect((await store.readProgress(tenant, loginId, 0, 10))?.login.outcome).not.toBeNull()
          expect(await store.countLogins(tenant, { device })).toBe(held + 1)
          held += 1
          return result
        }),
    }
    expect(await retain(holding, { days: 30, slice: 2 })).toMatchObject({ waits: null })
    expect(held).toBeGreaterThan(10)
    await expectDone(store, connection, history)
  })

  test('whoever reads an old month in a transaction makes the dropping wait, and no writer', async () => {
    await using database = await freshDatabase('postgres')
    const store = await database.open()
    const connection = await database.connect()
    const reader = await database.connect()
    const history = await aHistory(database, store, connection)
    const device = await aDevice(store)
    const [first] = history.old
    const name = `login_event_${first?.month.slice(0, 7).replace('-', '_')}`
    await reader.transaction(async db => {
      await db.execute(sql`select count(*) from ${sql.identifier(name)}`)
      const waiting = retain(connection, { days: 30 })
      const written = aLogin(store, device).then(async ({ loginId }) => {
        await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      })
      // Both end while the reader has not.
      expect(await waiting).toEqual({ waits: 'READ', changed: false })
      await written
      expect(await connection.rows(sql`select to_regclass(${name}) is not null as there`)).toEqual([
        { there: true },
      ])
      // The logins went before their events: nobody is shown half of one.
      expect(await store.readProgress(tenant, first?.id ?? '', 0, 10)).toBeNull()
      await expectWhole(store, connection, [...history.old, ...history.kept])
    })
    expect(await retain(connection, { days: 30 })).toMatchObject({ waits: null, changed: true })
    await expectDone(store, connection, history)
  })
})
