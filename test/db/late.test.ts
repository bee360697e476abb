import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { followClock } from '../../src/db/clock.ts'
import { newId } from '../../src/db/ids.ts'
import type { Store } from '../../src/db/store.ts'
import type { Profile } from '../../src/login/vocabulary.ts'
import { engines, freshDatabase, type TestDatabase, withStore } from '../support/database.ts'
import {
  aDevice,
  aLogin,
  aProfile,
  polled,
  scanned,
  signedIn,
  tenant,
  told,
  turnOf,
  withQrCode,
} from './given.ts'

describe.each(engines)('an account that signs in after its login has ended, on %s', engine => {
  test('is recorded on the device as found, and nothing of it on the login', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const loginId = await cancelled(store, deviceId)
      const end = await store.readProgress(tenant, loginId, 0, 100)
      const before = store.statistics.writes
      expect(await signedIn(store, loginId)).toEqual({ kind: 'ENDED' })

      expect(store.statistics.writes - before).toBe(1)
      expect(await store.readProgress(tenant, loginId, 0, 100)).toEqual(end)
      const device = await deviceOf(store, deviceId)
      expect(device).toMatchObject({ lastLogin: null, version: 2, accountId: expect.any(String) })
      expect(
        (await store.readAccounts(tenant, [device?.accountId ?? ''])).get(device?.accountId ?? ''),
      ).toMatchObject({
        wcId: 'wxid_lin',
        deviceId,
        profile: { nickName: 'Lin', wAccount: 'lin88' },
        profileAsOf: device?.lastSeenSignedIn,
        presence: { state: 'ONLINE', since: device?.lastSeenSignedIn, reason: 'FOUND_ONLINE' },
      })
      expect(await signIns(database)).toEqual([
        { device: deviceId, login: null, wcId: 'wxid_lin', open: true, reason: null },
      ])
      expect(await database.rows(sql`select before, after, reason from presence_change`)).toEqual([
        { before: 'UNKNOWN', after: 'ONLINE', reason: 'FOUND_ONLINE' },
      ])
      expect(await database.rows(sql`select number, nick_name as name from account_profile`)).toEqual([
        { number: 1, name: 'Lin' },
      ])
      // Found, not confirmed: nobody for the next login to expect.
      expect((await store.readStartFacts(tenant, deviceId, store.clock.now()))?.knownWcId).toBeNull()
    }))

  test('is believed after a push as well, and where a code or a look at the device says so', () =>
    withStore(engine, async (store, database) => {
      const proofs: ((loginId: string) => Promise<unknown>)[] = [
        async loginId => await signedIn(store, loginId),
        async loginId =>
          await told(store, loginId, {
            kind: 'OnlineChecked',
            began: store.clock.now(),
            profile: aProfile(),
          }),
        async loginId =>
          await told(store, loginId, {
            kind: 'CodeAnswered',
            intent: 'code',
            answer: { kind: 'SIGNED_IN', profile: aProfile() },
          }),
      ]
      const begins = [() => pushed(store), () => cancelledAtStart(store), () => cancelledWithCode(store)]
      for (const [index, proof] of proofs.entries()) {
        const loginId = (await begins[index]?.()) ?? ''
        const deviceId = (await store.readLogin(tenant, loginId))?.deviceId
        await proof(loginId)
        expect((await signIns(database)).filter(({ open }) => open)).toEqual([
          { device: deviceId, login: null, wcId: 'wxid_lin', open: true, reason: null },
        ])
      }
    }))

  test('is not believed where the call began before the prompt, or nothing was ever sent', () =>
    withStore(engine, async (store, database) => {
      const early = store.clock.now() - 1
      const withPrompt = await cancelled(store, await aDevice(store))
      const answer = { kind: 'SIGNED_IN', profile: aProfile() } as const
      await told(store, withPrompt, { kind: 'Polled', began: early, answer })
      const withoutPrompt = await cancelledAtStart(store)
      await signedIn(store, withoutPrompt)
      await told(store, withPrompt, { kind: 'CodeAnswered', intent: 'never sent', answer })
      await told(store, withPrompt, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
      await signedIn(store, newId(store.clock.now()))
      expect(await signIns(database)).toEqual([])
      expect(await database.rows(sql`select id from account`)).toEqual([])
    }))

  test('is left to whoever has the turn of the device now', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const loginId = await cancelled(store, deviceId)
      const next = await aLogin(store, deviceId)
      await signedIn(store, loginId)
      expect(await signIns(database)).toEqual([])
      await told(store, next.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      await database.rows(sql`
        insert into device_turn (device_id, tenant, provider, kind, subject_id, epoch, version, sequence, happened, updated)
        values (${deviceId}, ${tenant}, 'demo', 'OPERATION', gen_random_uuid(), 1, 1, 0, now(), now())`)
      await signedIn(store, loginId)
      expect(await signIns(database)).toEqual([])
      await database.rows(sql`delete from device_turn`)
      await signedIn(store, loginId)
      expect(await signIns(database)).toHaveLength(1)
    }))

  test('and is signed in there already is only seen once more', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const made = await confirmed(store, deviceId)
      const before = await deviceOf(store, deviceId)
      const accountId = before?.accountId ?? ''
      const seen = async () => (await store.readAccounts(tenant, [accountId])).get(accountId)
      const account = await seen()
      const loginId = await cancelled(store, deviceId)
      await signedIn(store, loginId, aProfile({ nickName: 'Lin Mei' }))

      const after = await deviceOf(store, deviceId)
      expect(after).toEqual({ ...before, lastSeenSignedIn: after?.lastSeenSignedIn })
      expect(after?.lastSeenSignedIn).toBeGreaterThan(before?.lastSeenSignedIn ?? Number.POSITIVE_INFINITY)
      expect(await seen()).toEqual({
        ...account,
        presence: { ...account?.presence, asOf: after?.lastSeenSignedIn },
      })
      expect(await signIns(database)).toEqual([
        { device: deviceId, login: made, wcId: 'wxid_lin', open: true, reason: null },
      ])
    }))

  test('takes the place of the account that was signed in there before', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const made = await confirmed(store, deviceId)
      const loginId = await cancelled(store, deviceId)
      await signedIn(store, loginId, aProfile({ wcId: 'wxid_wu' }))
      expect(await signIns(database)).toEqual([
        { device: deviceId, login: made, wcId: 'wxid_lin', open: false, reason: 'OTHER' },
        { device: deviceId, login: null, wcId: 'wxid_wu', open: true, reason: null },
      ])
      // The default of the next login is still who was confirmed here.
      const facts = await store.readStartFacts(tenant, deviceId, store.clock.now())
      expect(facts).toMatchObject({ knownWcId: 'wxid_lin', device: { version: 3 } })
    }))

  test('says nothing of a device, or an account, on which a sign-in followed', () =>
    withStore(engine, async (store, database) => {
      const [deviceId, elsewhere] = [await aDevice(store), await aDevice(store)]
      const loginId = await cancelled(store, deviceId)
      const began = store.clock.now()
      const late = (wcId: string) =>
        told(store, loginId, {
          kind: 'Polled',
          began,
          answer: { kind: 'SIGNED_IN', profile: aProfile({ wcId }) },
        })
      await confirmed(store, deviceId, aProfile({ wcId: 'wxid_wu' }))
      await confirmed(store, elsewhere)
      const stood = [await signIns(database), await deviceOf(store, deviceId)]
      await late('wxid_zhao')
      expect([await signIns(database), await deviceOf(store, deviceId)]).toEqual(stood)

      const other = await cancelled(store, await aDevice(store))
      const answer = { kind: 'SIGNED_IN', profile: aProfile() } as const
      await told(store, other, { kind: 'Polled', began: store.clock.now(), answer })
      expect((await signIns(database)).filter(each => each.open && each.wcId === 'wxid_lin')).toMatchObject([
        { login: null },
      ])
      const third = await aDevice(store)
      const last = await cancelled(store, third)
      const before = store.clock.now()
      await confirmed(store, elsewhere)
      const settled = await signIns(database)
      await told(store, last, { kind: 'Polled', began: before, answer })
      expect(await signIns(database)).toEqual(settled)
      expect((await deviceOf(store, third))?.accountId).toBeNull()
    }))

  test('is told twice and found once', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const loginId = await cancelled(store, deviceId)
      await Promise.all(Array.from({ length: 8 }, () => signedIn(store, loginId)))
      expect(await signIns(database)).toHaveLength(1)
      expect((await deviceOf(store, deviceId))?.version).toBe(2)
    }))
})

