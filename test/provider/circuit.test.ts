// The circuit of a provider, minute by minute.

import { beforeEach, describe, expect, it } from 'vitest'
import { Circuit, failureToAnswer, type Pass } from '../../src/provider/circuit.ts'
import { ProviderError } from '../../src/provider/port.ts'

let now = 0
let circuit: Circuit
beforeEach(() => {
  now = 1_000_000
  circuit = new Circuit(() => now)
})

/** Of a call that would go out now; null: it would not. */
const pass = (): Pass | null => {
  try {
    return circuit.pass()
  } catch (error) {
    expect(error).toBeInstanceOf(ProviderError)
    expect(error).toMatchObject({ sent: false, answered: false })
    return null
  }
}

const passes = (): boolean => pass() !== null

const fail = (times: number, kind: 'UNREACHABLE' | 'TIMEOUT' | 'UNREADABLE' = 'UNREACHABLE') => {
  for (let failure = 0; failure < times; failure++) circuit.failed(circuit.pass(), kind)
}

/** How long nothing goes out from now, found by asking every 100 ms, and the call that gets through then. */
const pause = (): { ms: number; tries: Pass } => {
  const began = now
  for (;;) {
    const tries = pass()
    if (tries !== null) return { ms: now - began, tries }
    now += 100
  }
}

