// Logins in batches: all of them, in order, and also where a batch runs out of its time.

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { DatabaseError } from '../../src/db/errors.ts'
import type { LoginFilter, MomentCursor } from '../../src/db/filters.ts'
import type { Store } from '../../src/db/store.ts'
import { batchSize, type StreamedLogin } from '../../src/db/stream-logins.ts'
import { type StreamPlace, streamed } from '../../src/db/stream-windows.ts'
import { pastLogins } from '../server/exporting.ts'
import { engines, withStore } from '../support/database.ts'
import { aDevice, aLogin, tenant, withQrCode } from './given.ts'

const gathered = async <Row>(batches: AsyncIterable<readonly Row[]>): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

const streamFrom = (store: Store, after: MomentCursor | null = null, where: LoginFilter = {}) =>
  gathered(store.streamLogins(tenant, where, 'STARTED_AT_ASC', after))

describe.each(engines)('a stream of logins on %s', engine => {
  test('has as many as there are, also where they fill their batches exactly', () =>
    withStore(engine, async (store, database) => {
      expect(await streamFrom(store)).toEqual([])
      const deviceId = await aDevice(store)
      await pastLogins(database, deviceId, 2 * batchSize)
      const rows = await streamFrom(store)
      expect(rows).toHaveLength(2 * batchSize)
      expect(new Set(rows.map(row => row.id)).size).toBe(rows.length)
      const inOrder = rows.toSorted(
        (one, other) => one.started - other.started || (one.id < other.id ? -1 : 1),
      )
      expect(rows).toEqual(inOrder)
      const backward = await gathered(store.streamLogins(tenant, {}, 'STARTED_AT_DESC', null))
      expect(backward).toEqual(rows.toReversed())
    }))

  test('goes on behind a login, also one that is there no more', () =>
    withStore(engine, async (store, database) => {
      await pastLogins(database, await aDevice(store), 100)
      const rows = await streamFrom(store)
      const at = rows[41]
      if (at === undefined) throw new Error('Too few logins')
      const after = { at: at.started, id: at.id }
      expect(await streamFrom(store, after)).toEqual(rows.slice(42))
      await database.rows(sql`delete from login where id = ${at.id}`)
      expect(await streamFrom(store, after)).toEqual(rows.slice(42))
    }))

  test('has a live one as it stands, and as its row says where its state cannot be read', () =>
    withStore(engine, async (store, database) => {
      const { loginId } = await aLogin(store, await aDevice(store))
      await withQrCode(store, loginId)
      // The row of a login tells of milestones; whatever it says, the turn is what the login is driven by.
      await database.rows(sql`update login set state = 'STARTING', first_method = null`)
      const [asItStands] = await streamFrom(store)
      expect(asItStands).toMatchObject({
        id: loginId,
        state: 'AWAITING_SCAN',
        firstMethod: 'QR_CODE',
        ended: null,
      })
      await database.rows(sql`update device_turn set state = '{"format": "of another world"}'`)
      expect(await streamFrom(store)).toMatchObject([{ id: loginId, state: 'STARTING', ended: null }])
    }))
})

