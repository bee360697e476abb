// The circuit of a provider, minute by minute.

import { beforeEach, describe, expect, it } from 'vitest'
import { Circuit } from '../../src/provider/circuit.ts'
import { ProviderError } from '../../src/provider/port.ts'

let now = 0
let circuit: Circuit
beforeEach(() => {
  now = 1_000_000
  circuit = new Circuit(() => now)
})

/** Whether a call would go out now. */
const passes = (): boolean => {
  try {
    circuit.pass()
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(ProviderError)
    expect(error).toMatchObject({ sent: false, answered: false })
    return false
  }
}

const fail = (times: number, kind: 'UNREACHABLE' | 'TIMEOUT' | 'UNREADABLE' = 'UNREACHABLE') => {
  for (let failure = 0; failure < times; failure++) circuit.failed(kind)
}

/** How long it stays open from now, found by asking every 100 ms; the call that gets through is still out. */
const pause = (): number => {
  const began = now
  while (!passes()) now += 100
  return now - began
}

describe('the circuit', () => {
  it('knows nothing until something was asked', () => {
    expect(circuit.reachable).toBeNull()
    expect(passes()).toBe(true)
    expect(circuit.reachable).toBeNull()
    circuit.heard()
    expect(circuit.reachable).toBe(true)
  })

  it('bears four failures in a row, and forgets them with one answer', () => {
    fail(4)
    expect(passes()).toBe(true)
    circuit.heard()
    fail(4)
    expect(circuit.reachable).toBe(true)
    expect(passes()).toBe(true)
  })

  it('opens at the fifth, and says why', () => {
    fail(5, 'TIMEOUT')
    expect(circuit.reachable).toBe(false)
    expect(() => circuit.pass()).toThrow(expect.objectContaining({ kind: 'TIMEOUT', sent: false }))
  })

  it('opens at one refused token', () => {
    circuit.heard()
    circuit.failed('UNAUTHORIZED')
    expect(circuit.reachable).toBe(false)
    expect(() => circuit.pass()).toThrow(expect.objectContaining({ kind: 'UNAUTHORIZED' }))
  })

  it('lets one call through after its pause, and the others only once that one was answered', () => {
    fail(5)
    expect(pause()).toBe(1_000)
    expect(passes()).toBe(false)
    expect(circuit.reachable).toBe(false)
    circuit.heard()
    expect(circuit.reachable).toBe(true)
    expect([passes(), passes()]).toEqual([true, true])
  })

  it('pauses longer each time that the one call fails, fifteen seconds at most', () => {
    fail(5)
    const pauses = [pause()]
    for (let again = 0; again < 5; again++) {
      circuit.failed('UNREACHABLE')
      pauses.push(pause())
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
  })

  it('does not pause longer for calls that were out when it opened', () => {
    fail(300)
    expect(pause()).toBe(1_000)
  })

  it('goes on with longer pauses where it soon opens again, and with the first one after a healthy minute', () => {
    fail(5)
    expect(pause()).toBe(1_000)
    circuit.heard()
    fail(5)
    expect(pause()).toBe(2_000)
    circuit.heard()
    now += 60_001
    fail(5)
    expect(pause()).toBe(1_000)
  })

  it('lets the next call through where the one call was given up by us', () => {
    fail(5)
    pause()
    expect(passes()).toBe(false)
    circuit.abandoned()
    expect(passes()).toBe(true)
    expect(circuit.reachable).toBe(false)
  })

  it('can be looked at without taking the one call that it lets through', () => {
    fail(5)
    expect(() => circuit.check()).toThrow(ProviderError)
    now += 1_000
    circuit.check()
    circuit.check()
    expect([passes(), passes()]).toEqual([true, false])
    expect(() => circuit.check()).toThrow(ProviderError)
  })

  it('opened by a token, makes no storm of an hour of polls', () => {
    circuit.failed('UNAUTHORIZED')
    let sent = 0
    for (const end = now + 3_600_000; now < end; now += 10) {
      if (!passes()) continue
      sent++
      circuit.failed('UNAUTHORIZED')
    }
    expect(sent).toBeLessThan(3_600 / 15 + 10)
  })
})
