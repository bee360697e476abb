// The only assembly: what a configuration comes to, started in parallel where it can be, ended in reverse.

import { createHmac } from 'node:crypto'
import { pino } from 'pino'
import type { Simulator } from '../simulator/server.ts'
import { openMemoryBus } from './bus/memory.ts'
import type { Config, ProviderConfig } from './config.ts'
import type { MomentCursor, Page } from './db/filters.ts'
import { newId } from './db/ids.ts'
import type { Engine, StoreOptions } from './db/open-store.ts'
import type { DeviceRecord } from './db/records.ts'
import type { Carried, Store } from './db/store.ts'
import type { Deadlines } from './login/terms.ts'
import type { Log, Statistics } from './poller/options.ts'
import type { Provider } from './provider/port.ts'
import { Feeds, type FeedsOptions } from './resolvers/feeds.ts'
import type { Services } from './resolvers/services.ts'
import { recogniseAdmin } from './server/credentials.ts'
import { adminKeyFile, ownAdminKey, ownSecret } from './server/key-files.ts'
import { listen } from './server/listening.ts'
import type { LiveCounters } from './server/live/counters.ts'
import { originsOf } from './server/origins.ts'
import type { ServerOptions } from './server/server.ts'

export interface Gatehouse extends AsyncDisposable {
  /** Where it really listens. */
  readonly url: string
  /** Null: it was given in the environment. */
  readonly adminKeyFile: string | null
  /** Null: real upstreams are configured. */
  readonly simulator: Simulator | null
  /** Those that are used, configured or built in. */
  readonly upstreams: readonly Pick<ProviderConfig, 'name' | 'dialect' | 'baseUrl'>[]
  readonly store: Store
  /** Logins watched now, and sockets open. */
  readonly watches: number
  readonly sockets: number
  /** What went to sockets without graphql-js between; null: switched off. */
  readonly live: Readonly<LiveCounters> | null
  readonly polling: Statistics
  /** Ordered and idempotent. Rejects with an AggregateError of what did not end cleanly. */
  close(): Promise<void>
}

/** What tests put in the place of the usual. */
export interface Overrides {
  readonly log?: Log
  /** In the place of the configured database. */
  readonly engine?: Engine
  /** In the place of any. */
  readonly openStore?: (options: StoreOptions) => Promise<Store>
  readonly deadlines?: Partial<Deadlines>
  readonly patience?: number
  readonly feeds?: Pick<FeedsOptions, 'bounds' | 'snapshotEvery' | 'lookEvery' | 'most'>
  readonly server?: Partial<Pick<ServerOptions, 'operationsPerSocket' | 'pingEvery' | 'recognise'>>
  /** How long clients may take to leave, in milliseconds. */
  readonly grace?: number
}

/** What the built-in simulator is known as, in each dialect that it speaks. */
const simulated = { open: 'simulator', ipad: 'simulator-ipad' } as const
const patienceWithUpstreams = 10_000

/** Throws what ends a start in one sentence (see `main.ts`); nothing is left running then. */
export const startGatehouse = async (config: Config, overrides: Overrides = {}): Promise<Gatehouse> => {
  const ending = new Ending()
  try {
    return await assemble(config, overrides, ending)
  } catch (error) {
    await ending.end().catch(() => {})
    throw error
  }
}

