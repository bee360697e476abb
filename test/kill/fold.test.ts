// Folding that is killed counts nothing twice and leaves nothing out: each batch is one statement.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/db/connection/connection.ts'
import { connectPglite } from '../../src/db/connection/pglite.ts'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { foldLogins } from '../../src/db/fold.ts'
import { openStoreOn } from '../../src/db/open-store.ts'
import { cubes, spans } from '../../src/db/rollup.ts'
import { expectCells } from '../db/cells.ts'
import { aDevice } from '../db/given.ts'
import { type EngineName, engines, freshDatabase, testSecret } from '../support/database.ts'
import { temporaryFolder } from '../support/gateway-process.ts'

const program = fileURLToPath(new URL('folding.ts', import.meta.url))
const kills = 20
/** Three batches of the one, two of the other: what is left adds up over twenty kills, and is all counted anew in the end. */
const logins = { pglite: 750, postgres: 7_500 }

interface Place {
  /** Its address, or its folder. */
  readonly at: string
  connect(): Promise<Connection>
  leave(): PromiseLike<void>
}

const placeFor = async (engine: EngineName): Promise<Place> => {
  if (engine === 'postgres') {
    const database = await freshDatabase('postgres')
    const at = database.url ?? ''
    return {
      at,
      connect: () => connectPostgres({ url: at, statements: 1 }),
      leave: () => database[Symbol.asyncDispose](),
    }
  }
  const folder = await temporaryFolder()
  const at = join(folder.path, 'database')
  return { at, connect: () => connectPglite(at), leave: () => folder[Symbol.asyncDispose]() }
}

/** How many logins the one before it had left to fold, and whether it was killed before it was done itself. */
interface Fold {
  readonly found: number
  readonly wasKilled: boolean
}

/** Kills it some while after it began to fold. */
const foldAndKill = async (at: string, device: string, count: number, after: number): Promise<Fold> => {
  const child = spawn(process.execPath, [program, at, device, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let found = 0
  let done = false
  let timer: NodeJS.Timeout | null = null
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('found ')) found = Number(line.slice('found '.length))
    if (line === 'folding') timer = setTimeout(() => child.kill('SIGKILL'), after)
    if (line === 'done') done = true
  }
  await exited
  if (timer !== null) clearTimeout(timer)
  return { found, wasKilled: !done }
}

describe.each(engines)('on %s', engine => {
  test('Folding killed at random 20 times: the rollups equal a recount', async () => {
    const place = await placeFor(engine)
    try {
      const first = await place.connect()
      await first.migrate()
      const store = await openStoreOn(first, { secret: testSecret })
      const device = await aDevice(store)
      await store.close()

      let inTheMiddle = 0
      let patience = engine === 'pglite' ? 400 : 200
      for (let round = 0; inTheMiddle < kills; round += 1) {
        expect(round).toBeLessThan(100)
        const after = Math.random() * patience
        const { found, wasKilled } = await foldAndKill(place.at, device, logins[engine], after)
        // One that is killed behind its last batch has been killed for nothing.
        if (found > 0) inTheMiddle += 1
        // So that kills fall into the whole of it, on any machine.
        patience *= wasKilled ? 1.1 : 0.7
      }

      const connection = await place.connect()
      // A server goes on for a while with what a killed client asked, and nobody else folds meanwhile.
      while ((await waiting(connection)) > 0) await foldLogins(connection)
      for (const { name, milliseconds } of spans)
        for (const cube of cubes)
          expect(await cells(connection, cube, name)).toEqual(await recount(connection, milliseconds))
      await expectCells(connection)
      await connection.close()
    } finally {
      await place.leave()
    }
  }, 300_000)
})

const waiting = async (connection: Connection): Promise<number> => {
  const [left] = await connection.rows<{ waiting: number }>(
    sql`select count(*)::int as waiting from login_unfolded`,
  )
  return left?.waiting ?? 0
}

const cells = (connection: Connection, cube: string, span: string) =>
  connection.rows(sql`
    select bucket::text as bucket, provider, sum(started)::int as started, sum(confirmed)::int as confirmed,
      sum(expired)::int as expired, sum(rejected)::int as rejected
    from login_rollup where cube = ${cube} and span = ${span} group by 1, 2 order by 1, 2`)

const recount = (connection: Connection, milliseconds: number) =>
  connection.rows(sql`
    select date_bin(${milliseconds / 60_000}::int * interval '1 minute', started, '2000-01-01 00:00:00+00')::timestamptz(3)::text as bucket, provider,
      count(*)::int as started, count(*) filter (where state = 'CONFIRMED')::int as confirmed,
      count(*) filter (where state = 'EXPIRED')::int as expired,
      count(*) filter (where state = 'REJECTED')::int as rejected
    from login group by 1, 2 order by 1, 2`)
