import { expect, test } from 'vitest'
import { Calls } from '../../src/poller/calls.ts'
import { CalledOffError, GivenUpError } from '../../src/poller/failure.ts'
import { Lease } from '../../src/poller/lease.ts'
import { ProviderError } from '../../src/provider/port.ts'
import { ManualClock } from '../support/manual-clock.ts'

const aCall = () => {
  const time = new ManualClock()
  const lease = new Lease(time)
  lease.renewed(time.now())
  const calls = new Calls({ time, lease, failed: () => {} })
  /** Fails, as a provider does, once it is given up. */
  const ask = (sent: boolean, intent?: string) =>
    calls
      .ask(
        { held: null, within: 1_000, ...(intent === undefined ? {} : { intent }) },
        signal =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () =>
              reject(new ProviderError({ kind: 'TIMEOUT', sent, answered: false })),
            )
          }),
      )
      .catch(error => error)
  return { time, calls, ask }
}

test('a call given up while it waited for a line was not sent, and that is what is told', async () => {
  const { time, calls, ask } = aCall()
  const told = ask(false, 'intent')
  time.jump(1_000)
  expect(calls.sweep(10)).toBe(1)
  expect(await told).toMatchObject({ name: 'ProviderError', sent: false })
})

test('a call given up after it was sent is given up, however the provider words it', async () => {
  const { time, calls, ask } = aCall()
  const told = ask(true, 'intent')
  time.jump(1_000)
  calls.sweep(10)
  expect(await told).toBeInstanceOf(GivenUpError)
})

test.each([true, false])('a call that a stop calls off is no failure of anybody (sent: %s)', async sent => {
  const { calls, ask } = aCall()
  const told = ask(sent)
  await calls.stop(0)
  expect(await told).toBeInstanceOf(CalledOffError)
})
