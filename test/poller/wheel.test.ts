import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type OnWheel, offWheel, Wheel } from '../../src/poller/wheel.ts'
import { ManualClock } from '../support/manual-clock.ts'

interface Item extends OnWheel {
  readonly name: number
}

const item = (name = 0): Item => ({ name, due: 0, tick: offWheel })
const nothingFollows = async () => {}

const setUp = (slots?: number) => {
  const time = new ManualClock()
  const came: { name: number; at: number }[] = []
  const wheel = new Wheel<Item>({
    time,
    ready: ({ name }) => came.push({ name, at: time.now() }),
    ...(slots === undefined ? {} : { slots }),
  })
  return { time, came, wheel }
}

describe('the wheel', () => {
  test('rounds up: what is due between two ticks comes with the later one', async () => {
    const { time, came, wheel } = setUp()
    wheel.put(item(), 1_004)
    await time.advance(2_000, nothingFollows)
    expect(came).toEqual([{ name: 0, at: 1_010 }])
  })

  test('what is due already comes with the next tick', async () => {
    const { time, came, wheel } = setUp()
    await time.advance(57, nothingFollows)
    wheel.put(item(), 3)
    await time.advance(20, nothingFollows)
    expect(came).toEqual([{ name: 0, at: 60 }])
  })

  test('an item that is put again comes at its newest moment only', async () => {
    const { time, came, wheel } = setUp()
    const moved = item()
    wheel.put(moved, 100)
    wheel.put(moved, 300)
    wheel.put(moved, 200)
    await time.advance(1_000, nothingFollows)
    expect(came).toEqual([{ name: 0, at: 200 }])
  })

  test('a dropped item never comes, not even dropped by one that came in the same tick', async () => {
    const time = new ManualClock()
    const came: number[] = []
    const second = item(2)
    const wheel = new Wheel<Item>({
      time,
      ready: ({ name }) => {
        came.push(name)
        wheel.drop(second)
      },
    })
    wheel.put(item(1), 50)
    wheel.put(second, 50)
    await time.advance(1_000, nothingFollows)
    expect(came).toEqual([1])
  })

  test('rests while it is empty, and keeps no timer then', async () => {
    const { time, wheel } = setUp()
    expect(time.pending).toBe(0)
    wheel.put(item(), 40)
    expect(time.pending).toBe(1)
    await time.advance(100, nothingFollows)
    expect(time.pending).toBe(0)
  })

  test('stopped, it calls nobody', async () => {
    const { time, came, wheel } = setUp()
    wheel.put(item(), 40)
    wheel.stop()
    wheel.put(item(), 50)
    await time.advance(100, nothingFollows)
    expect(came).toEqual([])
    expect(time.pending).toBe(0)
  })

  test('after a pause of the whole process everything that is due comes at once', () => {
    const { time, came, wheel } = setUp()
    for (let name = 0; name < 10; name++) wheel.put(item(name), name * 1_000)
    time.jump(5_000)
    expect(came.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('nothing comes early, nothing late by more than a tick, nothing is lost, nothing twice', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('PUT' as const),
        name: fc.nat(20),
        after: fc.double({ min: -50, max: 3_000, noNaN: true }),
      }),
      fc.record({ kind: fc.constant('DROP' as const), name: fc.nat(20) }),
      fc.record({ kind: fc.constant('PASS' as const), ms: fc.double({ min: 0, max: 700, noNaN: true }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
        // A short turn of 640 ms, so that most of what is put lies beyond it.
        const { time, came, wheel } = setUp(64)
        const items = Array.from({ length: 21 }, (_, name) => item(name))
        const expected: { name: number; due: number; put: number }[] = []
        let waiting = new Map<number, { due: number; put: number }>()
        const collect = () => {
          const still = new Map<number, { due: number; put: number }>()
          for (const [name, { due, put }] of waiting)
            if (items[name]?.tick === offWheel) expected.push({ name, due, put })
            else still.set(name, { due, put })
          waiting = still
        }
        for (const each of [...steps, { kind: 'PASS' as const, ms: 5_000 }]) {
          if (each.kind === 'PASS') await time.advance(each.ms, nothingFollows)
          collect()
          if (each.kind === 'PASS') continue
          const one = items[each.name]
          if (one === undefined) continue
          if (each.kind === 'DROP') {
            wheel.drop(one)
            waiting.delete(each.name)
          } else {
            const due = time.now() + each.after
            wheel.put(one, due)
            waiting.set(each.name, { due, put: time.now() })
          }
        }
        expect(waiting.size).toBe(0)
        expect(came).toHaveLength(expected.length)
        for (const { name, due, put } of expected) {
          const on = came.filter(one => one.name === name && one.at >= due && one.at > put)
          const soonest = Math.min(...on.map(({ at }) => at))
          // A tick, and the millisecond that a timer is rounded up to.
          expect(soonest).toBeLessThanOrEqual(Math.max(due, put) + 11 + 1e-6)
        }
        expect(time.pending).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})
