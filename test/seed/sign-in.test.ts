// Who is signed in where, after all that can befall an account: the same as the statements of the gateway write it.

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Device, registerDevice } from '../../seed/device.ts'
import { type Person, somebody } from '../../seed/person.ts'
import { randomFrom } from '../../seed/random.ts'
import { noRows, type Rows } from '../../seed/rows.ts'
import { drops, signsIn } from '../../seed/sign-in.ts'
import type { Connection } from '../../src/db/connection/connection.ts'
import { copyInto } from '../../src/db/copy.ts'
import type { Store } from '../../src/db/store.ts'
import { account } from '../../src/db/tables/account.ts'
import { accountProfile } from '../../src/db/tables/account-profile.ts'
import { device } from '../../src/db/tables/device.ts'
import { deviceVersion } from '../../src/db/tables/device-version.ts'
import { presenceChange } from '../../src/db/tables/presence-change.ts'
import { signIn } from '../../src/db/tables/sign-in.ts'
import { dropTagsOf } from '../../src/login/presence.ts'
import { aStart } from '../db/given.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'

const provider = { name: 'demo', dialect: 'ipad' } as const
const random = randomFrom('sign-ins')
const began = Date.parse('2026-10-01T00:00:00Z')
const hour = 3_600_000

let database: TestDatabase
let connection: Connection
let store: Store
const made: Rows = noRows()
const devices: Device[] = []
const people: Person[] = []
let now = began

/** The same to both: a login that signs somebody in, somebody found signed in at its beginning, the wrong one, or gone. */
type Act =
  | {
      readonly kind: 'SIGNS_IN' | 'FOUND' | 'WRONG'
      readonly on: number
      readonly who: number
      readonly asMac?: true
      readonly after?: number
    }
  | { readonly kind: 'DROPS'; readonly on: number; readonly after: number }
  | { readonly kind: 'RENAMED'; readonly who: number }

const acts: readonly Act[] = [
  { kind: 'SIGNS_IN', on: 0, who: 0 },
  { kind: 'FOUND', on: 0, who: 0 },
  { kind: 'DROPS', on: 0, after: 2 * hour },
  { kind: 'RENAMED', who: 0 },
  { kind: 'SIGNS_IN', on: 0, who: 0 },
  { kind: 'DROPS', on: 0, after: 40_000 },
  { kind: 'SIGNS_IN', on: 0, who: 0, asMac: true },
  { kind: 'SIGNS_IN', on: 1, who: 0 },
  { kind: 'SIGNS_IN', on: 0, who: 1 },
  { kind: 'WRONG', on: 1, who: 2 },
  { kind: 'SIGNS_IN', on: 1, who: 0 },
  { kind: 'WRONG', on: 1, who: 1 },
  { kind: 'DROPS', on: 1, after: 5 * hour },
  { kind: 'SIGNS_IN', on: 1, who: 0, after: 25 * 24 * hour },
  { kind: 'DROPS', on: 1, after: 3 * hour },
  { kind: 'FOUND', on: 1, who: 0 },
]

beforeAll(async () => {
  database = await freshDatabase('pglite')
  store = await database.open()
  connection = await database.connect()
  for (let each = 0; each < 2; each += 1)
    devices.push(registerDevice(random, { tenant: 'default', rows: made }, provider, began))
  for (let each = 0; each < 3; each += 1) people.push(somebody(random, provider))
  await connection.bulk(async session => {
    await copyInto(device).copy(session, made.device)
    await copyInto(deviceVersion).copy(session, made.deviceVersion)
  })
  for (const act of acts) await play(act)
})

afterAll(() => database[Symbol.asyncDispose]())

const on = (index: number): Device => devices[index] ?? expect.unreachable()
const who = (index: number): Person => people[index] ?? expect.unreachable()

