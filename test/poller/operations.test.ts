import { describe, expect, test } from 'vitest'
import { ProviderError } from '../../src/provider/port.ts'
import { Later } from '../support/fake-provider.ts'
import { aGateway, type Gateway, second } from './gateway.ts'

const refused = new ProviderError({
  kind: 'ERROR',
  sent: true,
  answered: true,
  upstreamCode: '1001',
  upstreamMessage: '余额不足',
})
const cut = new ProviderError({ kind: 'UNREACHABLE', sent: true, answered: false })
const unsent = new ProviderError({ kind: 'UNREACHABLE', sent: false, answered: false })

const register = async (gateway: Gateway): Promise<string> => {
  const { operation } = await gateway.register('demo', true)
  if (operation === null) throw new Error('Nothing is to be sent')
  return operation.id
}

const operation = async (gateway: Gateway, id: string) => await gateway.now.store.readOperation('default', id)

describe('a registration', () => {
  test('is sent on a ring at once, and its end is rung', async () => {
    await using gateway = await aGateway()
    const id = await register(gateway)
    let rings = 0
    gateway.now.bus.listen(id, () => rings++)
    gateway.now.bus.ring({ id, sequence: 0 })
    await gateway.settle()
    expect(gateway.provider.callsOf('registerDevice')).toMatchObject([{ upstreamId: 'up-demo' }])
    expect(await operation(gateway, id)).toMatchObject({ state: 'DONE' })
    expect(rings).toBe(2)
  })

  test('whose ring was lost is found', async () => {
    await using gateway = await aGateway()
    const id = await register(gateway)
    await gateway.pass(2 * second)
    expect(await operation(gateway, id)).toMatchObject({ state: 'DONE' })
  })

  test('that is refused has failed with what the upstream said, and is not repeated', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    gateway.provider.answerRegistration(refused)
    const id = await register(gateway)
    await gateway.pass(20 * second)
    expect(await operation(gateway, id)).toMatchObject({
      state: 'FAILED',
      upstreamCode: '1001',
      upstreamMessage: '余额不足',
    })
    expect(gateway.provider.callsOf('registerDevice')).toHaveLength(1)
  })

  test('that goes unanswered is repeated, three times at most: then nobody knows', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    gateway.provider.answerRegistration(cut)
    const id = await register(gateway)
    await gateway.pass(20 * second)
    expect(await operation(gateway, id)).toMatchObject({ state: 'UNCLEAR' })
    expect(gateway.provider.callsOf('registerDevice')).toHaveLength(3)
  })

  test('that hung once is repeated, and done', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerRegistration(new Later(), 'DONE')
    const id = await register(gateway)
    await gateway.pass(20 * second)
    expect(await operation(gateway, id)).toMatchObject({ state: 'DONE' })
    expect(gateway.provider.callsOf('registerDevice')).toHaveLength(2)
  })

  test('that never left has failed: nothing was sent', async () => {
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    gateway.provider.answerRegistration(unsent)
    const id = await register(gateway)
    await gateway.pass(20 * second)
    expect(await operation(gateway, id)).toMatchObject({ state: 'FAILED' })
  })

  test.each([
    ['refuses our token', 'UNAUTHORIZED', 401, { sent: true, answered: true }, 'FAILED'],
    ['cannot be reached', 'UNREACHABLE', null, { sent: false, answered: false }, 'FAILED'],
    ['answers with a page', 'UNREADABLE', 404, { sent: true, answered: false }, 'UNCLEAR'],
  ] as const)('whose upstream %s is kept with that, and told once in the log', async (...told) => {
    const [_, kind, httpStatus, reached, state] = told
    await using gateway = await aGateway()
    gateway.errorsExpected = true
    gateway.provider.answerRegistration(new ProviderError({ kind, httpStatus, ...reached }))
    const id = await register(gateway)
    expect(gateway.now.poller.failureOf(id)).toBeNull()
    await gateway.pass(20 * second)
    expect(await operation(gateway, id)).toMatchObject({ state, upstreamCode: null })
    expect(gateway.now.poller.failureOf(id)).toEqual({ kind, httpStatus })
    const { name: provider } = gateway.provider
    expect(gateway.now.log).toEqual([
      {
        operation: id,
        operationKind: 'REGISTER',
        provider,
        state,
        kind,
        httpStatus,
        message: 'An operation of a device came to nothing',
      },
    ])
  })

  test('of a process that was killed is made by its successor', async () => {
    await using gateway = await aGateway()
    const lost = new Later<'DONE'>()
    gateway.provider.answerRegistration(lost, 'DONE')
    const id = await register(gateway)
    await gateway.until(lost)
    gateway.now.kill()
    await gateway.begin()
    await gateway.settle()
    expect(await operation(gateway, id)).toMatchObject({ state: 'DONE' })
  })

  test('waits for the next owner where the poller stops between two attempts', async () => {
    await using gateway = await aGateway()
    gateway.provider.answerRegistration(cut)
    const id = await register(gateway)
    await gateway.pass(1_600)
    await gateway.now.poller.stop()
    expect(await operation(gateway, id)).toMatchObject({ state: 'PENDING' })
    expect(gateway.clock.pending).toBe(0)
  })
})
