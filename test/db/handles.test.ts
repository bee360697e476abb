// The upstream's handles, where each sign-in brings its own: who takes one, who is told of them, and what is never one.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/store.ts'
import type { Profile } from '../../src/login/vocabulary.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, polled, signedIn, tenant, told, turnOf, withQrCode } from './given.ts'

/** What a list of who is signed in tells of somebody, and no more. */
const barely = (wcId: string, instanceId: string): Profile =>
  aProfile({ wcId, instanceId, wAccount: null, nickName: null, country: null, city: null, sex: null })

describe.each(engines)('a handle on %s', engine => {
  test('is taken from a confirmation, and never from a QR code', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      const abandoned = await aLogin(store, deviceId)
      await withQrCode(store, abandoned.loginId, 'of the first code')
      await told(store, abandoned.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      const { loginId } = await aLogin(store, deviceId)
      const { state } = await withQrCode(store, loginId, 'of the second code')
      expect(state).toMatchObject({ prompt: { handle: 'of the second code' } })
      expect(await store.readTarget(loginId)).toMatchObject({ wcId: null, knownHandles: [] })

      await signedIn(store, loginId, aProfile({ instanceId: 'of the sign-in' }))
      expect((await onlyAccount(store))?.instanceId).toBe('of the sign-in')
      expect(await database.rows(sql`select instance_id as handle from device`)).toEqual([
        { handle: 'of the sign-in' },
      ])
      const next = await aLogin(store, deviceId)
      expect(await store.readTarget(next.loginId)).toMatchObject({
        wcId: 'wxid_lin',
        knownHandles: ['of the sign-in'],
      })
    }))

  test('stays null where the device is the handle', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      await confirmed(store, deviceId, aProfile({ instanceId: null }))
      expect(await database.rows(sql`select instance_id as handle from device`)).toEqual([{ handle: null }])
      expect(await handlesOf(store, deviceId)).toEqual([])
    }))

  test('that a list of the signed in tells is news of the handle, and nothing known is lost to its silence', () =>
    withStore(engine, async (store, database) => {
      const deviceId = await aDevice(store)
      await confirmed(store, deviceId, aProfile({ instanceId: 'first', mobilePhone: '13800000000' }))
      await store.attachAccountPicture(tenant, 'demo', 'wxid_lin', 'picture')
      const before = await onlyAccount(store)
      const { loginId } = await aLogin(store, deviceId, { terms: { expectedWcId: 'wxid_lin' } })
      const checked = {
        kind: 'OnlineChecked',
        began: store.clock.now(),
        profile: barely('wxid_lin', 'second'),
      }
      const { state } = turnOf(await told(store, loginId, checked as Parameters<typeof told>[2]))
      expect(state).toMatchObject({ kind: 'CONFIRMED', outcome: { reason: 'ALREADY_SIGNED_IN' } })
      const after = await onlyAccount(store)
      expect(after).toEqual({
        ...before,
        instanceId: 'second',
        presence: { ...before?.presence, asOf: after?.presence.asOf },
      })
      expect(after?.profile).toMatchObject({ mobilePhone: '13800000000', pictureId: 'picture' })
      expect(await database.rows(sql`select number from account_profile`)).toEqual([{ number: 1 }])
      expect(await handlesOf(store, deviceId)).toEqual(['second'])
    }))

  test('is known of the device, of who is on it, and of who was confirmed there last', () =>
    withStore(engine, async store => {
      const [here, there] = [await aDevice(store), await aDevice(store)]
      await confirmed(store, here, aProfile({ instanceId: 'lin, here' }))
      await confirmed(store, there, aProfile({ instanceId: 'lin, there' }))
      expect(await handlesOf(store, here)).toEqual(['lin, here', 'lin, there'])
      const { loginId } = await aLogin(store, here, { terms: { expectedWcId: 'wxid_lin' } })
      await withQrCode(store, loginId)
      await signedIn(store, loginId, aProfile({ wcId: 'wxid_wu', instanceId: 'wu, here' }))
      expect(await handlesOf(store, here)).toEqual(['lin, there', 'wu, here'])
      const next = await aLogin(store, here)
      expect((await store.readTarget(next.loginId))?.knownHandles).toEqual(['lin, there', 'wu, here'])
      expect(await handlesOf(store, there)).toEqual(['lin, there'])
    }))

  test('of another tenant is never told', () =>
    withStore(engine, async store => {
      const [mine, theirs] = [await aDevice(store), await aDevice(store, { tenant: 'another' })]
      await confirmed(store, mine, aProfile({ instanceId: 'mine' }))
      await confirmed(store, theirs, aProfile({ instanceId: 'theirs' }), 'another')
      expect(await handlesOf(store, mine)).toEqual(['mine'])
    }))

  test('heard after the end is taken where it is the newest, and left where it is not', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      const early = await abandoned(store, deviceId)
      const began = store.clock.now()
      await confirmed(store, deviceId, aProfile({ instanceId: 'first' }))
      const answer = (instanceId: string) =>
        ({ kind: 'SIGNED_IN', profile: barely('wxid_lin', instanceId) }) as const
      await told(store, early, { kind: 'Polled', began, answer: answer('older') })
      expect((await onlyAccount(store))?.instanceId).toBe('first')
      expect(await handlesOf(store, deviceId)).toEqual(['first'])

      const late = await abandoned(store, deviceId)
      await polled(store, late, answer('newer'))
      expect((await onlyAccount(store))?.instanceId).toBe('newer')
      expect(await handlesOf(store, deviceId)).toEqual(['newer'])
    }))

  test('of a push that was answered after the end is taken too', () =>
    withStore(engine, async store => {
      const deviceId = await aDevice(store)
      await confirmed(store, deviceId, aProfile({ instanceId: 'first' }))
      const { loginId } = await aLogin(store, deviceId, {
        terms: { strategy: 'PUSH', firstMethod: 'PUSH', expectedWcId: 'wxid_lin' },
      })
      const answer = { kind: 'SIGNED_IN', profile: aProfile({ instanceId: 'by push' }) } as const
      await told(store, loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
      await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      await told(store, loginId, { kind: 'PushAnswered', intent: 'push', answer })
      // Never sent: it proves nothing.
      expect(await handlesOf(store, deviceId)).toEqual(['first'])

      const sent = await aLogin(store, deviceId, {
        terms: { strategy: 'PUSH', firstMethod: 'PUSH', expectedWcId: 'wxid_lin' },
      })
      await told(store, sent.loginId, { kind: 'OnlineChecked', began: store.clock.now(), profile: null })
      await told(store, sent.loginId, { kind: 'Intended', intent: 'push' })
      await told(store, sent.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      await told(store, sent.loginId, { kind: 'PushAnswered', intent: 'push', answer })
      expect(await handlesOf(store, deviceId)).toEqual(['by push'])
      expect((await onlyAccount(store))?.instanceId).toBe('by push')
    }))
})

const onlyAccount = async (store: Store) =>
  (await store.pageAccounts(tenant, {}, { limit: 1, after: null, before: null, backward: false }))[0]

const handlesOf = async (store: Store, deviceId: string) =>
  (
    (await store.readStartFacts(tenant, deviceId, store.clock.now())) ??
    (await store.readStartFacts('another', deviceId, store.clock.now()))
  )?.knownHandles

const abandoned = async (store: Store, deviceId: string): Promise<string> => {
  const { loginId } = await aLogin(store, deviceId)
  await withQrCode(store, loginId, 'of a code')
  turnOf(await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' }))
  return loginId
}

const confirmed = async (
  store: Store,
  deviceId: string,
  profile: Profile,
  of: string = tenant,
): Promise<void> => {
  const { loginId } = await aLogin(store, deviceId, { tenant: of })
  await withQrCode(store, loginId, 'of a code')
  turnOf(await signedIn(store, loginId, profile))
}
