// The gateway's own server, schema and feeds over one process's bus, with the database left out: what the log holds is
// made up in memory, event after event, so that what is measured is the way from a ring to the sockets.

import { setTimeout as wait } from 'node:timers/promises'
import { openMemoryBus } from '../../src/bus/memory.ts'
import { newId } from '../../src/db/ids.ts'
import { openStore } from '../../src/db/open-store.ts'
import type { Progress, RecordedEvent } from '../../src/db/records.ts'
import type { Carried, Store } from '../../src/db/store.ts'
import { noLimits } from '../../src/login/terms.ts'
import { Feeds } from '../../src/resolvers/feeds.ts'
import type { Services } from '../../src/resolvers/services.ts'
import { schema } from '../../src/schema/schema.ts'
import { recogniseAdmin } from '../../src/server/credentials.ts'
import { listen } from '../../src/server/listening.ts'
import { originsOf } from '../../src/server/origins.ts'
import { serve } from '../../src/server/server.ts'
import { benchKey, benchSecret } from '../support/bench-key.ts'
import { answerParent } from '../support/child.ts'
import { gauge, memory } from '../support/gauge.ts'
import { profiled } from '../support/profile.ts'

/** Number of the newest event of each login, by its id. */
const newest = new Map<string, number>()
const silent = { warn: () => {}, error: () => {} }
const bus = openMemoryBus<Carried>(error => process.stderr.write(`watching: ${String(error)}\n`))
let closing: () => Promise<void> = async () => {}

/** What people do most while somebody watches. */
const bodies: readonly Pick<RecordedEvent, 'state' | 'body'>[] = [
  { state: 'AWAITING_CODE', body: { kind: 'VerifyCodeRequired', announcedBy: 'PERSON' } },
  { state: 'AWAITING_SCAN', body: { kind: 'VerifyCodePromptWithdrawn' } },
]

/** A log that ends where `newest` says. The login is a real one, as a real store read it. */
const inMemory = (template: Progress['login'], store: Store): Store => ({
  ...store,
  readProgress: async (_tenant, id, after, limit) => {
    const sequence = newest.get(id)
    if (sequence === undefined) return null
    const at = store.clock.now()
    const events: RecordedEvent[] = []
    for (let number = after + 1; number <= sequence && events.length < limit; number++) {
      const body = bodies[number % bodies.length]
      if (body !== undefined) events.push({ ...body, sequence: number, at })
    }
    return { login: { ...template, id, sequence, version: sequence }, events }
  },
  readSecrets: async () => ({
    qrCode: {
      url: 'https://pictures.example/qr/0123456789abcdef.png?AWSAccessKeyId=A&Expires=1&Signature=abc',
      content: 'http://weixin.qq.com/x/0123456789abcdefghij',
      image: null,
    },
    sliderUrl: null,
  }),
  readLogins: async () => new Map(),
})

const verbs = {
  /** `databaseUrl`: holds the login that all of them look like. */
  start: async ({ databaseUrl, logins }: { readonly databaseUrl: string; readonly logins: number }) => {
    const real = await openStore({ engine: { kind: 'postgres', url: databaseUrl }, secret: benchSecret })
    const [record] = await real.pageLogins('default', {}, 'STARTED_AT_DESC', {
      limit: 1,
      after: null,
      before: null,
      backward: false,
    })
    if (record === undefined) throw new Error('There is no login to look like')
    const store = inMemory(record, real)
    const ids = Array.from({ length: logins }, () => newId(store.clock.now()))
    for (const id of ids) newest.set(id, record.sequence)
    const pictureUrl = () => 'https://gateway.example/pictures/signed'
    const feeds = new Feeds({ store, bus, pictureUrl, failed: error => process.stderr.write(`${error}\n`) })
    const services: Services = {
      store,
      bus,
      feeds,
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
    const listening = await listen('127.0.0.1', 0)
    const server = serve({
      listening,
      schema,
      services,
      recognise: recogniseAdmin(benchKey),
      origins: originsOf(listening.url, []),
      development: false,
      readLink: () => null,
      log: silent,
    })
    closing = async () => {
      await server.stop(100)
      await real.close()
    }
    return { url: listening.url, ids: ids.map(id => Buffer.from(`Login:${id}`).toString('base64')) }
  },
  memory,
  /** One event of every login, so often and so far apart in milliseconds. */
  ring: async ({ times, every }: { readonly times: number; readonly every: number }) => {
    const gauged = gauge()
    for (let time = 0; time < times; time++) {
      const next = wait(every)
      for (const [id, sequence] of newest) {
        newest.set(id, sequence + 1)
        bus.ring({ id, sequence: sequence + 1 })
      }
      await next
    }
    return gauged.end()
  },
  idle: async (seconds: number) => {
    const gauged = gauge()
    await wait(seconds * 1_000)
    return gauged.end()
  },
  profile: ({ file, seconds }: { readonly file: string; readonly seconds: number }) =>
    profiled(file, () => verbs.ring({ times: seconds * 10, every: 100 })),
}

export type WatchedGateway = typeof verbs

answerParent(verbs, () => closing())
