// Time that is up, and whoever gives up before.

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { deadline, orAborted } from '../../../src/provider/http/deadline.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

it('aborts when time is up, as a time-out', () => {
  using within = deadline(new AbortController().signal, 1_000)
  vi.advanceTimersByTime(999)
  expect(within.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(within.signal.reason).toMatchObject({ name: 'TimeoutError' })
})

it('aborts with whoever gives up before, for that reason', () => {
  const stop = new AbortController()
  using within = deadline(stop.signal, 1_000)
  stop.abort(new Error('gone'))
  expect(within.signal.reason).toMatchObject({ message: 'gone' })
  using late = deadline(stop.signal, 1_000)
  expect(late.signal.aborted).toBe(true)
})

it('leaves nothing behind', () => {
  const stop = new AbortController()
  const removed = vi.spyOn(stop.signal, 'removeEventListener')
  {
    using _within = deadline(stop.signal, 1_000)
    expect(vi.getTimerCount()).toBe(1)
  }
  expect(removed).toHaveBeenCalledOnce()
})

it('waits for work that cannot be called off only until it is given up', async () => {
  const stop = new AbortController()
  expect(await orAborted(Promise.resolve(1), stop.signal)).toBe(1)
  const waiting = orAborted(new Promise(() => {}), stop.signal)
  stop.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  await expect(orAborted(Promise.resolve(1), stop.signal)).rejects.toThrow('gone')
  await expect(orAborted(Promise.reject(new Error('nobody is surprised')), stop.signal)).rejects.toThrow(
    'gone',
  )
})
