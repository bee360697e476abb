import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { connectPostgres } from '../../src/db/connection/postgres.ts'
import { DatabaseError, DatabaseUnusableError } from '../../src/db/errors.ts'
import { openStore } from '../../src/db/open-store.ts'
import { freshDatabase, testSecret } from '../support/database.ts'
import { aDevice, aLogin, scanned, tenant, withQrCode } from './given.ts'

test('transactions begin while two thousand reads are in flight', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  const devices = await Promise.all(Array.from({ length: 20 }, () => aDevice(store)))
  const { loginId } = await aLogin(store, await aDevice(store))
  const reads = Array.from({ length: 2_000 }, () => store.readProgress(tenant, loginId, 0, 100))
  const changes = devices.map(deviceId =>
    store.updateDevice({ tenant, deviceId, change: { label: 'changed' }, changedBy: 'test' }),
  )
  const written = withQrCode(store, loginId).then(() => scanned(store, loginId))
  expect((await Promise.all(changes)).map(changed => changed !== 'BUSY' && changed?.device.label)).toEqual(
    devices.map(() => 'changed'),
  )
  expect((await written).kind).toBe('RECORDED')
  const found = await Promise.all(reads)
  expect(found.every(progress => progress?.login.id === loginId)).toBe(true)
})

test('a server that is not there is told in one sentence, without the password', async () => {
  const opening = openStore({
    engine: { kind: 'postgres', url: 'postgres://lin:open-sesame@127.0.0.1:1/gatehouse' },
    secret: testSecret,
  })
  await expect(opening).rejects.toBeInstanceOf(DatabaseUnusableError)
  await expect(opening).rejects.toThrow(
    'The database at 127.0.0.1:1/gatehouse cannot be used (ECONNREFUSED): check DATABASE_URL and that the server is running.',
  )
})

test('a pooler that refuses limits is told as what it is, with where to read on', async () => {
  const told = ['SFATAL', 'C08P01', 'Munsupported startup parameter: statement_timeout', ''].join('\0')
  const pooler = createServer(socket => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(4 + Buffer.byteLength(told) + 1)
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, Buffer.from(`${told}\0`)])))
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(pooler, 'listening')
  const { port } = pooler.address() as AddressInfo
  try {
    await expect(
      openStore({
        engine: { kind: 'postgres', url: `postgres://lin@127.0.0.1:${port}/gatehouse` },
        secret: testSecret,
      }),
    ).rejects.toThrow('PgBouncer must let through what the gateway sets, see docs/lists.md')
  } finally {
    pooler.close()
  }
})

test('a refused statement is told without its parameters', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  const failed = await store
    .keepPicture(tenant, { bytes: new Uint8Array(), type: 'ima\0ge' })
    .catch(error => error)
  expect(failed).toBeInstanceOf(DatabaseError)
  expect(JSON.stringify([failed, String(failed), failed.cause ?? null])).not.toContain('insert into')
  expect(failed.code).toBe('22021')
})

test('rows by the million and migrations have no limit, whatever the database sets for others', async () => {
  await using database = await freshDatabase('postgres')
  const url = new URL(database.url ?? '')
  await database.rows(sql.raw(`alter database ${url.pathname.slice(1)} set statement_timeout = 50`))
  const connection = await connectPostgres({ url: url.href, statements: 1 })
  try {
    await connection.migrate()
    expect(await connection.bulk(session => session.rows(sql`select pg_sleep(0.1)::text as slept`))).toEqual([
      { slept: '' },
    ])
  } finally {
    await connection.close()
  }
})

test('connections name the program', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  await store.ping()
  const names = await database.rows<{ name: string }>(sql`
    select distinct application_name as name from pg_stat_activity where datname = current_database()`)
  expect(names).toEqual([{ name: 'gatehouse' }])
})

test('reads go on when every connection is killed', async () => {
  await using database = await freshDatabase('postgres')
  const store = await database.open()
  const { loginId } = await aLogin(store, await aDevice(store))
  await Promise.all(Array.from({ length: 20 }, () => store.readLogin(tenant, loginId)))
  for (let round = 0; round < 5; round += 1) {
    const kill = await database.connections()
    const [found] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => store.readLogin(tenant, loginId))),
      kill(),
    ])
    expect(found.every(login => login?.id === loginId)).toBe(true)
    expect((await store.readTurn(loginId))?.loginId).toBe(loginId)
  }
})