test('late answers, new logins and their confirmations at once leave one truth, on postgres', async () => {
  await using database = await freshDatabase('postgres')
  // One clock, or what began before a confirmation may look later than it.
  const clock = followClock()
  const stores = await Promise.all(Array.from({ length: 3 }, () => database.open({ clock })))
  const [one, two, three] = stores
  if (one === undefined || two === undefined || three === undefined) throw new Error('No store')
  for (let round = 0; round < 25; round += 1) {
    const [deviceId, other] = [await aDevice(one), await aDevice(one)]
    const [first, second] = [await cancelled(one, deviceId), await cancelled(one, other)]
    await Promise.all([
      signedIn(two, first),
      signedIn(two, second),
      signedIn(three, first, aProfile({ wcId: 'wxid_wu' })),
      confirmed(one, deviceId, aProfile({ wcId: round % 2 === 0 ? 'wxid_lin' : 'wxid_zhao' })),
    ])
    const open = await database.rows<{ device: string; account: string }>(sql`
      select device_id as device, account_id as account from sign_in where ended is null and device_id in (${deviceId}, ${other})`)
    const current = await database.rows<{ device: string; account: string }>(sql`
      select d.id as device, a.id as account from device d join account a on a.id = d.account_id and a.device_id = d.id
      where d.id in (${deviceId}, ${other})`)
    const sorted = (rows: readonly { device: string }[]) =>
      rows.toSorted((a, b) => a.device.localeCompare(b.device))
    expect(sorted(open)).toEqual(sorted(current))
    expect(open.some(each => each.device === deviceId)).toBe(true)
  }
})

