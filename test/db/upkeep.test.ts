import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PgliteConnection } from '../../src/db/connection/pglite.ts'
import { keepUp } from '../../src/db/upkeep.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 20, 3, 57) })
})
afterEach(() => {
  vi.useRealTimers()
})

const embedded = () => {
  const asked: string[] = []
  const partitions = { hindered: null as string | null, stray: async () => false }
  const connection = {
    command: async (text: string) => {
      asked.push(text)
    },
    rows: async (statement: SQL) => {
      const { sql } = new PgDialect().sqlToQuery(statement)
      if (!sql.includes('ensure_login_event_partitions')) {
        asked.push('fold')
        return []
      }
      asked.push('partitions')
      return [{ hindered: partitions.hindered }]
    },
    transaction: (work: (db: unknown) => Promise<unknown>) =>
      work({ execute: async () => [{ stray: await partitions.stray() }] }),
  } as unknown as PgliteConnection
  return { asked, connection, partitions }
}

test('the embedded engine gets checkpoints every five minutes, vacuum at night, partitions daily; what ended is counted all the while', async () => {
  const { asked, connection } = embedded()
  const upkeep = keepUp(connection, () => {})
  await vi.advanceTimersByTimeAsync(3 * 60_000)
  expect(asked.filter(each => each !== 'fold')).toEqual(['partitions', 'VACUUM (ANALYZE)'])
  expect(asked.filter(each => each === 'fold')).toHaveLength(12)
  await vi.advanceTimersByTimeAsync(24 * 60 * 60_000)
  expect(asked.filter(each => each === 'CHECKPOINT')).toHaveLength(288)
  expect(asked.filter(each => each === 'VACUUM (ANALYZE)')).toHaveLength(2)
  expect(asked.filter(each => each === 'partitions')).toHaveLength(2)
  await upkeep.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('upkeep that fails is told, and goes on', async () => {
  const failures: unknown[] = []
  const { connection } = embedded()
  connection.command = () => Promise.reject(new Error('disk full'))
  const upkeep = keepUp(connection, error => failures.push(error))
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(failures).toHaveLength(3)
  await upkeep.stop()
})

test('tidying begins half a minute after the start, comes daily, and the embedded engine is vacuumed after it', async () => {
  const { asked, connection } = embedded()
  let rounds = 0
  const upkeep = keepUp(
    connection,
    () => {},
    async () => {
      rounds += 1
      return { changed: rounds === 2, again: false }
    },
  )
  // The night's own vacuum comes at four.
  await vi.advanceTimersByTimeAsync(29_000)
  expect(rounds).toBe(0)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(rounds).toBe(1)
  expect(asked).not.toContain('VACUUM (ANALYZE)')
  await vi.advanceTimersByTimeAsync(23 * 60 * 60_000)
  expect(rounds).toBe(1)
  const before = asked.filter(each => each === 'VACUUM (ANALYZE)').length
  vi.setSystemTime(new Date(2026, 10, 21, 12))
  await vi.advanceTimersByTimeAsync(60 * 60_000)
  expect(rounds).toBe(2)
  expect(asked.filter(each => each === 'VACUUM (ANALYZE)').length).toBeGreaterThan(before)
  await upkeep.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('tidying that failed or had to wait is tried again every five minutes, and told once', async () => {
  const failures: unknown[] = []
  const { connection } = embedded()
  let rounds = 0
  const upkeep = keepUp(
    connection,
    error => failures.push(error),
    async () => {
      rounds += 1
      if (rounds <= 3) throw new Error('disk full')
      return { changed: false, again: rounds <= 5 }
    },
  )
  await vi.advanceTimersByTimeAsync(30_000 + 60 * 60_000)
  expect(rounds).toBe(6)
  expect(failures).toEqual([new Error('disk full')])
  await upkeep.stop()
})

test('a round under way is asked to end when upkeep stops, and is waited for', async () => {
  const { connection } = embedded()
  let release = () => {}
  let ended = false
  const upkeep = keepUp(
    connection,
    () => {},
    async stopped => {
      await new Promise<void>(resolve => {
        release = resolve
      })
      ended = stopped()
      return { changed: true, again: true }
    },
  )
  await vi.advanceTimersByTimeAsync(30_000)
  const stopping = upkeep.stop()
  release()
  await stopping
  expect(ended).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

test('stray events are looked for every five minutes; who cannot look remembers what was there', async () => {
  const failures: unknown[] = []
  const { connection, partitions } = embedded()
  const upkeep = keepUp(connection, error => failures.push(error))
  partitions.stray = async () => true
  expect(upkeep.strayEvents()).toBe(false)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(upkeep.strayEvents()).toBe(true)
  partitions.stray = () =>
    Promise.reject(Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' }))
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(upkeep.strayEvents()).toBe(true)
  expect(failures).toEqual([])
  partitions.stray = () => Promise.reject(new Error('disk full'))
  await vi.advanceTimersByTimeAsync(60 * 60_000)
  expect(failures).toHaveLength(1)
  partitions.stray = async () => false
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(upkeep.strayEvents()).toBe(false)
  await upkeep.stop()
})

test('a month that cannot be made until somebody looks at it is told of soon after the start, and daily', async () => {
  const failures: unknown[] = []
  const { connection, partitions } = embedded()
  partitions.hindered = 'login_event_2026_12 has the name of a month'
  const upkeep = keepUp(connection, error => failures.push(error))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(failures).toEqual([new Error(partitions.hindered)])
  await vi.advanceTimersByTimeAsync(24 * 60 * 60_000)
  expect(failures).toHaveLength(2)
  await upkeep.stop()
})
