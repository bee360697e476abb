// A server under watch: the gateway's own, or another one for the same schema, with the gateway's feeds as its source. The
// events come from a log in memory, or from a Postgres that another process writes.

import { setImmediate as immediately, setTimeout as wait } from 'node:timers/promises'
import postgres from 'postgres'
import { openMemoryBus } from '../../src/bus/memory.ts'
import { newId } from '../../src/db/ids.ts'
import { openStore } from '../../src/db/open-store.ts'
import type { Carried, Store } from '../../src/db/store.ts'
import { noLimits } from '../../src/login/terms.ts'
import { Feeds } from '../../src/resolvers/feeds.ts'
import { createLoaders } from '../../src/resolvers/loaders.ts'
import type { Services } from '../../src/resolvers/services.ts'
import { adminScopes } from '../../src/resolvers/viewer.ts'
import { schema } from '../../src/schema/schema.ts'
import { recogniseAdmin } from '../../src/server/credentials.ts'
import { listen } from '../../src/server/listening.ts'
import { originsOf } from '../../src/server/origins.ts'
import { type GatewayServer, serve } from '../../src/server/server.ts'
import { serveApollo } from '../rivals/apollo.ts'
import { serveMercurius } from '../rivals/mercurius.ts'
import type { Serve, Served } from '../rivals/serving.ts'
import { serveYoga } from '../rivals/yoga.ts'
import { benchKey, benchSecret } from '../support/bench-key.ts'
import { answerParent } from '../support/child.ts'
import { stretches } from '../support/gauge.ts'
import { type MadeUpLog, madeUpLog } from '../support/made-up-log.ts'
import { profiled } from '../support/profile.ts'

/** GRAPHQL_JS: the gateway with its plans switched off. */
export type ServerName = 'GATEHOUSE' | 'GRAPHQL_JS' | 'YOGA' | 'MERCURIUS' | 'APOLLO'

export interface WatchedStart {
  readonly server: ServerName
  /** Holds the login that all of them look like, or, with `tellsBy`, the logins themselves. */
  readonly databaseUrl: string
  readonly logins: number
  /** Name of the channel on which another process says which login it wrote; null: events are made up here. */
  readonly tellsBy: string | null
  /** Clients are pinged. Not where events are counted in microseconds: a thousand pings are in a stretch, or in none. */
  readonly pings: boolean
}

const never = 2 ** 31 - 1
const silent = { warn: () => {}, error: () => {} }
const complain = (error: unknown) => void process.stderr.write(`watch: ${String(error)}\n`)
const bus = openMemoryBus<Carried>(complain)
const closing: (() => Promise<unknown>)[] = []
let log: MadeUpLog | null = null
let store: Store | null = null
let live: (() => GatewayServer['live']) | null = null

const serveOwn =
  (services: Services, livePlans: boolean, pings: boolean): Serve =>
  async schema => {
    const listening = await listen('127.0.0.1', 0)
    const server = serve({
      listening,
      schema,
      services,
      recognise: recogniseAdmin(benchKey),
      origins: originsOf(listening.url, []),
      development: false,
      livePlans,
      ...(pings ? {} : { pingEvery: never }),
      readLink: () => null,
      log: silent,
    })
    live = () => server.live
    return { url: listening.url, close: () => server.stop(100) }
  }

const servicesOf = (store: Store): Services => {
  const pictureUrl = () => 'https://gateway.example/pictures/signed'
  return {
    store,
    bus,
    feeds: new Feeds({ store, bus, pictureUrl, failed: complain }),
    providers: new Map(),
    limits: noLimits,
    deadlines: {},
    failureOf: () => null,
    hintPresence: () => {},
    checkPresence: async () => {},
    phonesUrl: () => null,
    pictureUrl,
    newLoginId: newId,
    markOf: () => '',
    patience: 1_000,
  }
}

const serverOf = (name: ServerName, services: Services, pings: boolean): Serve => {
  switch (name) {
    case 'GATEHOUSE':
      return serveOwn(services, true, pings)
    case 'GRAPHQL_JS':
      return serveOwn(services, false, pings)
    case 'YOGA':
      return serveYoga
    case 'MERCURIUS':
      return serveMercurius
    case 'APOLLO':
      return serveApollo
  }
}

/** Between two handfuls of a flow, in milliseconds. */
const tick = 5

/** Gives what making them up cost, in milliseconds of CPU: who watches a real log has not to pay for it. */
const make = (events?: number, at?: number): number => {
  if (log === null) throw new Error('Another process rings')
  const before = process.cpuUsage()
  // Watchers are told in the microtask that follows.
  log.ring(events, at)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

const verbs = {
  ...stretches(),
  start: async ({ server, databaseUrl, logins, tellsBy, pings }: WatchedStart) => {
    const real = await openStore({ engine: { kind: 'postgres', url: databaseUrl }, secret: benchSecret })
    closing.push(() => real.close())
    const page = { limit: tellsBy === null ? 1 : logins, after: null, before: null, backward: false }
    const found = await real.pageLogins('default', {}, 'STARTED_AT_DESC', page)
    const [template] = found
    if (template === undefined) throw new Error('There is no login to look like')
    if (tellsBy === null) {
      const ids = Array.from({ length: logins }, () => newId(real.clock.now()))
      log = madeUpLog({ real, template, bus, ids })
    } else {
      const listener = postgres(databaseUrl, { max: 1, onnotice: () => {} })
      await listener.listen(tellsBy, id => bus.ring({ id, sequence: 0 }))
      closing.push(() => listener.end())
    }
    store = log?.store ?? real
    const services = servicesOf(store)
    const viewer = { tenant: 'default', name: 'bench', scopes: adminScopes, language: 'en' } as const
    const contextOf = () => ({ viewer, services, loaders: createLoaders(services, viewer.tenant) })
    const served: Served = await serverOf(server, services, pings)(schema, contextOf)
    closing.push(() => served.close())
    const ids = log?.ids ?? found.map(({ id }) => id)
    return { url: served.url, ids: ids.map(id => Buffer.from(`Login:${id}`).toString('base64')) }
  },
  /** One event of every login, so often and so far apart in milliseconds. */
  ring: async ({ times, every }: { readonly times: number; readonly every: number }) => {
    let makingMs = 0
    for (let time = 0; time < times; time++) {
      const next = wait(every)
      makingMs += make()
      await next
    }
    return { makingMs }
  },
  /** So many events a second, of one login after the other, each dated when it was due. */
  flow: async ({ rate, seconds }: { readonly rate: number; readonly seconds: number }) => {
    const began = performance.now()
    const date = Date.now()
    const perTick = (rate * tick) / 1_000
    let told = 0
    let makingMs = 0
    for (let ticks = 1; ticks * tick <= seconds * 1_000; ticks++) {
      const early = ticks * tick - (performance.now() - began)
      // Where it is late already, what came in meanwhile still has its turn.
      await (early > 0 ? wait(early) : immediately())
      const due = Math.floor(ticks * perTick)
      makingMs += make(due - told, date + ticks * tick)
      told = due
    }
    return { told, makingMs }
  },
  counts: () => ({ reads: store?.statistics.reads ?? 0, live: live?.() ?? null }),
  profile: ({ file, seconds }: { readonly file: string; readonly seconds: number }) =>
    profiled(file, () => verbs.ring({ times: seconds * 10, every: 100 })),
}

export type WatchedServer = typeof verbs

answerParent(verbs, async () => {
  for (const close of closing.reverse()) await close()
})