describe('the circuit', () => {
  it('knows nothing until something was asked', () => {
    expect(circuit.reachable).toBeNull()
    const first = circuit.pass()
    expect(circuit.reachable).toBeNull()
    circuit.heard(first)
    expect(circuit.reachable).toBe(true)
  })

  it('bears four failures in a row, and forgets them with one answer', () => {
    fail(4)
    circuit.heard(circuit.pass())
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
    circuit.heard(circuit.pass())
    circuit.failed(circuit.pass(), 'UNAUTHORIZED')
    expect(circuit.reachable).toBe(false)
    expect(() => circuit.pass()).toThrow(expect.objectContaining({ kind: 'UNAUTHORIZED' }))
  })

  it('lets one call through after its pause, and the others only once that one was answered', () => {
    fail(5)
    const { ms, tries } = pause()
    expect(ms).toBe(1_000)
    expect(tries.tries).toBe(true)
    expect(passes()).toBe(false)
    expect(circuit.reachable).toBe(false)
    circuit.heard(tries)
    expect(circuit.reachable).toBe(true)
    expect([passes(), passes()]).toEqual([true, true])
  })

  it('pauses longer each time that the one call fails, fifteen seconds at most', () => {
    fail(5)
    const pauses: number[] = []
    for (let again = 0; again < 6; again++) {
      const { ms, tries } = pause()
      pauses.push(ms)
      circuit.failed(tries, 'UNREACHABLE')
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
  })

  it('goes on with longer pauses where it soon opens again, and with the first one after a healthy minute', () => {
    const pauses: number[] = []
    for (const healthy of [0, 0, 60_001]) {
      now += healthy
      fail(5)
      const { ms, tries } = pause()
      pauses.push(ms)
      circuit.heard(tries)
    }
    expect(pauses).toEqual([1_000, 2_000, 1_000])
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
    circuit.failed(circuit.pass(), 'UNAUTHORIZED')
    let sent = 0
    for (const end = now + 3_600_000; now < end; now += 10) {
      const poll = pass()
      if (poll === null) continue
      sent++
      circuit.failed(poll, 'UNAUTHORIZED')
    }
    expect(sent).toBeLessThan(3_600 / 15 + 10)
  })
})

describe('calls that fail together are one mishap', () => {
  it('of many, five that are cut in one moment shut nobody out where others were answered since they left', () => {
    const cut = Array.from({ length: 5 }, () => circuit.pass())
    now += 10
    circuit.heard(circuit.pass())
    now += 4_990
    for (const call of cut) circuit.failed(call, 'UNREACHABLE')
    expect(circuit.reachable).toBe(true)
    expect(passes()).toBe(true)
  })

  it('it opens at the fifth that left after the last answer', () => {
    const cut = Array.from({ length: 5 }, () => circuit.pass())
    now += 10
    circuit.heard(circuit.pass())
    now += 10
    for (const call of cut) circuit.failed(call, 'UNREACHABLE')
    fail(4)
    expect(circuit.reachable).toBe(true)
    fail(1)
    expect(circuit.reachable).toBe(false)
  })

  it('a refused token opens it all the same', () => {
    const refused = circuit.pass()
    now += 10
    circuit.heard(circuit.pass())
    circuit.failed(refused, 'UNAUTHORIZED')
    expect(circuit.reachable).toBe(false)
  })
})

describe('a call that was out when it opened is no news', () => {
  let late: Pass
  beforeEach(() => {
    late = circuit.pass()
    fail(5)
  })

  it('answered, it does not close it', () => {
    circuit.heard(late)
    expect(circuit.reachable).toBe(false)
    expect(pause().ms).toBe(1_000)
  })

  it('failed, it makes no pause longer and takes nothing from the one call', () => {
    now += 1_000
    const tries = pass()
    circuit.failed(late, 'UNREACHABLE')
    expect(passes()).toBe(false)
    if (tries !== null) circuit.heard(tries)
    expect(circuit.reachable).toBe(true)
  })

  it('given up, it lets no second call through', () => {
    now += 1_000
    expect(passes()).toBe(true)
    circuit.abandoned(late)
    expect(passes()).toBe(false)
  })

  it('whatever it says of the token, the pause stays', () => {
    for (let told = 0; told < 8; told++) {
      circuit.heard(late)
      circuit.refused()
    }
    expect(pause().ms).toBe(1_000)
  })
})

describe('the one call that tries the upstream', () => {
  let tries: Pass
  beforeEach(() => {
    fail(5)
    tries = pause().tries
  })

  it('given up by us, lets the next one through', () => {
    expect(passes()).toBe(false)
    circuit.abandoned(tries)
    expect(passes()).toBe(true)
    expect(circuit.reachable).toBe(false)
  })

  it('holds the others up for five seconds, since it may be a push that hangs', () => {
    now += 4_999
    expect(passes()).toBe(false)
    now += 1
    expect([passes(), passes()]).toEqual([true, false])
  })

  it('closes it however late its answer is, where no other has failed since', () => {
    now += 5_000
    expect(passes()).toBe(true)
    circuit.heard(tries)
    expect(circuit.reachable).toBe(true)
  })

  it('is no news once another one has failed', () => {
    now += 5_000
    circuit.failed(circuit.pass(), 'UNREACHABLE')
    circuit.heard(tries)
    expect(circuit.reachable).toBe(false)
  })
})

it('an answer that was heard and read to refuse the token opens it at once', () => {
  circuit.heard(circuit.pass())
  circuit.refused()
  expect(() => circuit.pass()).toThrow(expect.objectContaining({ kind: 'UNAUTHORIZED' }))
})

it.each([
  ['ERROR', true, null],
  ['DEVICE_UNKNOWN', true, null],
  ['UNAUTHORIZED', true, 'UNAUTHORIZED'],
  ['UNREADABLE', false, 'UNREADABLE'],
  ['TIMEOUT', false, 'TIMEOUT'],
] as const)('%s, answered %s, says of the upstream: %s', (kind, answered, failure) => {
  expect(failureToAnswer(new ProviderError({ kind, sent: true, answered }))).toBe(failure)
})

describe('a call that hangs by its nature', () => {
  const tries = (): Pass => {
    fail(5)
    now += 1_000
    return circuit.pass({ hangs: true })
  }

  it('tells that the upstream is back by not failing for eight seconds', () => {
    const hanging = tries()
    now += 7_999
    expect(passes()).toBe(false)
    now += 1
    expect(passes()).toBe(true)
    expect(circuit.reachable).toBe(true)
    circuit.failed(hanging, 'UNREACHABLE')
    expect(circuit.reachable, 'cut much later, it is one failure like another').toBe(true)
  })

  it('tells that it is not, where it fails before', () => {
    const hanging = tries()
    now += 6_000
    circuit.failed(hanging, 'UNREACHABLE')
    expect(pause().ms).toBe(2_000)
  })

  it('tells nothing where it was given up: another may try', () => {
    circuit.abandoned(tries())
    expect(pass()?.tries).toBe(true)
  })
})