const cancel = async (store: Store, loginId: string): Promise<string> => {
  turnOf(await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' }))
  return loginId
}

const cancelled = async (store: Store, deviceId: string): Promise<string> => {
  const { loginId } = await aLogin(store, deviceId)
  await withQrCode(store, loginId)
  return await cancel(store, loginId)
}

const cancelledAtStart = async (store: Store): Promise<string> =>
  await cancel(store, (await aLogin(store, await aDevice(store))).loginId)

const cancelledWithCode = async (store: Store): Promise<string> => {
  const { loginId } = await aLogin(store, await aDevice(store))
  await withQrCode(store, loginId)
  await scanned(store, loginId)
  await told(store, loginId, { kind: 'CodePromptReported' })
  await told(store, loginId, { kind: 'CodeSubmitted', mark: 'm', code: '123456' })
  await told(store, loginId, { kind: 'Intended', intent: 'code' })
  return await cancel(store, loginId)
}

const pushed = async (store: Store): Promise<string> => {
  const { loginId } = await aLogin(store, await aDevice(store), {
    terms: { firstMethod: 'PUSH', expectedWcId: 'wxid_lin' },
  })
  await told(store, loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
  await told(store, loginId, { kind: 'Intended', intent: 'push' })
  await polled(store, loginId, { kind: 'NOT_SCANNED' })
  return await cancel(store, loginId)
}

const confirmed = async (store: Store, deviceId: string, profile: Profile = aProfile()): Promise<string> => {
  const { loginId } = await aLogin(store, deviceId)
  await withQrCode(store, loginId)
  turnOf(await signedIn(store, loginId, profile))
  return loginId
}

const deviceOf = async (store: Store, deviceId: string) =>
  (await store.readDevices(tenant, [deviceId])).get(deviceId)

const signIns = (database: TestDatabase) =>
  database.rows<{
    device: string
    login: string | null
    wcId: string
    open: boolean
    reason: string | null
  }>(sql`
    select s.device_id as device, s.login_id as login, a.wc_id as "wcId", s.ended is null as open,
      s.end_reason as reason
    from sign_in s join account a on a.id = s.account_id order by s.began, s.id`)