const assemble = async (config: Config, overrides: Overrides, ending: Ending): Promise<Gatehouse> => {
  const log = overrides.log ?? pino({ name: 'gatehouse', level: config.logLevel }, pino.destination(2))
  const listening = await listen(config.host, config.port)
  const grace = overrides.grace ?? 3_000
  ending.add(() => listening.close(grace))

  const adminKey = config.adminKey ?? (await ownAdminKey(config.dataDir))
  const secret = config.secret ?? (await ownSecret(config.dataDir))
  const openStore =
    overrides.openStore ?? (options => openStoreLazily(overrides.engine ?? engineOf(config), options))
  // All slow beginnings side by side; whatever opened is ended, also where another of them failed.
  const [store, simulator, parts] = await allOrNone([
    openStore({ secret, log, retentionDays: config.retentionDays }).then(store => ending.last(store)),
    config.providers === null ? startSimulatorLazily().then(simulator => ending.with(simulator)) : null,
    importParts(),
  ])

  const upstreams = config.providers ?? simulatedUpstreams(simulator)
  const providers = openProviders(upstreams, parts.openProvider)
  ending.add(async () => {
    await Promise.all([...providers.values()].map(provider => provider.close()))
  })
  if (simulator !== null) await remindSimulator(simulator, store)

  const publicUrl = config.publicUrl ?? listening.url
  const failed = (error: unknown) =>
    log.error({ error: messageOf(error) }, 'A listener or a feed failed; it is tried again')
  const bus = openMemoryBus<Carried>(failed)
  const links = parts.signedLinks(secret)
  const pictureUrl = (tenant: string, pictureId: string) =>
    `${publicUrl}/pictures/${links.sign({ tenant, pictureId }, store.clock.now())}`
  const feeds = new Feeds({ store, bus, pictureUrl, failed, ...overrides.feeds })
  ending.add(() => feeds.stop())
  const services: Services = {
    store,
    bus,
    feeds,
    providers,
    limits: config.limits,
    deadlines: overrides.deadlines ?? {},
    // Nobody asks before the poller is there: the server begins after it.
    failureOf: operationId => poller.failureOf(operationId),
    hintPresence: hint => poller.hintPresence(hint),
    checkPresence: (provider, accountId) => poller.checkPresence(provider, accountId),
    // Built in, it is the only upstream.
    phonesUrl: () => simulator?.phonesUrl ?? null,
    pictureUrl,
    newLoginId: newId,
    markOf: markWith(secret),
    patience: overrides.patience ?? patienceWithUpstreams,
  }
  const poller = parts.startPoller({
    store,
    bus,
    providers,
    pictures: { fetch: parts.fetchPicture, decode: parts.decodeQrCode },
    earlyDropSeconds: config.limits.earlyDropSeconds,
    log,
  })
  ending.add(() => poller.stop())
  await poller.start()
  const server = parts.serve({
    listening,
    schema: parts.schema,
    services,
    recognise: recogniseAdmin(adminKey),
    origins: originsOf(publicUrl, [...ownOrigins(listening.url), ...config.allowedOrigins]),
    development: config.profile === 'development',
    livePlans: config.livePlans,
    callbacks: parts.callbackSecrets(secret),
    readLink: signed => links.verify(signed, store.clock.now()),
    log,
    ...overrides.server,
  })
  // Clients leave while the poller gives back what it owns: neither waits for the other.
  ending.beside(() => server.stop(grace))

  return {
    url: listening.url,
    adminKeyFile: config.adminKey === null ? adminKeyFile(config.dataDir) : null,
    simulator,
    upstreams,
    store,
    get watches() {
      return feeds.watches
    },
    get sockets() {
      return server.sockets
    },
    live: server.live,
    get polling() {
      return poller.statistics
    },
    close: () => ending.end(),
    [Symbol.asyncDispose]: () => ending.end(),
  }
}

// ---------------------------------------------------------------- parts

const importParts = async () => {
  const [
    { schema },
    { serve },
    { startPoller },
    { openProvider },
    { fetchPicture },
    { decodeQrCode },
    { signedLinks },
    { callbackSecrets },
  ] = await Promise.all([
    import('./schema/schema.ts'),
    import('./server/server.ts'),
    import('./poller/poller.ts'),
    import('./provider/dialects.ts'),
    import('./pictures/fetch-picture.ts'),
    import('./pictures/decode-qr-code.ts'),
    import('./pictures/signed-link.ts'),
    import('./server/callbacks-secrets.ts'),
  ])
  return {
    schema,
    serve,
    startPoller,
    openProvider,
    fetchPicture,
    decodeQrCode,
    signedLinks,
    callbackSecrets,
  }
}