const play = async (act: Act): Promise<void> => {
  if (act.kind === 'RENAMED') {
    const person = who(act.who)
    person.profile = { ...person.profile, nickName: 'another name' }
    return
  }
  const place = on(act.on)
  now += act.after ?? hour
  if (act.kind === 'DROPS') {
    const followed = await store.readFollowedOn(place.row.id)
    if (followed === null) return expect.unreachable()
    const { probationUntil, signIn: open } = followed
    const reason = 'SECURITY_CHECK'
    const dropTags = dropTagsOf(
      { reason, began: open?.made === true ? open.began : null, missed: now, probationUntil },
      60,
    )
    await store.recordGone({ followed, missed: now, reason, words: 'words', dropTags })
    drops(made, place, { at: now, seen: 0, reason, words: 'words' })
    return
  }
  const person = who(act.who)
  const profile = { ...person.profile, instanceId: `handle ${now}` }
  const expectedWcId = act.kind === 'WRONG' ? 'somebody else' : null
  const firstOnDevice = place.row.knownWcId === null
  const start = aStart(store, place.row.id, {
    terms: { started: now, expectedWcId, firstOnDevice, deviceType: act.asMac ? 'MAC' : 'IPAD' },
  })
  await store.startLogin(start)
  if (act.kind === 'FOUND') {
    now += 500
    await store.record(start.loginId, { kind: 'OnlineChecked', at: now, began: now, profile })
  } else {
    const secret = { url: null, image: null, content: null }
    await store.record(start.loginId, { kind: 'OnlineChecked', at: now, began: now, profile: null })
    await store.record(start.loginId, { kind: 'Intended', at: now + 1, intent: 'a' })
    await store.record(start.loginId, {
      kind: 'QrCodeReceived',
      at: now + 2,
      intent: 'a',
      handle: null,
      secret,
    })
    now += 20_000
    await store.record(start.loginId, {
      kind: 'Polled',
      at: now,
      began: now,
      answer: { kind: 'SIGNED_IN', profile },
    })
  }
  signsIn(
    random,
    made,
    place,
    {
      person,
      profile,
      at: now,
      loginId: act.kind === 'SIGNS_IN' ? start.loginId : null,
      confirmed: act.kind !== 'WRONG',
      asMac: act.asMac === true,
      foundBy: act.kind === 'WRONG' ? 'WRONG_ACCOUNT' : null,
    },
    id => devices.find(({ row }) => row.id === id),
  )
}

/** Ids are made anew by the gateway: accounts go by their name. */
const nameOf = async (): Promise<ReadonlyMap<string, string>> => {
  const rows = await connection.rows<{ id: string; wc_id: string }>(sql`select id, wc_id from account`)
  return new Map([
    ...rows.map(row => [row.id, row.wc_id] as const),
    ...people.flatMap(({ account, wcId }) => (account === null ? [] : [[account.id, wcId] as const])),
  ])
}

const inOrder = (rows: readonly object[]) => rows.map(row => JSON.stringify(row)).toSorted()

describe('what befalls accounts', () => {
  it('leaves the same presence changes and profiles', async () => {
    const names = await nameOf()
    const named = (rows: readonly { accountId: string }[]) =>
      inOrder(rows.map(row => ({ ...row, accountId: names.get(row.accountId) })))
    expect(named(made.presenceChange)).toEqual(named(await connection.db.select().from(presenceChange)))
    expect(named(made.accountProfile)).toEqual(named(await connection.db.select().from(accountProfile)))
    expect(made.presenceChange.length).toBeGreaterThan(8)
  })

  it('leaves the same sign-ins', async () => {
    const names = await nameOf()
    const named = (rows: readonly { accountId: string }[]) =>
      inOrder(rows.map(row => ({ ...row, id: '', accountId: names.get(row.accountId) })))
    const open = devices.flatMap(each => each.open ?? [])
    expect(named([...made.signIn, ...open])).toEqual(named(await connection.db.select().from(signIn)))
  })

  it('leaves the same accounts, devices and versions of devices', async () => {
    const accounts = people.flatMap(each => each.account ?? [])
    const nameless = (rows: readonly object[]) => inOrder(rows.map(row => ({ ...row, id: '' })))
    expect(nameless(accounts)).toEqual(nameless(await connection.db.select().from(account)))
    const names = await nameOf()
    const named = (rows: readonly { accountId: string | null }[]) =>
      // Presence looks tell when somebody was last seen; none were made here.
      inOrder(
        rows.map(row => ({ ...row, accountId: names.get(row.accountId ?? ''), lastSeenSignedIn: null })),
      )
    expect(named(devices.map(({ row }) => row))).toEqual(named(await connection.db.select().from(device)))
    expect(inOrder(made.deviceVersion)).toEqual(inOrder(await connection.db.select().from(deviceVersion)))
  })
})
