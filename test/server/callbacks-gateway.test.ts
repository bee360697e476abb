// Callbacks into a whole gateway: a drop is seen long before the next probe, a lie is looked at and found out, and a flood of
// either costs the upstream next to nothing.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator } from '../../simulator/server.ts'
import { callbackPath, callbackSecrets } from '../../src/server/callbacks-secrets.ts'
import { type Person, signIn } from '../app/signed-in.ts'
import { ask } from '../support/api-client.ts'
import { providerOf, startTestGateway } from '../support/gateway.ts'

const secret = '5e'.repeat(32)
const path = (dialect: 'open' | 'ipad') =>
  callbackPath(callbackSecrets(Buffer.from(secret, 'hex')), providerOf(dialect))

const connected = async () => {
  const simulator = await startSimulator()
  const logged: object[] = []
  const log = {
    warn: (fields: object, message: string) => void logged.push({ fields, message }),
    error: (fields: object, message: string) => void logged.push({ fields, message }),
  }
  const gateway = await startTestGateway({
    upstream: simulator,
    dialects: ['open', 'ipad'],
    environment: { GATEHOUSE_SECRET: secret },
    overrides: { log },
  })
  for (const dialect of ['open', 'ipad'] as const)
    simulator.world.callbacks.set(dialect, {
      url: `${gateway.address.url}${path(dialect)}`,
      form: dialect === 'open' ? 1 : 2,
    })
  const presence = async ({ accountId }: Person) => {
    const query = 'query ($id: ID!) { node(id: $id) { ... on Account { presence { state reason } } } }'
    const account = await ask<{ presence: { state: string; reason: string | null } }>(
      gateway.address,
      query,
      {
        id: accountId,
      },
    )
    return account.presence
  }
  const stop = async () => {
    await gateway[Symbol.asyncDispose]()
    await simulator.close()
  }
  return { simulator, world: simulator.world, gateway, presence, logged, [Symbol.asyncDispose]: stop }
}

let own: Awaited<ReturnType<typeof connected>>

beforeAll(async () => {
  own = await connected()
})
afterAll(() => own[Symbol.asyncDispose]())

describe.each(['open', 'ipad'] as const)('on %s', dialect => {
  it('a drop is seen within seconds', async () => {
    const person = await signIn(own.gateway, own.simulator, dialect, `dropped-${dialect}`)
    own.world.drop(person.slot, 'passwordChanged')
    // Given up after 15 s: the gateway's first look of its own comes 20 s after the sign-in.
    await expect.poll(() => own.presence(person)).toEqual({ state: 'OFFLINE', reason: 'PASSWORD_CHANGED' })
    expect(own.logged).toEqual([])
  })

  it('ten thousand lies about an account that is there end in a question or two', async () => {
    const person = await signIn(own.gateway, own.simulator, dialect, `there-${dialect}`)
    const { account, handles } = own.world.device(person.slot)
    const lie =
      dialect === 'open'
        ? { messageType: 4, wcId: account?.wcId, data: { wId: handles.at(-1) } }
        : { messageType: '30000', wcId: account?.wcId, data: { wId: handles.at(-1), reason: '你已退出微信' } }
    const questions = () => own.world.calls('isOnline', person.slot).length
    const before = questions()
    const asked = own.world.next('asked:isOnline', person.slot)
    for (let body = 0; body < 20; body++) {
      const answer = await fetch(`${own.gateway.address.url}${path(dialect)}`, {
        method: 'POST',
        body: JSON.stringify(Array.from({ length: 500 }, () => JSON.stringify(lie))),
      })
      expect(answer.status).toBe(200)
      await answer.text()
    }
    await asked
    expect(questions() - before).toBeLessThanOrEqual(2)
    expect((await own.presence(person)).state).toBe('ONLINE')
    expect(own.logged).toEqual([])
  })
})