const openStoreLazily = async (engine: Engine, options: StoreOptions): Promise<Store> => {
  const { openStore } = await import('./db/open-store.ts')
  return await openStore({ engine, ...options })
}

const startSimulatorLazily = async (): Promise<Simulator> => {
  const { startSimulator } = await import('../simulator/server.ts')
  return await startSimulator()
}

const engineOf = (config: Config): Engine => {
  if (config.database.kind === 'pglite') return { kind: 'pglite', dataDir: config.dataDir }
  const { url, directUrl } = config.database
  return { kind: 'postgres', url, ...(directUrl === null ? {} : { directUrl }) }
}

const simulatedUpstreams = (simulator: Simulator | null): readonly ProviderConfig[] => {
  if (simulator === null) throw new Error('Neither providers nor a simulator')
  const { url, token } = simulator
  return (['open', 'ipad'] as const).map(dialect => ({
    name: simulated[dialect],
    dialect,
    baseUrl: url,
    token,
  }))
}

const openProviders = (
  configs: readonly ProviderConfig[],
  openProvider: (config: ProviderConfig) => Provider,
): ReadonlyMap<string, Provider> => new Map(configs.map(config => [config.name, openProvider(config)]))

/**
 * Its world lives as long as the process; the devices that were made in an earlier one exist upstream all the same. In `ipad`
 * nothing was made: an account of an earlier process is simply signed in no more.
 */
const remindSimulator = async (simulator: Simulator, store: Store): Promise<void> => {
  let after: MomentCursor | null = null
  do {
    const page: Page<MomentCursor> = { limit: 100, after, before: null, backward: false }
    const devices: readonly DeviceRecord[] = await store.pageDevices(
      'default',
      { provider: [simulated.open] },
      page,
    )
    for (const device of devices) simulator.world.createDevice(device.upstreamId)
    const last: DeviceRecord | undefined = devices.length < page.limit ? undefined : devices.at(-1)
    after = last === undefined ? null : { at: last.created, id: last.id }
  } while (after !== null)
}

/** The same machine under its other name. */
const ownOrigins = (url: string): readonly string[] => {
  const { hostname, port } = new URL(url)
  return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
    ? [`http://localhost:${port}`, `http://127.0.0.1:${port}`]
    : [new URL(url).origin]
}

const markWith = (secret: Uint8Array) => {
  const key = createHmac('sha256', secret).update('gatehouse verify code marks').digest()
  return (loginId: string, code: string) =>
    createHmac('sha256', key).update(`${loginId}:${code}`).digest('base64url')
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')

// ---------------------------------------------------------------- ending

/** What has begun, ended in reverse; every step is taken, whatever the ones before came to. */
class Ending {
  readonly #steps: (() => Promise<void> | void)[] = []
  #beside: () => Promise<void> = async () => {}
  #ended: Promise<void> | null = null

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step)
  }

  with<Thing extends { close(): Promise<void> }>(thing: Thing): Thing {
    this.add(() => thing.close())
    return thing
  }

  /** Ends after everything else. */
  last<Thing extends { close(): Promise<void> }>(thing: Thing): Thing {
    this.#steps.unshift(() => thing.close())
    return thing
  }

  /** Begins first, and is waited for before what was added first ends. */
  beside(step: () => Promise<void>): void {
    this.#beside = step
  }

  end(): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  async #end(): Promise<void> {
    const failures: unknown[] = []
    const attempt = (step: () => Promise<void> | void) =>
      Promise.resolve()
        .then(step)
        .catch(error => void failures.push(error))
    const beside = attempt(this.#beside)
    const [poller, ...others] = this.#steps.toReversed()
    if (poller !== undefined) await attempt(poller)
    await beside
    for (const step of others) await attempt(step)
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything ended cleanly')
  }
}

/** Like Promise.all, but it settles when all have: nothing goes on beginning behind an error's back. */
const allOrNone = async <Things extends readonly unknown[]>(
  things: Things,
): Promise<{ -readonly [Key in keyof Things]: Awaited<Things[Key]> }> => {
  await Promise.allSettled(things)
  return await Promise.all(things)
}
