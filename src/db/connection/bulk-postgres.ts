// Many rows at once into a Postgres server, in one transaction of a session that is closed afterwards.

import { once } from 'node:events'
import type { SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import { DatabaseError, databaseError } from '../errors.ts'
import type { BulkSession } from './connection.ts'

/** `connect` opens a client with one connection at most, and without a time limit. */
export const bulkOn = async <Result>(
  connect: (onclose: () => void) => Sql,
  work: (session: BulkSession) => Promise<Result>,
): Promise<Result> => {
  let closed = false
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  const client = connect(() => {
    closed = true
    lost.reject(
      new DatabaseError('The connection was lost', {
        code: 'CONNECTION_CLOSED',
        constraint: null,
        lost: true,
      }),
    )
  })
  const db = drizzle(client)
  // postgres.js would open another connection, on which nothing is a transaction; and it leaves some that wait without an answer.
  const unlessLost = async <Answer>(ask: () => PromiseLike<Answer>): Promise<Answer> =>
    await Promise.race(closed ? [lost.promise] : [ask(), lost.promise])
  const session: BulkSession = {
    rows: async <Row>(statement: SQL) =>
      [...(await unlessLost(() => db.execute(statement)))] as unknown as readonly Row[],
    copy: (target, parts) => unlessLost(() => copy(client, target, parts)),
  }
  try {
    // One connection, so that all of this is one session: BEGIN needs none that is reserved.
    await unlessLost(() => client.unsafe('begin'))
    const result = await work(session)
    await unlessLost(() => client.unsafe('commit'))
    return result
  } catch (error) {
    throw databaseError(error)
  } finally {
    // Whatever was not committed goes with its session.
    await client.end({ timeout: closed ? 0 : 5 })
  }
}

/**
 * postgres.js (3.4.9) settles a COPY when it begins, and tells nobody of an error that comes after its last row (a key that
 * is there already): neither the query, which is settled, nor the stream, which then never ends. Hence the query's own
 * `reject` is what hears of it.
 */
const copy = async (client: Sql, target: string, parts: readonly Uint8Array[]): Promise<void> => {
  const query = client.unsafe(`copy ${target} from stdin`)
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  const heard = query as unknown as { reject: (error: unknown) => void }
  const { reject } = heard
  heard.reject = error => {
    reject(error)
    failed.reject(error)
  }
  const stream = await query.writable()
  // An error in the middle destroys the stream as well.
  stream.on('error', failed.reject)
  const finished = once(stream, 'finish')
  finished.catch(() => {})
  for (const part of parts)
    if (!stream.write(part)) await Promise.race([once(stream, 'drain'), failed.promise])
  stream.end()
  await Promise.race([finished, failed.promise])
}
