// P 3.6: one call of an endpoint per second and device.

import { expect, it, vi } from 'vitest'
import { Pacing } from '../../src/provider/pacing.ts'

const never = new AbortController().signal

it('lets the first call go in the very tick, and each other a second after the one before', async () => {
  let now = 0
  const pacing = new Pacing(() => now)
  expect(pacing.turn('isOnline', 'a', never)).toBeNull()
  now = 1_000
  expect(pacing.turn('isOnline', 'a', never)).toBeNull()
  now = 1_999
  const early = pacing.turn('isOnline', 'a', AbortSignal.abort())
  await expect(early).rejects.toMatchObject({ kind: 'TIMEOUT', sent: false, answered: false })
})

it('counts the second from when the call before was over', async () => {
  let now = 0
  const pacing = new Pacing(() => now)
  pacing.turn('isOnline', 'a', never)
  now = 400
  pacing.settled('isOnline', 'a')
  now = 1_399
  const early = pacing.turn('isOnline', 'a', AbortSignal.abort())
  await expect(early).rejects.toMatchObject({ sent: false })
  now = 2_400
  expect(pacing.turn('isOnline', 'a', never)).toBeNull()
})

it('holds apart what is one device and one endpoint, and nothing else', () => {
  const pacing = new Pacing(() => 0)
  const turns = [
    pacing.turn('isOnline', 'a', never),
    pacing.turn('isOnline', 'b', never),
    pacing.turn('loginAgain', 'a', never),
  ]
  expect(turns).toEqual([null, null, null])
})

it('forgets whom it has let go', () => {
  let now = 0
  const pacing = new Pacing(() => now)
  for (let device = 0; device < 25_000; device++, now++) pacing.turn('isOnline', `${device}`, never)
  expect(pacing.size).toBeLessThanOrEqual(10_001)
})

it('waits for what is left of the second, never less, though timers are early by part of a millisecond', async () => {
  let now = 0.4
  const pacing = new Pacing(() => now)
  pacing.turn('isOnline', 'a', never)
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  try {
    const told = vi.fn()
    const turn = pacing.turn('isOnline', 'a', never)?.then(told)
    now = 1_000.3
    await vi.advanceTimersByTimeAsync(1_000)
    expect(told).not.toHaveBeenCalled()
    now = 1_001.3
    await vi.advanceTimersByTimeAsync(1)
    await turn
    expect(told).toHaveBeenCalledOnce()
  } finally {
    vi.useRealTimers()
  }
})
