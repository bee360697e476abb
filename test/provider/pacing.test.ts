// P 3.6: one call of an endpoint per second and device.

import { expect, it, vi } from 'vitest'
import { Pacing } from '../../src/provider/pacing.ts'

const never = new AbortController().signal

it('lets the first call go at once, and each other a second after the one before', async () => {
  let now = 0
  const pacing = new Pacing(() => now)
  await pacing.turn('isOnline', 'a', never)
  now = 1_000
  await pacing.turn('isOnline', 'a', never)
  now = 1_999
  const early = pacing.turn('isOnline', 'a', AbortSignal.abort())
  await expect(early).rejects.toMatchObject({ kind: 'TIMEOUT', sent: false, answered: false })
})

it('holds apart what is one device and one endpoint, and nothing else', async () => {
  const pacing = new Pacing(() => 0)
  await pacing.turn('isOnline', 'a', never)
  await pacing.turn('isOnline', 'b', never)
  await pacing.turn('loginAgain', 'a', never)
})

it('forgets whom it has let go', async () => {
  let now = 0
  const pacing = new Pacing(() => now)
  for (let device = 0; device < 25_000; device++, now++) await pacing.turn('isOnline', `${device}`, never)
  expect(pacing.size).toBeLessThanOrEqual(10_001)
})

it('waits for what is left of the second, never less', async () => {
  const pacing = new Pacing(() => 0.4)
  await pacing.turn('isOnline', 'a', never)
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  try {
    const told = vi.fn()
    const turn = pacing.turn('isOnline', 'a', never).then(told)
    await vi.advanceTimersByTimeAsync(999)
    expect(told).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await turn
  } finally {
    vi.useRealTimers()
  }
})