/** Ten thousand logins, one every ten seconds or so; a statement over more than `span` of them runs out of its time. */
const slowly = (span: number, where: (login: Login) => boolean, limit = 50) => {
  const all: readonly Login[] = Array.from({ length: 10_000 }, (_, n) => ({
    id: String(n).padStart(5, '0'),
    started: 1_000_000 + Math.floor(n / 3) * 30_000,
  }))
  const statements = { sent: 0, tooLong: 0 }
  const run = (
    direction: 'ASC' | 'DESC',
    given: LoginFilter,
    after: MomentCursor | null = null,
    signal?: AbortSignal,
  ) =>
    gathered(
      streamed<Login>({
        direction,
        limit,
        place: { where: given, after },
        signal,
        first: async () => 1_000_000,
        read: async ({
          where: { startedFrom = 0, startedTo = Number.POSITIVE_INFINITY },
          after,
        }: StreamPlace) => {
          statements.sent++
          const ordered = direction === 'ASC' ? all : all.toReversed()
          const range = ordered.filter(({ started, id }) => {
            if (started < startedFrom || started >= startedTo) return false
            if (after === null) return true
            const order = started - after.at || (id < after.id ? -1 : id > after.id ? 1 : 0)
            return direction === 'ASC' ? order > 0 : order < 0
          })
          const found: Login[] = []
          for (const [looked, login] of range.entries()) {
            if (looked >= span) {
              statements.tooLong++
              throw new DatabaseError('canceled', {
                code: '57014',
                constraint: null,
                lost: false,
                tooExpensive: true,
              })
            }
            if (where(login)) found.push(login)
            if (found.length === limit) break
          }
          return found
        },
      }),
    )
  return { all, statements, run }
}

type Login = Pick<StreamedLogin, 'id' | 'started'>

describe('a stream whose statements find the database busy', () => {
  const busy = new DatabaseError('Too many wait', { code: null, constraint: null, lost: false, busy: true })
  const rows: readonly Login[] = [1, 2, 3].map(n => ({ id: String(n), started: n }))
  const run = (busyAt: number) => {
    let asked = 0
    return gathered(
      streamed<Login>({
        direction: 'ASC',
        limit: 1,
        place: { where: {}, after: null },
        first: async () => 1,
        read: async ({ after }: StreamPlace) => {
          asked += 1
          if (asked === busyAt) throw busy
          return rows.filter(({ started }) => started > (after?.at ?? 0)).slice(0, 1)
        },
      }),
    )
  }

  test('waits once more in the middle, and is told so where it has nothing yet', async () => {
    expect(await run(2)).toEqual(rows)
    await expect(run(1)).rejects.toBe(busy)
  })
})

describe.each(['ASC', 'DESC'] as const)('a stream %s whose statements run out of time', direction => {
  const inOrder = (logins: readonly Login[]) => (direction === 'ASC' ? logins : logins.toReversed())
  const rare = ({ id }: Login) => Number(id) % 997 === 5

  test('ends without an error where nobody waits for the rest, in the middle of a search that finds nothing', async () => {
    const gone = new AbortController()
    const { statements, run } = slowly(2_000, ({ id }) => {
      if (id === '05000') gone.abort()
      return false
    })
    expect(await run(direction, {}, null, gone.signal)).toEqual([])
    const { sent } = statements
    const whole = slowly(2_000, () => false)
    await whole.run(direction, {})
    expect(sent).toBeLessThan(whole.statements.sent)
  })

  test('is answered in shorter stretches, whole, and longer ones again where there is room', async () => {
    for (const given of [{}, { startedFrom: 40_000_000 }, { startedTo: 60_000_000 }] as const) {
      const { all, statements, run } = slowly(2_000, rare)
      const { startedFrom = 0, startedTo = Number.POSITIVE_INFINITY } = given as LoginFilter
      const fitting = all.filter(
        login => rare(login) && login.started >= startedFrom && login.started < startedTo,
      )
      expect(await run(direction, given)).toEqual(inOrder(fitting))
      expect(statements.sent).toBeLessThan(80)
    }
  })

  test('goes on behind a cursor, and on the edge of a stretch loses none of one moment', async () => {
    const { all, run } = slowly(300, () => true, 7)
    const ordered = inOrder(all)
    const at = ordered[4_321]
    if (at === undefined) throw new Error('Too few logins')
    expect(await run(direction, { startedTo: 200_000_000 }, { at: at.started, id: at.id })).toEqual(
      ordered.slice(4_322),
    )
  })

  test('gives up where not even a second can be read', async () => {
    const { run } = slowly(0, rare)
    await expect(run(direction, {})).rejects.toMatchObject({ tooExpensive: true })
  })
})
