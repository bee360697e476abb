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

/**
 * Like `begin`. Once the connection has closed it rejects with CONNECTION_CLOSED, and nothing is written any more. What `work`
 * throws of itself, a lost connection elsewhere included, rolls back at once.
 */
export const begin = <Result>(client: Sql, work: Work<Result>): Promise<Result> => {
  const session = { over: false }
  const whole = client.begin(async transaction => {
    try {
      const result = await work(guarded(transaction, session))
      if (!session.over) return result
    } catch (error) {
      if (!session.over) throw error
    }
    // Settled, it would be answered with a COMMIT or a ROLLBACK. What rejects is `whole`, by the closing itself.
    return await new Promise<never>(() => {})
  }) as Promise<Result>
  whole.catch(() => {
    session.over = true
  })
  return whole
}

/** Only a statement of this very transaction can tell that its session is over before the closing does. */
const guarded = (transaction: TransactionSql, session: { over: boolean }): TransactionSql => {
  const unsafe = (...args: Parameters<TransactionSql['unsafe']>) => {
    if (session.over) throw Object.assign(new Error('write CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' })
    const query = transaction.unsafe(...args)
    // How the driver settles a query: nobody can see the failure before this does, and asking for it would send it.
    const settled = query as unknown as { reject: (error: unknown) => void }
    const { reject } = settled
    settled.reject = error => {
      if (error instanceof Error && 'code' in error && endings.has(error.code)) session.over = true
      reject(error)
    }
    return query
  }
  return new Proxy(transaction, {
    get: (target, key) => (key === 'unsafe' ? unsafe : (Reflect.get(target, key) as unknown)),
  })
}
