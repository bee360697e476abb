// A server under watch: the gateway's own, or another one for the same schema, with the gateway's feeds as its source. The
// events come from a log in memory, or from a Postgres that another process writes.

import { setTimeout as wait } from 'node:timers/promises'
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
import { serve } from '../../src/server/server.ts'
import { serveApollo } from '../rivals/apollo.ts'
import { serveMercurius } from '../rivals/mercurius.ts'
import type { Serve, Served } from '../rivals/serving.ts'
import { serveYoga } from '../rivals/yoga.ts'
import { benchKey, benchSecret } from '../support/bench-key.ts'
import { answerParent } from '../support/child.ts'
import { gauge, memory } from '../support/gauge.ts'
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
}

const silent = { warn: () => {}, error: () => {} }
const complain = (error: unknown) => void process.stderr.write(`watch: ${String(error)}\n`)
const bus = openMemoryBus<Carried>(complain)
const closing: (() => Promise<unknown>)[] = []
let log: MadeUpLog | null = null
let store: Store | null = null
let live: (() => object | null) | null = null

const serveOwn =
  (services: Services, livePlans: boolean): Serve =>
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
    phonesUrl: () => null,
    pictureUrl,
    newLoginId: newId,
    markOf: () => '',
    patience: 1_000,
  }
}

const serverOf = (name: ServerName, services: Services): Serve => {
  switch (name) {
    case 'GATEHOUSE':
      return serveOwn(services, true)
    case 'GRAPHQL_JS':
      return serveOwn(services, false)
    case 'YOGA':
      return serveYoga
    case 'MERCURIUS':
      return serveMercurius
    case 'APOLLO':
      return serveApollo
  }
}

const verbs = {
  start: async ({ server, databaseUrl, logins, tellsBy }: WatchedStart) => {
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
    const served: Served = await serverOf(server, services)(schema, contextOf)
    closing.push(() => served.close())
    const ids = log?.ids ?? found.map(({ id }) => id)
    return { url: served.url, ids: ids.map(id => Buffer.from(`Login:${id}`).toString('base64')) }
  },
  memory,
  /** One event of every login, so often and so far apart in milliseconds. */
  ring: async ({ times, every }: { readonly times: number; readonly every: number }) => {
    if (log === null) throw new Error('Another process rings')
    const gauged = gauge()
    for (let time = 0; time < times; time++) {
      const next = wait(every)
      log.ring()
      await next
    }
    return gauged.end()
  },
  /** The same for so many seconds, each login at a moment of its own. */
  ringEvenly: async ({ seconds, every }: { readonly seconds: number; readonly every: number }) => {
    if (log === null) throw new Error('Another process rings')
    const slice = 10
    const parts = Math.max(1, Math.round(every / slice))
    const gauged = gauge()
    const began = performance.now()
    let part = 0
    while (performance.now() - began < seconds * 1_000) {
      // Late ones are made up for, so that the pace is what it says.
      const due = Math.floor((performance.now() - began) / slice)
      for (; part <= due; part++) log.ring(part % parts, parts)
      await wait(Math.max(1, began + part * slice - performance.now()))
    }
    return { ...gauged.end(), events: part / parts }
  },
  /** What this process does meanwhile, whoever rings. */
  idle: async (seconds: number) => {
    const gauged = gauge()
    await wait(seconds * 1_000)
    return gauged.end()
  },
  counts: () => ({ reads: store?.statistics.reads ?? 0, live: live?.() ?? null }),
  profile: ({ file, seconds }: { readonly file: string; readonly seconds: number }) =>
    profiled(file, () => verbs.ring({ times: seconds * 10, every: 100 })),
}

export type WatchedServer = typeof verbs

answerParent(verbs, async () => {
  for (const close of closing.reverse()) await close()
})
