/**
 * What the simulator calls back with: both vendors' shapes, and each way in which a callback can mislead (P 2.6, P 3.5).
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../simulator/device.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/server.ts'
import { post } from './ipad-support.ts'
import { ask, control, ManualClock } from './support.ts'

/** Somebody who listens, and a simulator whose time is pushed by hand. */
const listening = async (options: SimulatorOptions = {}) => {
  const heard: unknown[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    heard.push(JSON.parse(text))
    response.end('{"code":"1000"}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/x`
  const clock = new ManualClock()
  const simulator = await startSimulator({
    clock,
    callbacks: { open: { url, form: 1 }, ipad: { url, form: 2 } },
    ...options,
  })
  const { world } = simulator
  const stop = async () => {
    await simulator.close()
    await new Promise(resolve => server.close(resolve))
  }
  return { heard, url, clock, simulator, world, [Symbol.asyncDispose]: stop }
}

const signedIn = ({ world }: Simulator, deviceId: string, dialect: Dialect = 'open') => {
  const device = world.createDevice(deviceId, dialect)
  if (dialect === 'ipad') world.instances.handOver(device)
  world.signIn(device, device.person)
  return device
}

const droppedOnOpen = (wcId: string, wId: unknown = expect.any(String)) => [
  expect.toSatisfy(text => {
    expect(JSON.parse(text)).toEqual({ account: 'developer', data: { wId }, messageType: 4, wcId })
    return true
  }),
]

describe('a drop', () => {
  test('on open is an array of JSON strings with an int (P 3.5)', async () => {
    await using own = await listening()
    const device = signedIn(own.simulator, 'd')
    own.world.drop('d', 'environment')
    await own.world.when('calledBack', 'd')
    expect(own.heard).toEqual([droppedOnOpen(device.person.wcId, device.handles.at(-1))])
    expect(own.world.callbacks.sent).toMatchObject([{ deviceId: 'd', dialect: 'open', status: 200 }])
  })

  test('on ipad is an object with a string and the reason, or raw (P 2.6)', async () => {
    await using own = await listening({ switches: { offlineReasonAs: 'nested' } })
    const device = signedIn(own.simulator, 'slot', 'ipad')
    const { wcId } = device.person
    own.world.drop('slot', 'loggedOutOnPhone')
    await own.world.when('calledBack', 'slot')
    const reason = expect.stringContaining('<![CDATA[你已退出微信]]>')
    expect(own.heard).toEqual([{ wcId, messageType: '30000', data: { wId: device.wId, reason } }])
    own.world.callbacks.set('ipad', { url: own.url, form: 1 })
    signedIn(own.simulator, 'slot', 'ipad')
    own.world.drop('slot', 'security')
    await own.world.when('calledBack', 'slot', 2)
    expect(own.heard[1]).toEqual({ account: 'developer', data: { wId: device.wId }, messageType: 4, wcId })
  })

  test('comes doubled, late, about the sign-in of before, or never', async () => {
    await using own = await listening()
    const { world, simulator, heard, clock } = own
    const { person } = signedIn(simulator, 'd')
    const next = (callbacks: 'doubled' | 'stale' | 'late' | 'none') => {
      world.set({ switches: { callbacks } })
      const device = world.device('d')
      if (!device.online) signedIn(simulator, 'd')
      world.drop('d', 'network')
      return device.handles
    }
    const [doubled = ''] = next('doubled')
    await world.when('calledBack', 'd', 2)
    expect(heard).toEqual([droppedOnOpen(person.wcId, doubled), droppedOnOpen(person.wcId, doubled)])
    expect(next('stale').at(-1)).not.toBe(doubled)
    await world.when('calledBack', 'd', 3)
    expect(heard[2]).toEqual(droppedOnOpen(person.wcId, doubled))
    const late = next('late').at(-1)
    next('none')
    clock.advance(59_999)
    await world.callbacks.settled()
    expect(heard).toHaveLength(3)
    clock.advance(1)
    await world.when('calledBack', 'd', 4)
    expect(heard[3]).toEqual(droppedOnOpen(person.wcId, late))
  })

  test('that is silent is told by no switch', async () => {
    await using own = await listening({ switches: { callbacks: 'doubled' } })
    signedIn(own.simulator, 'd')
    own.world.drop('d', 'silent')
    await own.world.callbacks.settled()
    expect(own.heard).toEqual([])
  })

  test('harms nobody where nobody listens any more', async () => {
    await using own = await listening({ callbacks: { open: { url: 'http://127.0.0.1:9/x', form: 1 } } })
    signedIn(own.simulator, 'd')
    own.world.drop('d', 'network')
    await own.world.when('calledBack', 'd')
    expect(own.world.callbacks.sent).toMatchObject([{ status: null }])
  })
})

describe('a chat message', () => {
  test('is what streams mostly are: one, or many in a body on open and one by one on ipad', async () => {
    await using own = await listening()
    signedIn(own.simulator, 'd')
    signedIn(own.simulator, 'slot', 'ipad')
    const chat = { do: 'chat', content: '在吗', times: 3 }
    expect((await control(own.simulator, 'POST', '/devices/d/do', chat)).status).toBe(200)
    await own.world.when('calledBack', 'd')
    const [texts] = own.heard as [string[]]
    expect(texts.map(text => JSON.parse(text))).toMatchObject(
      Array.from({ length: 3 }, () => ({ messageType: 9, data: { content: '在吗' } })),
    )
    await control(own.simulator, 'POST', '/devices/slot/do', chat)
    await own.world.when('calledBack', 'slot', 3)
    expect(own.heard.slice(1)).toMatchObject(
      Array.from({ length: 3 }, () => ({ messageType: '60001', data: { content: '在吗' } })),
    )
  })
})

describe('who is called back', () => {
  test('on open is set and cancelled by the developer (P 3.2)', async () => {
    await using own = await listening({ callbacks: {} })
    const { simulator, world, url } = own
    const set = (callbackUrl: string) => ask(simulator, '/open/user/setHttpCallbackUrl', { callbackUrl })
    expect(await set('nowhere')).toMatchObject({ code: '1001' })
    expect(await set('file:///etc/passwd')).toMatchObject({ code: '1001' })
    expect(await set(url)).toMatchObject({ code: '1000', data: ' ' })
    const login = await ask(simulator, '/auth/login', { username: 'u', password: 'p' })
    expect(login.data).toMatchObject({ callbackUrl: url })
    signedIn(simulator, 'd')
    world.drop('d', 'network')
    await world.when('calledBack', 'd')
    expect(await ask(simulator, '/open/user/cancelHttpCallbackUrl')).toMatchObject({ data: ' ' })
    signedIn(simulator, 'd')
    world.drop('d', 'network')
    await world.callbacks.settled()
    expect(own.heard).toHaveLength(1)
  })

  test('on ipad is tested at once in the optimised form, and can be read (P 2.1, P 2.6)', async () => {
    await using own = await listening({ callbacks: {} })
    const { simulator, world, url, heard } = own
    expect(await post(simulator, '/setHttpCallbackUrl', { httpUrl: url, type: 3 })).toMatchObject({
      code: '1001',
    })
    await post(simulator, '/setHttpCallbackUrl', { httpUrl: url, type: 1 })
    await world.callbacks.settled()
    expect(heard).toEqual([])
    await post(simulator, '/setHttpCallbackUrl', { httpUrl: url, type: 2 })
    await world.when('calledBack', '*')
    expect(heard).toMatchObject([{ messageType: '00000' }])
    expect((await post(simulator, '/getHttpCallbackUrl')).data).toEqual({ url })
    await post(simulator, '/cancelHttpCallbackUrl')
    expect((await post(simulator, '/getHttpCallbackUrl')).data).toEqual({ url: null })
  })

  test('is set by the control API too', async () => {
    await using own = await listening({ callbacks: {} })
    const set = (body: object) => control(own.simulator, 'POST', '/callbacks', body)
    expect((await set({ dialect: 'ipad', url: 'ftp://x' })).status).toBe(400)
    expect((await set({ dialect: 'ipad', url: own.url })).json).toMatchObject({
      open: null,
      ipad: { url: own.url, form: 2 },
    })
    await set({ dialect: 'ipad', url: null })
    expect((await control(own.simulator, 'GET', '/callbacks')).json).toEqual({
      open: null,
      ipad: null,
      sent: [],
    })
  })
})
