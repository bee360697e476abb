// COPY on both engines: every text comes back as it was, a refusal is told, and nothing of a transaction that failed is there.

import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { BulkSession, Connection } from '../../src/db/connection/connection.ts'
import { copyInto } from '../../src/db/copy.ts'
import { momentText } from '../../src/db/copy-text.ts'
import { device } from '../../src/db/tables/device.ts'
import { loginEvent } from '../../src/db/tables/login-event.ts'
import { withoutIndexes } from '../../src/db/without-indexes.ts'
import { type EngineName, engines, freshDatabase } from '../support/database.ts'

const texts = [
  '',
  ' ',
  '\\',
  '\\N',
  '\\.',
  '\t',
  '\n',
  '\r\n',
  'a\tb\nc\\d\re',
  '\\t\\n',
  '"quoted", and; more',
  '=1+1',
  '👨‍👩‍👧🇨🇳',
  'سارة العلي ‮abc‬',
  '\u2028\u0007\u001b[0m',
  '你好'.repeat(2_000),
]

const aDevice = (label: string | null, number: number): typeof device.$inferSelect => ({
  id: `0198c3a0-0000-7000-8000-${String(number).padStart(12, '0')}`,
  tenant: 'default',
  provider: 'demo',
  deviceKey: `key ${number}`,
  upstreamId: `upstream ${number}`,
  label,
  deviceType: 'IPAD',
  province: null,
  city: null,
  proxyHost: null,
  proxyPort: null,
  proxyUsername: null,
  proxyPassword: new Uint8Array([0, 9, 10, 13, 92, 255]),
  ttuid: null,
  accountId: null,
  knownWcId: null,
  instanceId: null,
  resetRequired: true,
  inputHash: '',
  created: Date.UTC(2026, 1, 28, 23, 59, 59, 999),
  exitChanged: 0,
  lastLogin: -1,
  lastSeenSignedIn: null,
  retired: null,
  reset: null,
  version: -2_147_483_648,
  settingsVersion: 1,
})

const devices = copyInto(device)

const on = async (engine: EngineName, work: (connection: Connection) => Promise<void>): Promise<void> => {
  await using database = await freshDatabase(engine)
  await work(await database.connect())
}

describe.each(engines)('copying on %s', engine => {
  it('keeps every value as it is', () =>
    on(engine, async connection => {
      const rows = [...texts, null].map(aDevice)
      await connection.bulk(session => devices.copy(session, rows))
      const found = await connection.db.select().from(device).orderBy(device.id)
      expect(found.map(row => ({ ...row, proxyPassword: new Uint8Array(row.proxyPassword ?? []) }))).toEqual(
        rows,
      )
    }))

  it('keeps JSON as it is', () =>
    on(engine, async connection => {
      const rows = texts.map((upstreamMessage, index) => ({
        loginStartedMonth: '2026-03-01',
        loginId: aDevice(null, index).id,
        sequence: 1,
        tenant: 'default',
        type: 'LoginEnded' as const,
        state: 'FAILED' as const,
        body: { outcome: { upstreamMessage }, [upstreamMessage]: [null, 1.5, true] },
        at: 1_700_000_000_123,
      }))
      await connection.bulk(session => copyInto(loginEvent).copy(session, rows))
      expect(await connection.db.select().from(loginEvent).orderBy(loginEvent.loginId)).toEqual(rows)
    }))

  it('takes what is larger than any buffer', () =>
    on(engine, async connection => {
      const rows = Array.from({ length: 3_000 }, (_, number) => aDevice('你好\t'.repeat(300), number))
      await connection.bulk(session => devices.copy(session, rows))
      expect(
        await connection.rows(sql`select count(*)::int as count, min(label) as label from device`),
      ).toEqual([{ count: 3_000, label: '你好\t'.repeat(300) }])
    }))

  it('overwrites what is there by id, and leaves the rest', () =>
    on(engine, async connection => {
      await connection.bulk(session => devices.copy(session, [aDevice('a', 1), aDevice('b', 2)]))
      await connection.bulk(session => devices.overwrite(session, [aDevice('now', 2), aDevice('new', 3)]))
      expect(await connection.rows(sql`select label from device order by id`)).toEqual([
        { label: 'a' },
        { label: 'now' },
        { label: 'new' },
      ])
    }))

  it('tells of a key that is there already, whichever row it is, and writes nothing of that transaction', () =>
    on(engine, async connection => {
      await connection.bulk(session => devices.copy(session, [aDevice('first', 1)]))
      const twice = connection.bulk(async session => {
        await devices.copy(session, [aDevice('other', 2)])
        await devices.copy(session, [aDevice('other', 3), aDevice('again', 1)])
      })
      await expect(twice).rejects.toMatchObject({
        name: 'DatabaseError',
        code: '23505',
        constraint: 'device_pkey',
      })
      expect(await connection.rows(sql`select label from device`)).toEqual([{ label: 'first' }])
    }))

  it('tells of what is found only after the last row', () =>
    on(engine, async connection => {
      const orphan = connection.bulk(session =>
        devices.copy(session, [{ ...aDevice('orphan', 1), accountId: aDevice(null, 9).id }]),
      )
      await expect(orphan).rejects.toMatchObject({ code: '23503', constraint: 'device_account' })
      expect(await connection.rows(sql`select label from device`)).toEqual([])
    }))

  it('writes nothing where its work fails on the way', () =>
    on(engine, async connection => {
      const failing = connection.bulk(async session => {
        await devices.copy(session, [aDevice('a', 1)])
        throw new Error('on the way')
      })
      await expect(failing).rejects.toThrow('on the way')
      expect(await connection.rows(sql`select label from device`)).toEqual([])
    }))
})

