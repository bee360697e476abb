// A transaction of postgres.js (3.4.9) whose connection closes under it. Left to itself it then writes its ROLLBACK, or the
// next statement, on a socket that is no more, where no promise sees it fail: the process would end. Knows no statement.

import type { Sql, TransactionSql } from 'postgres'

/** Ends a session: what comes after it finds no connection. */
const endings: ReadonlySet<unknown> = new Set([
  '57P01',
  '57P02',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
])

type Work<Result> = (transaction: TransactionSql) => Promise<Result>

/** Like `begin`. Once the connection has closed it rejects with CONNECTION_CLOSED, and nothing is written any more. */
export const begin = <Result>(client: Sql, work: Work<Result>): Promise<Result> => {
  let closed = false
  const whole = client.begin(async transaction => {
    try {
      const result = await work(guarded(transaction, () => closed))
      if (!closed) return result
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : null
      const causeCode = cause !== null && 'code' in cause ? cause.code : null
      if (!closed && !endings.has(code) && !endings.has(causeCode)) throw error
    }
    // Settled, it would be answered with a COMMIT or a ROLLBACK. What rejects is `whole`, by the closing itself.
    return await new Promise<never>(() => {})
  }) as Promise<Result>
  whole.catch(() => {
    closed = true
  })
  return whole
}

const guarded = (transaction: TransactionSql, isClosed: () => boolean): TransactionSql =>
  new Proxy(transaction, {
    get: (target, key) => {
      if (key === 'unsafe' && isClosed())
        throw Object.assign(new Error('write CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' })
      return Reflect.get(target, key) as unknown
    },
  })
