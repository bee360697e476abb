// Callbacks as the simulator sends them, over HTTP into the gateway's own route: what a drop becomes, and what a flood does.

import { describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/server.ts'
import type { PresenceHint } from '../../src/login/presence.ts'
import type { Services } from '../../src/resolvers/services.ts'
import { callbackPath, callbackSecrets } from '../../src/server/callbacks-secrets.ts'
import { served } from './served.ts'

const secrets = callbackSecrets(Buffer.alloc(32, 3))

const connected = async (form: 1 | 2 = 2) => {
  const hints: PresenceHint[] = []
  const services = {
    feeds: { stop: () => {} },
    store: { ping: async () => ({ strayEvents: false }) },
    providers: new Map([
      ['open-line', {}],
      ['ipad-line', {}],
    ]),
    hintPresence: (hint: PresenceHint) => void hints.push(hint),
  } as unknown as Services
  const server = await served({ services, callbacks: secrets })
  const at = (provider: string) => `${server.url}${callbackPath(secrets, provider)}`
  const simulator = await startSimulator({
    callbacks: { open: { url: at('open-line'), form: 1 }, ipad: { url: at('ipad-line'), form } },
  })
  const stop = async () => {
    await simulator.close()
    await server[Symbol.asyncDispose]()
  }
  return { server, simulator, world: simulator.world, hints, [Symbol.asyncDispose]: stop }
}

const signedIn = ({ world }: Simulator, deviceId: string, dialect: 'open' | 'ipad') => {
  const device = world.createDevice(deviceId, dialect)
  if (dialect === 'ipad') world.instances.handOver(device)
  world.signIn(device, device.person)
  return device
}

describe('a drop', () => {
  it.each([
    ['open', 1, 'open-line'],
    ['ipad', 1, 'ipad-line'],
    ['ipad', 2, 'ipad-line'],
  ] as const)('on %s in form %i hints at the account that dropped', async (dialect, form, provider) => {
    await using own = await connected(form)
    const { person, handles } = signedIn(own.simulator, 'd', dialect)
    own.world.drop('d', 'kickedByOtherClient')
    await own.world.when('calledBack', 'd')
    expect(own.hints).toEqual([{ provider, wcId: person.wcId, handle: handles.at(-1) }])
    expect(own.world.callbacks.sent).toMatchObject([{ status: 200 }])
  })

  it('that is doubled or stale hints, and that is all that it does', async () => {
    await using own = await connected()
    own.world.set({ switches: { callbacks: 'doubled' } })
    const { person } = signedIn(own.simulator, 'd', 'open')
    own.world.drop('d', 'security')
    await own.world.when('calledBack', 'd', 2)
    own.world.set({ switches: { callbacks: 'stale' } })
    const [before] = own.world.device('d').handles
    signedIn(own.simulator, 'd', 'open')
    own.world.drop('d', 'security')
    await own.world.when('calledBack', 'd', 3)
    const hint = { provider: 'open-line', wcId: person.wcId, handle: before }
    expect(own.hints).toEqual([hint, hint, hint])
  })
})

describe('everything else', () => {
  it('is answered and comes to nothing, and none of it is logged', async () => {
    await using own = await connected()
    for (const dialect of ['open', 'ipad'] as const) {
      const device = signedIn(own.simulator, dialect, dialect)
      own.world.callbacks.chat(device, { content: '没人该读到这句话', times: 200 })
    }
    const url = own.world.callbacks.address('ipad')?.url ?? ''
    own.world.callbacks.register('ipad', { url, form: 2 })
    await own.world.callbacks.settled()
    expect(own.world.callbacks.sent).toHaveLength(202)
    expect(own.world.callbacks.sent.every(({ status }) => status === 200)).toBe(true)
    expect(own.hints).toEqual([])
    expect(own.server.logged).toEqual([])
  })
})
