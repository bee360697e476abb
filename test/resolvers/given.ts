// Verbs of the API over a real store in memory, without a server and without a poller: what the upstream would say, the
// test says.

import { openMemoryBus } from '../../src/bus/memory.ts'
import { newId } from '../../src/db/ids.ts'
import type { Carried, Recorded, Store } from '../../src/db/store.ts'
import type { Observation } from '../../src/login/observation.ts'
import { processTime } from '../../src/poller/time.ts'
import { ipadCapabilities } from '../../src/provider/ipad/ipad.ts'
import type { Context } from '../../src/resolvers/context.ts'
import { Feeds, type FeedsOptions } from '../../src/resolvers/feeds.ts'
import { globalId } from '../../src/resolvers/global-id.ts'
import { createLoaders } from '../../src/resolvers/loaders.ts'
import { registerDevice } from '../../src/resolvers/register-device.ts'
import type { Services } from '../../src/resolvers/services.ts'
import { startLogin } from '../../src/resolvers/start-login.ts'
import { adminScopes, type Scope } from '../../src/resolvers/viewer.ts'
import { type EngineName, freshDatabase } from '../support/database.ts'
import { FakeProvider } from '../support/fake-provider.ts'

export interface Given extends AsyncDisposable {
  readonly store: Store
  readonly services: Services
  readonly context: Context
  readonly bus: Services['bus'] & { readonly listeners: number }
  readonly statements: () => number
  as(scopes: readonly Scope[]): Context
  /** A device that exists upstream, by its global id. On `hanging` each sign-in brings a handle, and no scan is told. */
  device(key: string, provider?: 'fake' | 'hanging'): Promise<string>
  /** A login with an id of the API, and the one within it. */
  login(deviceId: string): Promise<{ readonly id: string; readonly loginId: string }>
  /** Recorded, and rung unless told not to. */
  tell(loginId: string, observation: Distributed<Observation>, ring?: boolean): Promise<Recorded>
  /** To a QR code that waits to be scanned: two events. */
  showQrCode(loginId: string, image?: string): Promise<void>
  /** Two events each time: degraded, recovered. */
  hiccup(loginId: string, times?: number): Promise<void>
}

/** An observation without its moment. */
type Distributed<One> = One extends unknown ? Omit<One, 'at'> : never

const failure = { kind: 'UNREACHABLE', upstreamCode: null, upstreamMessage: null } as const

export const given = async (
  feedsOptions: Partial<FeedsOptions> = {},
  engine: EngineName = 'pglite',
): Promise<Given> => {
  const database = await freshDatabase(engine)
  const store = await database.open()
  const errors: unknown[] = []
  const bus = openMemoryBus<Carried>(error => void errors.push(error))
  const pictureUrl = (_tenant: string, id: string) => `https://gateway.example/pictures/${id}`
  const failed = (error: unknown) => void errors.push(error)
  const feeds = new Feeds({ store, bus, pictureUrl, failed, lookEvery: 3_600_000, ...feedsOptions })
  const services: Services = {
    store,
    bus,
    feeds,
    providers: new Map(
      [
        new FakeProvider({ time: processTime, name: 'fake' }),
        new FakeProvider({ time: processTime, name: 'hanging', capabilities: ipadCapabilities }),
      ].map(provider => [provider.name, provider]),
    ),
    limits: {
      loginsPerHour: 0,
      qrCodesPerHour: 0,
      promptHoldSeconds: 0,
      earlyDropSeconds: 0,
      exitRejectedHours: 0,
    },
    deadlines: {},
    failureOf: () => null,
    hintPresence: () => {},
    checkPresence: async () => {},
    phonesUrl: () => null,
    pictureUrl,
    newLoginId: newId,
    markOf: (loginId, code) => `${loginId} ${code}`,
    patience: 0,
  }
  const as = (scopes: readonly Scope[]): Context => ({
    viewer: { tenant: 'default', name: 'admin', scopes, language: 'en' },
    services,
    loaders: createLoaders(services, 'default'),
  })
  const context = as(adminScopes)

  const tell: Given['tell'] = async (loginId, observation, ring = true) => {
    const recorded = await store.record(loginId, { ...observation, at: store.clock.now() } as Observation)
    if (ring && recorded.kind === 'RECORDED')
      bus.ring({ id: loginId, sequence: recorded.turn.state.sequence })
    return recorded
  }

  return {
    store,
    services,
    context,
    bus,
    statements: () => store.statistics.reads + store.statistics.writes,
    as,
    device: async (key, provider = 'fake') => {
      const { device, operation } = await registerDevice(context, {
        provider,
        deviceKey: key,
        province: '广东',
      })
      if (operation !== null)
        await store.endOperation(operation.id, { state: 'DONE', upstreamCode: null, upstreamMessage: null })
      return globalId('Device', device.id)
    },
    login: async deviceId => {
      const { login } = await startLogin(context, {
        deviceId,
        strategy: 'QR_CODE',
        onConflict: 'RETURN_ACTIVE',
      })
      return { id: globalId('Login', login.record.id), loginId: login.record.id }
    },
    tell,
    showQrCode: async (loginId, image) => {
      await tell(loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
      await tell(loginId, { kind: 'Intended', intent: 'qr-1' })
      const secret = {
        url: 'https://upstream.example/qr.png',
        image: image ?? 'data:image/png;base64,AAAA',
        content: 'qr',
      }
      await tell(loginId, { kind: 'QrCodeReceived', intent: 'qr-1', handle: null, secret })
    },
    hiccup: async (loginId, times = 1) => {
      for (let time = 0; time < times; time += 1) {
        for (let count = 0; count < 3; count += 1)
          await tell(loginId, { kind: 'PollFailed', began: store.clock.now(), failure })
        await tell(loginId, { kind: 'Polled', began: store.clock.now(), answer: { kind: 'NOT_SCANNED' } })
      }
    },
    [Symbol.asyncDispose]: async () => {
      feeds.stop()
      await database[Symbol.asyncDispose]()
      if (errors.length > 0) throw new AggregateError(errors, 'Something failed behind the test')
    },
  }
}
