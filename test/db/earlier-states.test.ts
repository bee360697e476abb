// Rows as version 420e0fd saved them: they are claimed, driven on and ended, without what has been told of logins since.

import { type SQL, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Store, Turn } from '../../src/db/store.ts'
import { engines, type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, aProfile, polled, signedIn, tenant, told, turnOf, withQrCode } from './given.ts'

const terms = `"terms":{"strategy":"AUTO","firstMethod":"QR_CODE","deviceType":"IPAD","expectedWcId":null,"started":1800000000000,
  "capabilities":{"announcesScan":true,"announcesCode":false,"sliders":false,"push":true,"provinceRequired":true,
    "qrCodeDies":"BY_CLOCK","poll":"RETURNS","pushAnsweredBy":"POLL","recyclesDevices":true},
  "deadlines":{"starting":90000,"qrCode":215000,"push":180000,"confirmationAtLeast":60000,"code":180000,"verifying":30000,
    "slider":180000,"afterSlider":255000,"whole":900000},
  "firstOnDevice":true,"qrCodesPerHour":6,"recentQrCodes":[],"seenOnline":false,"pauseAtScan":false,"scannedUnconfirmed":0}`
const course = `"deviceType":"IPAD","issuesAllowed":3,"codesSpent":0,
  "health":{"failures":0,"degraded":false,"cause":null,"asOf":null},"sliders":0`
const byQrCode = `"method":"QR_CODE","firstMethod":"QR_CODE","pushed":null,"issues":[1800000000060],"lastLook":null,
  "prompt":{"kind":"QR_CODE","intent":"qr-1","generation":1,"sent":1800000000060,"issued":1800000000300,"expires":1800000215300}`
const back = `"back":{"kind":"AWAITING_CONFIRMATION","deadline":1800000215300,"scanned":true}`

const saved = {
  issuing: `{"format":1,"state":{"kind":"STARTING",${terms},${course},"sequence":1,"method":"QR_CODE",
    "firstMethod":"QR_CODE","pushed":null,"issues":[1800000000060],"deadline":1800000090000,"lastLook":null,"scanned":false,
    "step":{"kind":"ISSUING","failures":0,"intent":{"id":"qr-1","recorded":1800000000060}}}}`,
  scan: `{"format":1,"state":{"kind":"AWAITING_SCAN",${terms},${course},${byQrCode},"sequence":2,"scanned":false,
    "deadline":1800000215300,"renewal":null}}`,
  code: `{"format":1,"state":{"kind":"AWAITING_CODE",${terms},${course},${byQrCode},${back},"sequence":4,"scanned":true,
    "announcedBy":"PERSON","requested":1800000001500,"deadline":1800000181500}}`,
  verifying: `{"format":1,"state":{"kind":"VERIFYING_CODE",${terms},${course},${byQrCode},${back},"sequence":5,"scanned":true,
    "announcedBy":"PERSON","requested":1800000001500,"mark":"m",
    "step":{"kind":"SENT","intent":{"id":"code-1","recorded":1800000002600},"failures":0},
    "lapses":1800000181500,"deadline":1800000032600}}`,
  push: `{"format":1,"state":{"kind":"AWAITING_CONFIRMATION",${terms},${course},"sequence":2,"method":"PUSH",
    "firstMethod":"PUSH","pushed":1800000000060,"issues":[],"scanned":true,"deadline":1800000180060,"paused":false,
    "lastLook":{"failures":0,"degraded":false,"upstreamCode":null,"upstreamMessage":null,"since":1800000180060,"because":"PUSH_EXPIRED"},
    "prompt":{"kind":"PUSH","intent":"push-1","sent":1800000000060,"expires":1800000180060,"answer":"OWED","deadAnswers":0}}}`,
} as const

