// The doorbell of one process.

import { describe, expect, it } from 'vitest'
import { openMemoryBus } from '../../src/bus/memory.ts'

const settled = () => new Promise<void>(resolve => setImmediate(resolve))

describe('a ring', () => {
  it('wakes who listens to its id and who listens to all, and nobody else', async () => {
    const heard: string[] = []
    const bus = openMemoryBus<string>(error => expect.fail(String(error)))
    bus.listen('a', ring => heard.push(`a heard ${ring.id} ${ring.sequence} ${ring.carried}`))
    bus.listen('b', ring => heard.push(`b heard ${ring.id}`))
    bus.listen(null, ring => heard.push(`all heard ${ring.id}`))
    bus.ring({ id: 'a', sequence: 3, carried: 'row' })
    expect(heard).toEqual([])
    await settled()
    expect(heard).toEqual(['all heard a', 'a heard a 3 row'])
  })

  it('wakes nobody who has stopped listening, and stopping twice harms nobody else', async () => {
    const heard: string[] = []
    const bus = openMemoryBus<never>(error => expect.fail(String(error)))
    const stop = bus.listen('a', () => heard.push('first'))
    bus.listen('a', () => heard.push('second'))
    stop()
    stop()
    bus.ring({ id: 'a', sequence: 1 })
    await settled()
    expect(heard).toEqual(['second'])
    expect(bus.listeners).toBe(1)
  })

  it('is heard by the others where one listener fails, and the failure is told', async () => {
    const heard: string[] = []
    const failures: unknown[] = []
    const bus = openMemoryBus<never>(error => failures.push(error))
    bus.listen('a', () => {
      throw new Error('deaf')
    })
    bus.listen('a', () => heard.push('second'))
    bus.ring({ id: 'a', sequence: 1 })
    await settled()
    expect(heard).toEqual(['second'])
    expect(failures).toHaveLength(1)
  })
})
