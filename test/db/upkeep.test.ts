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
  const connection = {
    command: async (text: string) => {
      asked.push(text)
    },
    rows: async () => {
      asked.push('partitions')
      return []
    },
  } as unknown as PgliteConnection
  return { asked, connection }
}

test('the embedded engine gets checkpoints every five minutes, vacuum at night, partitions daily', async () => {
  const { asked, connection } = embedded()
  const upkeep = keepUp(connection, () => {})
  await vi.advanceTimersByTimeAsync(3 * 60_000)
  expect(asked).toEqual(['VACUUM (ANALYZE)'])
  await vi.advanceTimersByTimeAsync(24 * 60 * 60_000)
  expect(asked.filter(each => each === 'CHECKPOINT')).toHaveLength(288)
  expect(asked.filter(each => each === 'VACUUM (ANALYZE)')).toHaveLength(2)
  expect(asked.filter(each => each === 'partitions')).toHaveLength(1)
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
