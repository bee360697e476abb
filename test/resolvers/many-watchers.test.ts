// Two thousand watchers attach at once to a Postgres (and fewer to the embedded engine), each with reads of its own, while the logins that they watch are written: no
// event is lost and no write fails, on either engine.

import { describe, expect, it } from 'vitest'
import { watchLogin } from '../../src/resolvers/watch-login.ts'
import { engines } from '../support/database.ts'
import { given } from './given.ts'

const logins = 10
/** The embedded engine has one session, and nothing to gain from more. */
const watchersOfEach = { pglite: 20, postgres: 200 }
const hiccups = 5

describe.each(engines)('on %s', engine => {
  it('watchers that attach all at once see everything that is written meanwhile', async () => {
    await using one = await given({}, engine)
    const begun = await Promise.all(
      Array.from({ length: logins }, async (_, index) => one.login(await one.device(`device-${index}`))),
    )
    const numbersOf = async (id: string) => {
      const numbers: number[] = []
      for await (const { event, sequence } of await watchLogin(one.context, id, 0))
        if (event !== null) numbers.push(sequence)
      return numbers
    }
    const watched = begun.flatMap(({ id }) =>
      Array.from({ length: watchersOfEach[engine] }, () => numbersOf(id)),
    )
    await Promise.all(
      begun.map(async ({ loginId }) => {
        await one.showQrCode(loginId)
        await one.hiccup(loginId, hiccups)
        const cancelled = await one.tell(loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
        expect(cancelled.kind).toBe('RECORDED')
      }),
    )
    const whole = Array.from({ length: 2 + 2 * hiccups + 1 }, (_, index) => index + 1)
    for (const numbers of await Promise.all(watched)) expect(numbers).toEqual(whole)
    expect(one.services.feeds).toMatchObject({ watches: 0, feeds: 0 })
  })
})