describe.each(engines)('indexes that are made at the end, on %s', engine => {
  const tables = ['login', 'scanner', 'sign_in', 'presence_change', 'device']
  const standing = async (connection: Connection) => [
    ...(await connection.rows(sql`
      select tablename, indexname, indexdef from pg_indexes where schemaname = 'public' order by 1, 2`)),
    ...(await connection.rows(sql`
      select conrelid::regclass::text as of, conname, pg_get_constraintdef(oid) as is, convalidated
      from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`)),
  ]
  const left = (session: BulkSession) =>
    session.rows(
      sql`select indexname from pg_indexes where tablename = 'login' and indexname <> 'login_pkey'`,
    )

  it('are those that were there, and what they hold is asked of every row', () =>
    on(engine, async connection => {
      const before = await standing(connection)
      await connection.bulk(session =>
        withoutIndexes(session, tables, async () => {
          expect(await left(session)).toEqual([])
          await devices.copy(session, [aDevice('a', 1)])
        }),
      )
      expect(await standing(connection)).toEqual(before)
      const orphan = connection.bulk(session =>
        withoutIndexes(session, tables, () =>
          devices.copy(session, [{ ...aDevice('orphan', 2), accountId: aDevice(null, 9).id }]),
        ),
      )
      await expect(orphan).rejects.toMatchObject({ code: '23503', constraint: 'device_account' })
      expect(await standing(connection)).toEqual(before)
      expect(await connection.rows(sql`select label from device`)).toEqual([{ label: 'a' }])
    }))
})

describe('a session that is killed', () => {
  it('is told of, and what follows does not go past the transaction', async () => {
    await using database = await freshDatabase('postgres')
    const connection = await database.connect()
    // When exactly its end is heard of differs, and some of that once left it waiting for ever.
    for (let round = 0; round < 6; round += 1) {
      const killed = connection.bulk(async session => {
        await devices.copy(session, [aDevice('before', 1)])
        const [me] = await session.rows<{ pid: number }>(sql`select pg_backend_pid() as pid`)
        await connection.rows(sql`select pg_terminate_backend(${me?.pid}::int)`)
        await devices.copy(session, [aDevice('after', 2)]).catch(() => {})
        await devices.copy(session, [aDevice('and again', 3)])
      })
      await expect(killed).rejects.toMatchObject({ name: 'DatabaseError', lost: true })
    }
    expect(await connection.rows(sql`select label from device`)).toEqual([])
  })
})

describe('the text of COPY', () => {
  it('spells moments as they are', () => {
    for (const at of [0, 1, 999, 1_000, Date.UTC(2026, 1, 28, 23, 59, 59, 999), 1_763_700_000_007, -1])
      expect(Date.parse(momentText(at).replace('+00', 'Z').replace(' ', 'T'))).toBe(at)
  })

  it('refuses a NUL, which no text of Postgres holds', async () => {
    await using database = await freshDatabase('pglite')
    const connection = await database.connect()
    await expect(connection.bulk(session => devices.copy(session, [aDevice('a\0b', 1)]))).rejects.toThrow(
      'NUL',
    )
  })
})
