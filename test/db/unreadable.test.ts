import { type SQL, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Store, Turn } from '../../src/db/store.ts'
import { engines, freshDatabase, type TestDatabase, withStore } from '../support/database.ts'
import { aDevice, aLogin, aStart, tenant, withQrCode } from './given.ts'

const minute = 60_000
const spoiled = sql`'{"format": 1, "state": {"kind": "STARTING"}}'`
const newer = sql`'{"format": 2, "state": {"kind": "AWAITING_MOON"}}'`

const listening = () => {
  const told: string[] = []
  return {
    told,
    options: { log: { error: (fields: Record<string, unknown>) => told.push(String(fields.loginId)) } },
  }
}

describe.each(engines)('a turn that cannot be read, on %s', engine => {
  test('stops none of the others, and is told once', async () => {
    const { told, options } = listening()
    await withStore(
      engine,
      async (store, database) => {
        const odd = await aLogin(store, await aDevice(store))
        const plain = await aLogin(store, await aDevice(store))
        await save(database, odd, spoiled)
        await store.release()
        expect((await store.claim()).map(turn => turn.loginId)).toEqual([plain.loginId])
        expect(await store.claim()).toEqual([])
        expect([...(await store.ownedVersions()).keys()]).toEqual([plain.loginId])
        expect(await store.readLogin(tenant, odd.loginId)).toMatchObject({
          stateName: 'STARTING',
          state: null,
        })
        expect(await store.readLogin(tenant, odd.loginId)).toMatchObject({ ended: null })
        expect(told).toEqual([odd.loginId])
      },
      options,
    )
  })

  test('ends with the time that every login has, and its device is free', async () => {
    const { told, options } = listening()
    await withStore(
      engine,
      async (store, database) => {
        const odd = await aLoginOf(store, 16 * minute)
        await withQrCode(store, odd.loginId)
        const young = await aLoginOf(store, 14 * minute)
        await save(database, odd, spoiled)
        await save(database, young, spoiled)
        await store.release()
        expect(await store.claim()).toEqual([])

        const outcome = {
          reason: 'TIMED_OUT',
          upstreamCode: null,
          upstreamMessage: null,
          nextStep: 'START_AGAIN',
        }
        const progress = await store.readProgress(tenant, odd.loginId, 0, 100)
        expect(progress?.events.map(({ sequence, state, body }) => [sequence, state, body.kind])).toEqual([
          [1, 'STARTING', 'LoginStarted'],
          [2, 'AWAITING_SCAN', 'QrCodeIssued'],
          [3, 'EXPIRED', 'LoginEnded'],
        ])
        const last = progress?.events.at(-1)
        expect(last?.body).toEqual({ kind: 'LoginEnded', outcome, confirmedBy: null })
        expect(progress?.login).toMatchObject({
          stateName: 'EXPIRED',
          sequence: 3,
          outcome,
          ended: last?.at,
          updated: last?.at,
          state: null,
        })
        expect(await store.startLogin(aStart(store, odd.deviceId))).toMatchObject({ kind: 'CREATED' })
        expect(await store.startLogin(aStart(store, young.deviceId))).toMatchObject({ kind: 'ACTIVE' })
        expect(told.toSorted()).toEqual([odd.loginId, young.loginId].toSorted())
      },
      options,
    )
  })

  test('and was spoiled while it was owned here, ends as well', () =>
    withStore(
      engine,
      async (store, database) => {
        const odd = await aLoginOf(store, 16 * minute)
        await save(database, odd, spoiled)
        await expect(store.readTurn(odd.loginId)).rejects.toThrow('cannot be read')
        expect(await store.claim()).toEqual([])
        expect(await store.readLogin(tenant, odd.loginId)).toMatchObject({ stateName: 'EXPIRED' })
        expect(await store.readTurn(odd.loginId)).toBeNull()
      },
      listening().options,
    ))

  test('and was written by a newer version, is left to that version while it may live', () =>
    withStore(
      engine,
      async (store, database) => {
        const theirs = await aLoginOf(store, 14 * minute)
        const over = await aLoginOf(store, 16 * minute)
        await store.release()
        await save(database, theirs, newer)
        await save(database, over, newer)
        expect(await store.claim()).toEqual([])
        expect(await database.rows(sql`select subject_id as id, owner, epoch from device_turn`)).toEqual([
          { id: theirs.loginId, owner: null, epoch: theirs.epoch },
        ])
        expect(await store.readLogin(tenant, over.loginId)).toMatchObject({
          outcome: { reason: 'TIMED_OUT' },
        })
      },
      listening().options,
    ))
})

test('a turn of a newer version that a living instance drives is nobody else’s, on postgres', async () => {
  await using database = await freshDatabase('postgres')
  const { options } = listening()
  const newest = await database.open({ instanceId: 'newest', ...options })
  const old = await database.open({ instanceId: 'old', ...options })
  const turn = await aLoginOf(newest, 16 * minute)
  await save(database, turn, newer)
  expect(await old.claim()).toEqual([])
  await expect(old.readTurn(turn.loginId)).rejects.toThrow('cannot be read')
  expect(await old.claim()).toEqual([])
  expect(await database.rows(sql`select owner, epoch from device_turn`)).toEqual([
    { owner: 'newest', epoch: turn.epoch },
  ])
})

/** One that began so many milliseconds ago. */
const aLoginOf = async (store: Store, age: number): Promise<Turn> =>
  await aLogin(store, await aDevice(store), { terms: { started: store.clock.now() - age } })

const save = async (database: TestDatabase, { loginId }: Turn, state: SQL) => {
  await database.rows(sql`update device_turn set state = ${state}::jsonb where subject_id = ${loginId}`)
}
