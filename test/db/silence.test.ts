// What a store makes of answers that never come, or come to nobody: a connection that went silent, one that broke.

import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { openStoreOn } from '../../src/db/open-store.ts'
import type { Store } from '../../src/db/store.ts'
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.ts'
import { aDevice, aLogin, aStart, qrSecret, tenant, told, withQrCode } from './given.ts'
import { type Through, wayTo } from './through.ts'

test('a read on a connection that went silent is asked again on another', async () => {
  await using given = await silenced()
  const { loginId } = await aLogin(given.store, await aDevice(given.store))
  given.way.mute()
  const reads = Array.from({ length: 20 }, () => given.store.readLogin(tenant, loginId))
  expect((await Promise.all(reads)).map(login => login?.id)).toEqual(Array(20).fill(loginId))
})

test('a record whose answer never comes is found recorded, and what waits behind it goes on', async () => {
  await using given = await silenced()
  const { loginId } = await aLogin(given.store, await aDevice(given.store))
  // The statement is known to this connection now: what is said next needs no answer to take effect.
  await withQrCode(given.store, loginId)
  const other = await aLogin(given.store, await aDevice(given.store))
  await told(given.store, other.loginId, {
    kind: 'OnlineChecked',
    began: given.store.clock.now(),
    profile: null,
  })
  given.way.mute()
  const intended = told(given.store, other.loginId, { kind: 'Intended', intent: 'qr' })
  const received = told(given.store, other.loginId, {
    kind: 'QrCodeReceived',
    intent: 'qr',
    handle: null,
    secret: qrSecret,
  })
  expect((await intended).kind).toBe('RECORDED')
  expect((await received).kind).toBe('RECORDED')
  expect((await given.store.readTurn(other.loginId))?.state.kind).toBe('AWAITING_SCAN')
})

test('a transaction on a connection that went silent fails, and the next one is done', async () => {
  await using given = await silenced()
  const deviceId = await aDevice(given.store)
  const change = (label: string) =>
    given.store.updateDevice({ tenant, deviceId, change: { label }, changedBy: 'test' })
  await change('first')
  given.way.mute()
  await expect(change('second')).rejects.toMatchObject({ lost: true })
  await change('third')
  expect((await given.store.readDevices(tenant, [deviceId])).get(deviceId)?.label).toBe('third')
})

test('a start whose answer was lost, of a login that has ended since, answers with that login', async () => {
  await using given = await silenced({ silence: 60_000, grace: 50 })
  const other = await given.database.open()
  await aLogin(given.store, await aDevice(other))
  const wish = aStart(given.store, await aDevice(other))
  given.way.mute()
  const started = given.store.startLogin(wish)
  while ((await other.readLogin(tenant, wish.loginId)) === null) await other.ping()
  await told(other, wish.loginId, { kind: 'CancelAsked', by: 'CANCELLED_BY_CALLER' })
  given.way.cut()
  expect(await started).toEqual({ kind: 'SAME_KEY', loginId: wish.loginId, sameInput: true })
  expect(await given.database.rows(sql`select * from device_turn`)).toHaveLength(1)
})

interface Given extends AsyncDisposable {
  readonly database: TestDatabase
  readonly way: Through
  readonly store: Store
}

/** A store whose connection may go silent, and which does not put up with that for long. */
const silenced = async (patience = { silence: 500, grace: 50 }): Promise<Given> => {
  const database = await freshDatabase('postgres')
  const way = await wayTo(database.url ?? '')
  const connection = await connectPostgres({ url: way.url, statements: 1, patience })
  const store = await openStoreOn(connection, { secret: testSecret })
  return {
    database,
    way,
    store,
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await way[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
