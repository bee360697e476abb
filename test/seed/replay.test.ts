// The gateway itself is told what the generator told its machine: what it writes is what was made up. PGlite alone, since the one
// writer's statements are held on both engines elsewhere.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { History } from '../../seed/history.ts'
import type { Play } from '../../seed/play.ts'
import { type DeviceRow, noRows, type Rows } from '../../seed/rows.ts'
import type { Connection } from '../../src/db/connection/connection.ts'
import { copyInto } from '../../src/db/copy.ts'
import type { Store } from '../../src/db/store.ts'
import { device } from '../../src/db/tables/device.ts'
import { login } from '../../src/db/tables/login.ts'
import { loginEvent } from '../../src/db/tables/login-event.ts'
import { scanner } from '../../src/db/tables/scanner.ts'
import { begin } from '../../src/login/begin.ts'
import type { Observation } from '../../src/login/observation.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { aWish } from './wish.ts'

interface Told {
  readonly play: Play
  readonly observations: Observation[]
}

let database: TestDatabase
let connection: Connection
let store: Store
const plays: Told[] = []
const made: Rows = noRows()

beforeAll(async () => {
  database = await freshDatabase('pglite')
  store = await database.open()
  connection = await database.connect()
  const onPlay = (play: Play) => {
    const observations: Observation[] = []
    play.heard = told => observations.push(told)
    plays.push({ play, observations })
  }
  const history = new History(aWish({ logins: 450, days: 4, seed: 'replay', onPlay }))
  for (const { rows } of history.batches())
    for (const name of ['login', 'loginEvent', 'scanner'] as const)
      for (const row of rows[name]) (made[name] as unknown[]).push(row)
  // One device each, so that none is busy, and nobody signed in on it before.
  const devices = plays.map(({ play }) => deviceOf(play))
  await connection.bulk(session => copyInto(device).copy(session, devices))
  for (const told of plays) await replay(told)
}, 180_000)

afterAll(() => database[Symbol.asyncDispose]())

const deviceOf = ({ login }: Play): DeviceRow => ({
  id: login.id,
  tenant: login.tenant,
  provider: login.provider,
  deviceKey: login.id,
  upstreamId: login.id,
  label: null,
  deviceType: login.deviceType,
  province: login.province,
  city: null,
  proxyHost: login.proxied ? '10.0.0.1' : null,
  proxyPort: login.proxied ? 1080 : null,
  proxyUsername: null,
  proxyPassword: null,
  ttuid: null,
  accountId: null,
  knownWcId: null,
  instanceId: null,
  resetRequired: false,
  inputHash: '',
  created: login.started,
  exitChanged: null,
  lastLogin: null,
  lastSeenSignedIn: null,
  retired: null,
  reset: null,
  version: 1,
  settingsVersion: 1,
})

const replay = async ({ play, observations }: Told): Promise<void> => {
  const { terms } = play
  const { id, tenant, startedBy, reference, continues, advisories } = play.login
  const started = await store.startLogin({
    loginId: id,
    tenant,
    deviceId: id,
    startedBy,
    reference,
    continues,
    terms,
    state: begin(terms).state,
    // Those of the end stand behind those of the start.
    advisories: advisories.filter(({ code }) => code === 'RECYCLES_SOON' || code === 'USE_PUSH_FIRST'),
    idempotency: null,
    replaces: null,
  })
  expect(started.kind).toBe('CREATED')
  for (const observation of observations) await store.record(id, observation)
}

describe('what was made up', () => {
  it('is of every kind', () => {
    expect(new Set(made.login.map(({ reason }) => reason)).size).toBeGreaterThan(12)
  })

  it('is row by row what the gateway writes when it is told the same', async () => {
    const written = await connection.db.select().from(login)
    const byId = new Map(written.map(row => [row.id, row]))
    for (const { firstMethodAtEnd: _, ...row } of written)
      expect({ ...row, deviceId: '', accountId: row.accountId !== null }).toEqual({
        ...made.login.find(({ id }) => id === row.id),
        deviceId: '',
        accountId: made.login.find(({ id }) => id === row.id)?.accountId !== null,
      })
    expect(byId.size).toBe(made.login.length)
  })

  it('is event by event what the gateway writes', async () => {
    const key = (event: { loginId: string; sequence: number }) =>
      `${event.loginId} ${String(event.sequence).padStart(3, '0')}`
    const inOrder = <Event extends { loginId: string; sequence: number }>(events: readonly Event[]) =>
      events.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    expect(inOrder(made.loginEvent)).toEqual(inOrder(await connection.db.select().from(loginEvent)))
  })

  it('tells of the same persons at the same phones', async () => {
    const byId = (rows: readonly { loginId: string }[]) =>
      rows.toSorted((a, b) => (a.loginId < b.loginId ? -1 : 1))
    expect(byId(made.scanner)).toEqual(byId(await connection.db.select().from(scanner)))
    expect(made.scanner.length).toBeGreaterThan(50)
  })

  it('leaves nobody waiting', async () => {
    expect(await connection.rows(sql`select device_id from device_turn`)).toEqual([])
  })
})