describe.each(engines)('a login of an earlier version, on %s', engine => {
  test('is claimed in every state, as it stood', () =>
    withStore(engine, async (store, database) => {
      const left = new Map<string, string>()
      for (const [name, row] of Object.entries(saved))
        left.set((await earlier(store, database, row)).loginId, name)
      await store.release()
      const claimed = await store.claim()
      expect(claimed).toHaveLength(left.size)
      for (const { loginId, state } of claimed) {
        const row = JSON.parse(saved[left.get(loginId) as keyof typeof saved]).state
        expect(state).toMatchObject({ kind: row.kind, sequence: row.sequence, method: row.method })
        expect(state.terms).toMatchObject({ ...row.terms, started: expect.any(Number) })
      }
    }))

  test('goes on with what the upstream says, and is confirmed', () =>
    withStore(engine, async (store, database) => {
      const { loginId } = await claimed(store, await earlier(store, database, saved.scan))
      expect(await store.readLogin(tenant, loginId)).toMatchObject({ state: { kind: 'AWAITING_SCAN' } })
      expect(await store.readTarget(loginId)).toMatchObject({ knownHandles: [] })
      await polled(store, loginId, { kind: 'SCANNED', nickName: 'Lin', avatarUrl: null })
      await signedIn(store, loginId)
      expect(await store.readLogin(tenant, loginId)).toMatchObject({
        stateName: 'CONFIRMED',
        confirmedBy: 'QR_CODE',
      })
    }))

  test('answers its own intents, a QR code and a verify code', () =>
    withStore(engine, async (store, database) => {
      const issuing = await claimed(store, await earlier(store, database, saved.issuing))
      const secret = { url: 'https://qr.example/1.png', image: null, content: null }
      const received = { kind: 'QrCodeReceived', intent: 'qr-1', handle: null, secret } as const
      expect(turnOf(await told(store, issuing.loginId, received)).state.kind).toBe('AWAITING_SCAN')
      const verifying = await claimed(store, await earlier(store, database, saved.verifying))
      const answer = { kind: 'SIGNED_IN', profile: aProfile() } as const
      const coded = { kind: 'CodeAnswered', intent: 'code-1', answer } as const
      expect(turnOf(await told(store, verifying.loginId, coded)).state.kind).toBe('CONFIRMED')
    }))

  test('ends by its last look, and by its caller', () =>
    withStore(engine, async (store, database) => {
      const push = await claimed(store, await earlier(store, database, saved.push))
      const looked = turnOf(await polled(store, push.loginId, { kind: 'NOT_SCANNED' }))
      // AUTO: the push came to nothing, the same login goes on with a QR code.
      expect(looked.state).toMatchObject({ kind: 'STARTING', method: 'QR_CODE' })
      const code = await claimed(store, await earlier(store, database, saved.code))
      for (const { loginId } of [push, code])
        await told(store, loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
      for (const { loginId } of [push, code])
        expect(await store.readLogin(tenant, loginId)).toMatchObject({ stateName: 'CANCELLED' })
      expect(await database.rows(sql`select * from device_turn`)).toEqual([])
    }))
})

/** A login whose row reads as it was saved then, begun so long ago that all of it has happened. */
const earlier = async (store: Store, database: TestDatabase, row: string): Promise<Turn> => {
  const started = store.clock.now() - 200_000
  const turn = await aLogin(store, await aDevice(store), { terms: { started } })
  if (!row.includes('STARTING')) await withQrCode(store, turn.loginId)
  const shift = started - 1_800_000_000_000
  const moved = row.replace(/1800000\d{6}/g, moment => String(Number(moment) + shift))
  const { sequence } = JSON.parse(moved).state as { sequence: number }
  const state: SQL = sql`${moved}::jsonb`
  await database.rows(
    sql`update device_turn set state = ${state}, sequence = ${sequence}::int, version = version + 10 where subject_id = ${turn.loginId}`,
  )
  return turn
}

const claimed = async (store: Store, { loginId }: Turn): Promise<Turn> => {
  await store.release()
  const turn = (await store.claim()).find(each => each.loginId === loginId)
  if (turn === undefined) throw new Error('It was not claimed')
  return turn
}
